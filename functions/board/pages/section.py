"""Parts that several sections of a page are made of."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rendering.html import Content, Html, joined, lines, tag
from rendering.room import RECORD, Room

T = TypeVar("T")
SHORT = 9
"""Characters."""


def section(title: str, *content: Content) -> Html | None:
    """The content under its heading; nothing where there is none."""
    return tag("section", tag("h3", title), *content, aria_label=title) if any(content) else None


def listed(entries: Sequence[T], line: Callable[[T], Content], room: Room) -> Html | None:
    """A list of the entries that there is room for, and how many more there are."""
    items = [tag("li", line(each), dir="auto") for each in room.some(entries)]
    return tag("ul", *items, more(entries, room, "li")) if entries else None


def table(
    caption: str,
    heads: Sequence[str],
    entries: Sequence[T],
    cells: Callable[[T], Iterable[Content]],
    room: Room,
) -> Html | None:
    """A row for each entry that there is room for; its first cell heads the row."""
    if not entries:
        return None
    rows = []
    for each in room.some(entries):
        first, *others = (
            cell if cell is None or isinstance(cell, Html) else room.text(cell) for cell in cells(each)
        )
        rows.append(
            tag(
                "tr",
                tag("th", first, scope="row", dir="auto", class_=_class_of(first)),
                *(tag("td", other, dir="auto", class_=_class_of(other)) for other in others),
            )
        )
    return Html(
        tag(
            "table",
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
            tag("tbody", *rows),
            aria_label=caption,
        )
        + (more(entries, room, "p") or "")
    )


def as_written(document: str, longest: int) -> Html:
    """A text with its line ends; what is cut off it is said."""
    left = len(document) - longest
    shown = tag("pre", lines(document[:longest]), dir="auto")
    return joined(shown, tag("p", f"{left:,} more characters are not shown.") if left > 0 else None)


def _class_of(cell: Content) -> str | None:
    """An id, a figure or an offset stays in one line, however narrow the page is."""
    return "dx-nowrap" if isinstance(cell, str) and len(cell) <= SHORT else None


def more(entries: Sequence[object], room: Room, name: str) -> Html | None:
    left = len(entries) - len(room.some(entries))
    return tag(name, f"{left} more are not shown here: {RECORD}.", class_="dx-muted") if left else None


def ids(evidence: Sequence[str], room: Room) -> Html | None:
    """The ids that are cited."""
    told = ", ".join(room.text(each) for each in room.some(evidence))
    return tag("span", f"Evidence: {told}", class_="dx-muted", dir="auto") if told else None
