"""Six renderers of Markdown with everything switched on that may make something act, and what they make."""

from collections.abc import Callable
from html.parser import HTMLParser

import cmarkgfm
import marko
import mistune
from cmarkgfm.cmark import Options
from markdown import markdown
from markdown_it import MarkdownIt

RENDERERS: dict[str, Callable[[str], str]] = {
    "markdown-it, CommonMark with HTML": MarkdownIt("commonmark", {"html": True}).render,
    "markdown-it with linkify, tables and typography": MarkdownIt(
        "gfm-like", {"html": True, "linkify": True, "typographer": False}
    ).render,
    "GitHub's cmark with autolinks": lambda text: cmarkgfm.github_flavored_markdown_to_html(
        text, Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    ),
    "mistune with urls, footnotes and more": mistune.create_markdown(  # type: ignore[dict-item]
        escape=False,
        plugins=["strikethrough", "footnotes", "table", "url", "task_lists", "def_list", "abbr", "mark"],
    ),
    "Python-Markdown with its extras": lambda text: markdown(
        text, extensions=["extra", "admonition", "nl2br", "sane_lists", "toc", "wikilinks", "meta"]
    ),
    "marko with GitHub's extension": marko.Markdown(extensions=["gfm", "footnote"]).convert,
}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        acting = [f" {name}={value}" for name, value in attrs if name not in ("id", "class")]
        self.elements.append(tag + "".join(acting))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.elements.append("declaration")

    def unknown_decl(self, data: str) -> None:
        self.elements.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.elements.append("instruction")


def page_of(html: str) -> tuple[list[str], str]:
    """The elements of a page in their order, with what their attributes say, but for code; and its words."""
    page = _Page()
    page.feed(html)
    page.close()
    return [element for element in page.elements if element != "code"], " ".join("".join(page.text).split())
