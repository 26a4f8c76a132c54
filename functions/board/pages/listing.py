"""The list: the newest tickets and incidents, an incident's members behind its head."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from board.drawing import chips
from board.drawing.frame import Frame, seen
from board.pages.choosing import choosing
from rendering.html import Content, Html, joined, tag
from rendering.words import one_line
from tickets.states import DiagnosisStatus, Status
from views.listing import STATES, WAITING, Choice, Row, age_in_words, newest_first, place_of, row_of

ROWS = 20
LONGEST = 160
"""Characters of a headline; the ticket's own page has all of it."""
MORE = "and newer ones may be among the others. A state narrows it; `differential list` reads them all."
AWAITED = (WAITING, DiagnosisStatus.PENDING, DiagnosisStatus.RUNNING, DiagnosisStatus.DEFERRED)
"""A ticket in one of these states gets a verdict by itself."""


def list_page(frame: Frame, items: Iterable[Mapping[str, Any]], choice: Choice, *, is_whole: bool) -> Html:
    """One page of those that are chosen, behind the row that `after` of the request names."""
    now = datetime.fromtimestamp(frame.now, UTC)
    rows = [row_of(item, now) for item in items]
    chosen = newest_first(row for row in rows if choice.takes(row))
    shown, members = _folded(chosen)
    after = frame.request.after
    rest = shown if after is None else [row for row in shown if place_of(row) < after]
    return frame.page(
        "Tickets and incidents",
        tag("h2", "Tickets and incidents"),
        _told(rows, len(chosen), frame),
        choosing(frame, rows),
        *_table(frame, rest[:ROWS], members, is_chosen=choice != Choice()),
        _pager(frame, rest),
        None
        if is_whole
        else tag("p", f"There are more: only {len(rows):,} tickets were read, {MORE}", role="note"),
    )


def _folded(rows: Sequence[Row]) -> tuple[list[Row], Counter[str]]:
    """The rows without the members of incidents that are among them, and how many each of these has."""
    heads = {row.ticket_id for row in rows if not row.incident_id}
    members = Counter(row.incident_id for row in rows if row.incident_id in heads)
    return [row for row in rows if row.incident_id not in heads], members


def _told(rows: Sequence[Row], chosen: int, frame: Frame) -> Html:
    """How many were read in each state of the pipeline, before members are folded; how many are chosen."""
    counts = Counter(
        row.diagnosis_status if row.diagnosis_status in STATES else "in no known state" for row in rows
    )
    told = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in sorted(counts.items()))
    at = datetime.fromtimestamp(frame.now, UTC).strftime("%H:%M:%S UTC")
    words = f"{len(rows):,} tickets: {told}." if rows else "No ticket."
    if chosen < len(rows):
        words += f" Of this choice: {chosen:,}."
    return tag("p", f"{words} As of {at}.", class_="dx-muted")


def _table(
    frame: Frame, rows: Sequence[Row], members: Mapping[str, int], *, is_chosen: bool
) -> Iterable[Content]:
    if not rows:
        words = (
            "No ticket is of that kind."
            if is_chosen
            else "All quiet: no ticket is open. Alarms and other events become tickets by themselves."
        )
        return [tag("p", words, class_="dx-empty", role="status")]
    heads = (
        ("Ticket", "State") if frame.request.is_narrow else ("Severity", "Ticket", "Verdict", "State", "Age")
    )
    line = _narrow if frame.request.is_narrow else _wide
    return [
        tag(
            "table",
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
            tag("tbody", *(line(frame, row, members[row.ticket_id]) for row in rows)),
            aria_label="Tickets, the newest first",
        )
    ]


def _wide(frame: Frame, row: Row, members: int) -> Html:
    return tag(
        "tr",
        tag("td", chips.of_severity(row.severity)),
        tag("th", _ticket(frame, row, members), scope="row"),
        tag("td", chips.of_verdict(row.verdict) or _without_verdict(row)),
        tag("td", chips.of_state(row.status, row.diagnosis_status)),
        tag("td", _age(row), class_="dx-nowrap"),
    )


def _without_verdict(row: Row) -> Html:
    """None yet is said only where that is known: one of an earlier version has left none in the index."""
    is_diagnosed = row.diagnosis_status == DiagnosisStatus.DONE or row.status == Status.DIAGNOSED
    if is_diagnosed or row.cause or row.headline:
        words = "not known"
    else:
        words = "none yet" if row.diagnosis_status in AWAITED and row.status != Status.RESOLVED else "none"
    return tag("span", words, class_="dx-muted")


def _narrow(frame: Frame, row: Row, members: int) -> Html:
    return tag(
        "tr",
        tag("th", _ticket(frame, row, members), scope="row"),
        tag(
            "td",
            *(
                tag("div", each)
                for each in (
                    chips.of_severity(row.severity),
                    chips.of_verdict(row.verdict),
                    chips.of_state(row.status, row.diagnosis_status),
                    _age(row),
                )
                if each
            ),
        ),
    )


def _ticket(frame: Frame, row: Row, members: int) -> Html:
    headline = seen(_beginning(row.headline or row.cause or row.invariant_name or row.ticket_id))
    about = (row.ticket_id, row.subject or row.component, row.invariant_name)
    beside = " · ".join(dict.fromkeys(_beginning(each) for each in about if each))
    head = f"member of {_beginning(row.incident_id)}" if row.incident_id else ""
    return joined(
        frame.to_ticket(headline, row.ticket_id, f"{headline}, ticket {seen(_beginning(row.ticket_id))}"),
        tag("div", beside, class_="dx-muted", dir="auto"),
        tag("div", head, class_="dx-muted", dir="auto") if head else None,
        tag("div", chips.chip(f"incident with {members} more", "dx-calm")) if members else None,
    )


def _beginning(text: str) -> str:
    """As much as there is room for."""
    line = one_line(text[: 4 * LONGEST])
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()} …"


def _age(row: Row) -> Html:
    if row.age_seconds is None:
        return tag("span", "unknown", class_="dx-muted")
    return tag("time", age_in_words(row.age_seconds), datetime=row.began, title=row.began)


def _pager(frame: Frame, rest: Sequence[Row]) -> Html | None:
    request, left = frame.request, len(rest) - ROWS
    newest = frame.to_list("Newest") if request.after is not None else None
    following = (
        frame.to_list(
            f"Next {min(left, ROWS)} of {left:,} more",
            after=list(place_of(rest[ROWS - 1])),
        )
        if left > 0
        else None
    )
    return tag("nav", newest, following, class_="dx-row", aria_label="Pages") if newest or following else None
