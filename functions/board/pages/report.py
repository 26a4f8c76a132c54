"""The draft of an incident's report: what is known, and what is not; Claude is not asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from board.drawing.frame import Frame
from rendering.html import Html, html, lines, tag
from rendering.markdown import markdown
from rendering.room import within
from views.report import facts_of
from views.report_text import blocks_of

MOST_BYTES = 200 * 1024


def report_page(frame: Frame, item: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> Html:
    """As it reads, and as Markdown to be copied."""
    facts = facts_of(item, members)
    shown = Html(within(MOST_BYTES, lambda room: blocks_of(facts, room), html))
    source = within(MOST_BYTES, lambda room: blocks_of(facts, room), markdown)
    return frame.page(
        "Draft of a report",
        tag(
            "nav",
            frame.to_ticket("← The ticket", str(item["ticket_id"]), kind="btn"),
            frame.to_list(),
            class_="dx-row",
            aria_label="Ways out",
        ),
        tag("h2", "Draft of a report"),
        tag("article", shown),
        tag("details", tag("summary", "The same as Markdown"), tag("pre", lines(source))),
    )
