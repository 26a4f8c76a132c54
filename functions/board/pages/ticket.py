"""One ticket: what is the matter, what to do, what people said, and what all of it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from board.drawing import chips
from board.drawing.frame import Frame
from board.drawing.moments import when
from board.pages.answering import buttons
from board.pages.background import background
from board.pages.diagnosis import diagnosis
from board.pages.grounds import grounds
from board.pages.members import members_of
from rendering.html import SPACE, Html, joined, link, tag
from rendering.room import ROOMS, Room, shortened
from tickets.people import Outcome
from tickets.states import DiagnosisStatus
from views.listing import age_in_words, row_of
from views.reading import map_of, text_of
from views.report import facts_of

MOST_BYTES = 1_500_000
"""Of Lambda's 6 MB, in which a quotation mark takes two: of the largest tickets some is left out."""
LONGEST_TITLE = 400
WAITS = {
    "waiting": "It has not had its turn yet.",
    "pending": "It waits for its turn.",
    "running": "It is being diagnosed. Open it again in a minute.",
    "deferred": "It waits",
    "set_aside": "It is kept, and not diagnosed until somebody asks",
}

Item = Mapping[str, Any]


def ticket_page(
    frame: Frame,
    item: Item,
    members: Sequence[Item],
    *,
    said: str,
    outcome: Outcome | None,
    link: str,
    is_whole: bool,
) -> Html:
    """With the most room that keeps it within MOST_BYTES."""
    for room in ROOMS:
        page = _page(frame, item, members, said, outcome, link, room, is_whole=is_whole)
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def _page(
    frame: Frame,
    item: Item,
    members: Sequence[Item],
    said: str,
    outcome: Outcome | None,
    console: str,
    room: Room,
    *,
    is_whole: bool,
) -> Html:
    row = row_of(item, datetime.fromtimestamp(frame.now, UTC))
    facts = facts_of(item, members)
    title = facts["headline"] or facts["message"] or row.invariant_name or row.ticket_id
    return frame.page(
        f"Ticket {row.ticket_id}",
        tag(
            "nav",
            frame.to_list("← All tickets"),
            _button_of_report(frame, row.ticket_id),
            class_="dx-row dx-apart",
            aria_label="Ways out",
        ),
        _said(said, outcome),
        tag(
            "header",
            tag(
                "div",
                chips.of_severity(row.severity),
                chips.of_verdict(facts["verdict"]),
                chips.of_state(row.status, row.diagnosis_status),
                chips.chip("held") if item.get("held") else None,
                class_="dx-row",
            ),
            tag("h2", shortened(title, LONGEST_TITLE), dir="auto"),
            _about(frame, item, facts, console),
        ),
        _waits(item, row.diagnosis_status),
        buttons(frame, item),
        diagnosis(item, facts, room, frame.width),
        members_of(frame, facts, room, is_whole=is_whole),
        grounds(item, facts, room),
        background(item, facts, room),
    )


def _button_of_report(frame: Frame, ticket_id: str) -> Html:
    return frame.call("Draft of a report", view="report", ticket_id=ticket_id)


def _said(said: str, outcome: Outcome | None) -> Html | None:
    """What came of the button, where a screen reader says it at once."""
    if not said:
        return None
    kinds = {Outcome.DONE: "dx-good", Outcome.ALREADY: "dx-calm"}
    return tag("p", said, role="status", class_=f"dx-note {kinds.get(outcome or Outcome.STALE, 'dx-warn')}")


def _about(frame: Frame, item: Item, facts: Mapping[str, Any], console: str) -> Html:
    row = row_of(item, datetime.fromtimestamp(frame.now, UTC))
    age = "" if row.age_seconds is None else f" ({age_in_words(row.age_seconds)} ago)"
    told: Iterable[tuple[str, str | Html]] = (
        ("Ticket", link(row.ticket_id, console)),
        ("Subject", row.subject),
        ("Component", row.component or text_of(item.get("store_id"))),
        ("Invariant", row.invariant_name),
        ("Began", f"{when(row.began)}{age}" if row.began else "not known"),
        ("Diagnosed", when(item.get("diagnosed_at"))),
        ("Times seen", text_of(item.get("occurrence_count"))),
        ("Member of", frame.to_ticket(row.incident_id, row.incident_id) if row.incident_id else ""),
    )
    pairs = [tag("div", tag("dt", name), tag("dd", what, dir="auto")) for name, what in told if what]
    message = facts["message"] if facts["headline"] else ""
    return joined(
        tag("dl", *pairs, class_="dx-facts"),
        tag("p", tag("strong", "The alarm said:"), SPACE, shortened(message, 1000), dir="auto")
        if message
        else None,
    )


def _waits(item: Item, state: str) -> Html | None:
    """Why there is no diagnosis, or none of today."""
    if state == DiagnosisStatus.FAILED:
        words = (
            "It could not be diagnosed; below stands why. \u201cDiagnose again\u201d has it tried once more."
        )
        return tag("p", words, class_="dx-note dx-bad")
    if state not in WAITS:
        return None
    why = text_of(item.get("deferred_reason")) or text_of(item.get("set_aside_for"))
    met = text_of(map_of(item.get("diagnosis_error")).get("message"))
    told = (
        WAITS[state] if not why or WAITS[state].endswith(".") else f"{WAITS[state]}: {shortened(why, 300)}."
    )
    last = f" What it met last: {shortened(met, 300)}" if met else ""
    return tag("p", f"{told}{last}", class_="dx-note dx-calm", dir="auto")
