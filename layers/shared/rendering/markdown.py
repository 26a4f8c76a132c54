"""Blocks as Markdown, for GitHub, chats, wikis and whatever else reads it.

Words that are no plain prose stand in code spans, in which no renderer looks for markup, links or mentions;
commands stand in indented blocks, which no text can end.
"""

from collections.abc import Iterable

from rendering.blocks import (
    Block,
    Bullets,
    Code,
    CodeBlock,
    Heading,
    Inline,
    Line,
    Link,
    Paragraph,
    Strong,
)
from rendering.words import code_lines, one_line, runs

BACKTICK = "&#96;"


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks in their order, a blank line between any two."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_text(text)}"
        case Paragraph(line):
            return _line(line)
        case Bullets(items):
            return "\n".join(f"- {_line(item)}" for item in items)
        case CodeBlock(text):
            return "\n".join(f"    {line}" if line.strip() else "" for line in code_lines(text))


def _line(line: Line) -> str:
    return " ".join(_inline(part, at_start=not place) for place, part in enumerate(line))


def _inline(part: Inline, *, at_start: bool) -> str:
    match part:
        case Strong(text):
            return f"**{_text(text)}**"
        case Code(text):
            return _code(text)
        case Link(words, url):
            return f"[{_text(words)}]({url})"
        case str():
            return _text(part, at_start=at_start)


def _text(text: str, *, at_start: bool = True) -> str:
    """One line of plain text in which nothing acts."""
    parts = runs(one_line(text), at_start=at_start)
    return "".join(part if is_prose else _code(part) for part, is_prose in parts)


def _code(text: str) -> str:
    """Spans of one backtick each, with the backticks between them: renderers disagree about longer ones."""
    return BACKTICK.join(f"`{part}`" if part.strip() else part for part in text.split("`"))
