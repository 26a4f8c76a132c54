"""Blocks, and whatever else stands on a page, as HTML that runs nothing.

A text is escaped where it is put into an element, and only what `tag` has made is taken as it is: so there is
no place where one could be forgotten. What hides or reorders other text is taken out of every text.
"""

from collections.abc import Iterable
from html import escape

from rendering.blocks import Block, Bullets, Code, CodeBlock, Heading, Inline, Line, Link, Paragraph, Strong
from rendering.words import code_lines, one_line


class Html(str):
    """Markup that `tag` or `joined` has made."""

    __slots__ = ()


Content = Html | str | None
SPACE = Html(" ")
"""Between two elements in a line: a text's own blanks at its ends are taken away."""
EMPTY = frozenset({"input", "line", "circle", "polyline", "path", "rect"})
"""Elements that end where they begin."""


def tag(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Html:
    """An element; `class_` is written as class, `aria_label` as aria-label; None and False are left out."""
    written = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(one_line(str(value)))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inner = joined(*content)
    return Html(f"<{name}{written}/>" if name in EMPTY else f"<{name}{written}>{inner}</{name}>")


def joined(*content: Content) -> Html:
    """One after the other; texts in one line each, and escaped."""
    return Html("".join(part if isinstance(part, Html) else text(part) for part in content if part))


def text(value: str) -> Html:
    """A text in one line in which nothing acts."""
    return Html(escape(one_line(value)))


def lines(value: str) -> Html:
    """A text with its line ends, for an element that keeps them."""
    return Html(escape("\n".join(code_lines(value))))


def html(blocks: Iterable[Block]) -> Html:
    """The blocks in their order; a heading of level 2 is one of 3 here, for the page has its own above."""
    return joined(*map(_block, blocks))


def _block(block: Block) -> Html:
    match block:
        case Heading(words, level):
            return tag(f"h{level + 1}", words, dir="auto")
        case Paragraph(line):
            return tag("p", _line(line), dir="auto")
        case Bullets(items):
            return tag("ul", *(tag("li", _line(item), dir="auto") for item in items))
        case CodeBlock(code):
            return tag("pre", tag("code", lines(code)))


def _line(line: Line) -> Html:
    return Html(" ".join(map(_inline, line)))


def _inline(part: Inline) -> Html:
    match part:
        case Strong(words):
            return tag("strong", words)
        case Code(words):
            return tag("code", words)
        case Link(words, url):
            return link(words, url)
        case str():
            return text(part)


def link(words: str, url: str) -> Html:
    """A link to an address that links.py made; just the words where it could make none."""
    return tag("a", words, href=url, target="_blank", rel="noopener") if url else text(words)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
