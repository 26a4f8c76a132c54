"""Blocks as the Markdown that Teams shows, for a custom notification of Amazon Q Developer.

Teams knows a part of Markdown: no heading, and a mention is `<at>...</at>`. So a heading is a line that
stands out, each line of a command a code span of its own, and an invisible joiner parts what might be made a
mention, a tag or a link: a code span alone protects only as long as nothing else reads the text before.
"""

import re
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
from rendering.words import ADDRESS, JOINER, LINKED, code_lines, one_line, runs, unlinked

BACKTICK = "\u02cb"
"""Looks like a backtick, and ends no code."""
TAG = re.compile(r"(?<=<)(?=[/!?\w])")
PARTED = "An invisible character keeps a part of it from being a link or a tag: copy it from the ticket."


def teams(blocks: Iterable[Block]) -> str:
    """The blocks in their order, a blank line between any two."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"**{_text(text)}**"
        case Paragraph(line):
            return _line(line)
        case Bullets(items):
            return "\n".join(f"- {_line(item)}" for item in items)
        case CodeBlock(text):
            lines = [line for line in code_lines(text) if line.strip()]
            shown = [f"`{_parted(line, ADDRESS)}`" for line in lines]
            note = [PARTED] if JOINER in "".join(shown) else []
            return "\n\n".join([*shown, *note])


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
    parts = runs(one_line(text), at_start=at_start)
    return "".join(part if is_prose else _code(part) for part, is_prose in parts)


def _code(text: str) -> str:
    """A code span, its blanks outside of it: one that begins or ends with a blank is none to some."""
    core = text.strip(" ")
    before, after = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    return f"{before}`{_parted(core, LINKED)}`{after}" if core else text


def _parted(text: str, links: re.Pattern[str]) -> str:
    return unlinked(TAG.sub(JOINER, text), links).replace("`", BACKTICK)
