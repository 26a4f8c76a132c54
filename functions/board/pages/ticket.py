"""One ticket: what is the matter, what to do, what people said, and what all of it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from board.drawing import chips
from board.drawing.frame import Frame, seen
from board.drawing.moments import when
from board.pages.answering import buttons
from board.pages.background import background
from board.pages.diagnosis import diagnosis
from board.pages.grounds import grounds
from board.pages.members import members_of
from board.reading import map_of, text_of
from rendering.html import SPACE, Html, joined, link, tag
from rendering.room import ROOMS, Room, shortened
from tickets.people import Outcome
from tickets.states import DiagnosisStatus
from views.listing import age_in_words, row_of
from views.report import facts_of

MOST_BYTES = 1_500_000
"""Of Lambda's 6 MB, in which a quotation mark takes two: of the largest tickets some is left out."""
LONGEST_TITLE = 400
WAITS = {
    "waiting": "It has not had its turn yet",
    "pending": "It waits for its turn",
    "running": "It is being diagnosed; open it again in a minute",
    "deferred": "It waits",
    "set_aside": "It is kept, and not diagnosed until somebody asks",
    "failed": "It could not be diagnosed. \u201cDiagnose again\u201d has it tried once more",
}
"""What a ticket without a diagnosis of today does."""

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
            _about(frame, item, facts, console, room),
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


def _about(frame: Frame, item: Item, facts: Mapping[str, Any], console: str, room: Room) -> Html:
    row = row_of(item, datetime.fromtimestamp(frame.now, UTC))
    age = "" if row.age_seconds is None else f" ({age_in_words(row.age_seconds)} ago)"
    told: Iterable[tuple[str, str | Html]] = (
        ("Ticket", link(seen(row.ticket_id), console)),
        ("Subject", row.subject),
        ("Component", row.component or text_of(item.get("store_id"))),
        ("Invariant", row.invariant_name),
        ("Began", f"{when(row.began)}{age}" if row.began else "not known"),
        ("Diagnosed", when(item.get("diagnosed_at"))),
        ("Times seen", text_of(item.get("occurrence_count"))),
        (
            "Member of",
            frame.to_ticket(room.text(row.incident_id), row.incident_id) if row.incident_id else "",
        ),
    )
    pairs = [
        tag(
            "div", tag("dt", name), tag("dd", what if isinstance(what, Html) else room.text(what), dir="auto")
        )
        for name, what in told
        if what
    ]
    message = facts["message"] if facts["headline"] else ""
    return joined(
        tag("dl", *pairs, class_="dx-facts dx-about"),
        tag("p", tag("strong", "The alarm said:"), SPACE, shortened(message, 1000), dir="auto")
        if message
        else None,
    )


def _waits(item: Item, state: str) -> Html | None:
    """Why there is no diagnosis, or none of today, and what people have asked for that is still to come."""
    told = []
    if state in WAITS:
        why = text_of(item.get("deferred_reason")) or text_of(item.get("set_aside_for"))
        told.append(f"{WAITS[state]}: {shortened(why, 300)}." if why else f"{WAITS[state]}.")
        if met := text_of(map_of(item.get("diagnosis_error")).get("message")):
            told.append(f"What it met last: {shortened(met, 300)}")
        if item.get("diagnosis_record"):
            told.append("Below stands the diagnosis before.")
    if asked := text_of(item.get("rediagnose")):
        told.append(f"A fresh diagnosis is asked for: {shortened(asked, 300)}.")
    if item.get("detach") and item.get("incident_id"):
        told.append("It is about to leave its incident.")
    kind = "dx-bad" if state == DiagnosisStatus.FAILED else "dx-calm"
    return tag("p", " ".join(told), class_=f"dx-note {kind}", dir="auto") if told else None
