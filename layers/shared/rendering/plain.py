"""Blocks as plain text, for e-mail.

Mail programs make links of whatever looks like an address, and nothing but the characters can keep them from
it: an invisible joiner parts what they look for, in commands too, and where it did that is said.
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
from rendering.words import code_lines, one_line, unlinked

PARTED = "(An invisible character keeps a name or address in it from being a link: copy it from the ticket.)"


def plain(blocks: Iterable[Block]) -> str:
    """The blocks in their order, a blank line between any two."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            line = _text(text)
            return f"{line}\n{'-' * min(len(line), 72)}"
        case Paragraph(line):
            return _line(line)
        case Bullets(items):
            return "\n".join(f"- {_line(item)}" for item in items)
        case CodeBlock(text):
            lines = code_lines(text)
            shown = [unlinked(line) for line in lines]
            code = "\n".join(f"    {line}".rstrip() for line in shown)
            return code if shown == lines else f"{code}\n\n{PARTED}"


def _line(line: Line) -> str:
    return " ".join(map(_inline, line))


def _inline(part: Inline) -> str:
    match part:
        case Strong(text) | Code(text):
            return _text(text)
        case Link(words, url):
            return f"{_text(words)}: {url}"
        case str():
            return _text(part)


def _text(text: str) -> str:
    return unlinked(one_line(text))
