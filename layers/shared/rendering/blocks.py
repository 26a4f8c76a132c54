"""What a text for people is made of, wherever it is read; each place has a module that writes these blocks.

Every `str` in a block is untrusted: a model wrote it, which read data that anybody may have written. Only the
kinds of blocks, `Strong` and `Link` act, and only code of ours makes those.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Strong:
    """Words of ours, or the headline, that stand out: no other text can look like them."""

    text: str


@dataclass(frozen=True)
class Code:
    """A name that is typed as it stands."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link to an address that links.py made, under words of ours."""

    words: str
    url: str


Inline = str | Strong | Code | Link
Line = tuple[Inline, ...]
"""One line, whatever line ends its texts hold; its parts are set off by a blank."""


@dataclass(frozen=True)
class Heading:
    """A heading, of level 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A line that stands by itself."""

    line: Line


@dataclass(frozen=True)
class Bullets:
    """A list without order, never empty."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class CodeBlock:
    """Lines to be run or copied as they stand."""

    text: str


def texts_of(blocks: Iterable["Block"]) -> Iterator[str]:
    """Every text in them, as it was given."""
    for block in blocks:
        match block:
            case Heading(text) | CodeBlock(text):
                yield text
            case Paragraph(line):
                yield from _texts_of(line)
            case Bullets(items):
                for item in items:
                    yield from _texts_of(item)


def _texts_of(line: Line) -> Iterator[str]:
    for part in line:
        match part:
            case Strong(text) | Code(text):
                yield text
            case Link(words, url):
                yield words + url
            case str():
                yield part


Block = Heading | Paragraph | Bullets | CodeBlock
"""No table: two of four places have none, and the others escape what parts its cells in ways of their own."""
