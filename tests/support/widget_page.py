"""A page of the board as a browser reads it: its elements, what can be pressed, what is read out.

What CloudWatch lets a widget have is its page "Details about custom widgets": no script, frame or `use`.
"""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from rendering.links import CONSOLE

STRUCTURE = {
    *("section", "nav", "header", "form", "article", "details", "summary", "figure", "figcaption"),
    *("h2", "h3", "h4", "p", "div", "span", "strong", "code", "pre", "ul", "ol", "li", "dl", "dt", "dd"),
    *(
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "time",
        "a",
        "button",
        "label",
        "select",
        "option",
        "input",
    ),
}
DRAWING = {"svg", "title", "line", "text", "polyline", "circle"}
ELEMENTS = {*STRUCTURE, *DRAWING, "style", "cwdb-action"}
ATTRIBUTES: dict[str, set[str]] = {
    "": {"class", "dir", "role", "id", "aria-label", "aria-labelledby"},
    "a": {"href", "target", "rel"},
    "button": {"type"},
    "cwdb-action": {"action", "display", "endpoint", "confirmation"},
    "input": {"type", "name", "maxlength", "placeholder"},
    "li": {"value"},
    "option": {"value", "selected"},
    "select": {"name"},
    "th": {"scope"},
    "time": {"datetime", "title"},
    "svg": {"viewbox"},
    "line": {"x1", "x2", "y1", "y2"},
    "text": {"x", "y", "text-anchor"},
    "polyline": {"points"},
    "circle": {"cx", "cy", "r"},
}
"""Of every element, then of some; names in lower case, as a parser has them."""
VOID = {"input", "line", "polyline", "circle"}


@dataclass
class Element:
    """One element; `text` is all that stands in it."""

    name: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True)
class Button:
    """What can be pressed: its name, what it calls the widget with, and the question before that."""

    name: str
    call: dict[str, Any]
    endpoint: str
    question: str


@dataclass
class Page(HTMLParser):
    """The elements in their order. Raises AssertionError for one that is not closed where it should be."""

    markup: str
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.markup)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), attrs
        element = Element(tag, attributes, tuple(each.name for each in self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().name == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def named(self, name: str) -> list[Element]:
        return [each for each in self.elements if each.name == name]

    @property
    def text(self) -> str:
        """What is read, without the style sheet and what the buttons call with."""
        return " ".join(
            each.text
            for each in self.elements
            if each.name not in ("style", "cwdb-action") and not each.parents
        )

    @property
    def words(self) -> str:
        """The same without the parameters of buttons, in one line."""
        text = self.text
        for action in self.named("cwdb-action"):
            text = text.replace(action.text, " ", 1)
        return " ".join(text.split())

    @property
    def buttons(self) -> list[Button]:
        """Each is the element before its action."""
        found = []
        for before, action in pairwise(self.elements):
            if action.name == "cwdb-action":
                assert before.name == "button"
                attributes = action.attributes
                found.append(
                    Button(
                        before.attributes.get("aria-label", before.text),
                        json.loads(action.text),
                        attributes["endpoint"],
                        attributes.get("confirmation", ""),
                    )
                )
        assert len(found) == len(self.named("cwdb-action")) == len(self.named("button"))
        return found

    def button(self, name: str) -> Button:
        [found] = [each for each in self.buttons if each.name.startswith(name)]
        return found

    def check(self) -> "Page":
        """Nothing acts that may not, and everything can be used without eyes and without a mouse."""
        for each in self.elements:
            assert each.name in ELEMENTS, each
            allowed = (
                ATTRIBUTES[""]
                | ATTRIBUTES.get(each.name, set())
                | ({"class"} if each.name in DRAWING else set())
            )
            assert each.attributes.keys() <= allowed, each
        for link in self.named("a"):
            assert link.attributes["href"].startswith(f"{CONSOLE}/")
            assert link.text.strip()
        for button in self.buttons:
            assert button.name.strip()
            assert button.call["view"] in ("list", "ticket", "report")
        for head in self.named("th"):
            assert head.attributes["scope"] in ("row", "col")
        for table in (*self.named("table"), *self.named("section"), *self.named("nav"), *self.named("form")):
            assert table.attributes["aria-label"].strip()
        for field_ in (*self.named("input"), *self.named("select")):
            assert "label" in field_.parents
        for drawing in self.named("svg"):
            assert drawing.attributes["role"] == "img"
        ids = [each.attributes["id"] for each in self.elements if "id" in each.attributes]
        assert len(ids) == len(set(ids))
        levels = [int(each.name[1]) for each in self.elements if each.name in ("h2", "h3", "h4")]
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
        assert levels[:1] == [2]
        return self
