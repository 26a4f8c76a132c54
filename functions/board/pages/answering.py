"""The buttons of a ticket: each asks for one documented write, and for that ticket as this page shows it."""

from collections.abc import Iterator, Mapping
from typing import Any

from board.drawing.frame import Frame
from board.request import LONGEST_TIME, Action
from rendering.html import Html, tag
from tickets.attributes import invalid_values
from tickets.feedback import Verdict, feedback_of
from tickets.membership import is_held, is_resolved
from tickets.states import DiagnosisStatus, Status, meant_by

VERDICTS = (Action.CONFIRMED, Action.WRONG)
Item = Mapping[str, Any]


def buttons(frame: Frame, item: Item) -> Html:
    """Those that would do something, in the order in which they are wanted."""
    has_diagnosis = item.get("diagnosis_status") == DiagnosisStatus.DONE
    return tag(
        "form",
        *(_verdict(frame, item) if has_diagnosis else ()),
        tag(
            "div",
            *_others(frame, item),
            class_="dx-row",
            role="group",
            aria_label="What to do with the ticket",
        ),
        class_="dx-box",
        aria_label="Answer",
    )


def _verdict(frame: Frame, item: Item) -> Iterator[Html]:
    said = feedback_of(item).verdict
    words = tag(
        "label",
        "In your words",
        tag("input", type="text", name="words", maxlength=500, placeholder="what it was, what helped"),
    )
    shown = {
        None: "Was it right?",
        Verdict.CONFIRMED: "It was confirmed.",
        Verdict.WRONG: "It was called wrong.",
    }
    yield tag(
        "div",
        tag("strong", shown[said]),
        _button(frame, item, Action.CONFIRMED, "Confirmed", kind="btn dx-first"),
        _button(frame, item, Action.WRONG, "Wrong"),
        words,
        class_="dx-row",
        role="group",
        aria_label="Was the diagnosis right?",
    )


def _others(frame: Frame, item: Item) -> Iterator[Html]:
    if not is_resolved(item):
        if meant_by(item.get("status")) is not Status.ACKNOWLEDGED:
            yield _button(frame, item, Action.ACKNOWLEDGE, "Acknowledge")
        question = "Resolve this ticket? Nobody is asked about it any more, and monitors may open it again."
        yield _button(frame, item, Action.RESOLVE, "Resolve", question)
    question = "Ask Claude once more? It costs what a diagnosis costs; the present one goes into the history."
    yield _button(frame, item, Action.REDIAGNOSE, "Diagnose again", question)
    if is_held(item):
        yield _button(frame, item, Action.UNHOLD, "Release")
    elif not is_resolved(item):
        yield _button(frame, item, Action.HOLD, "Hold", what="Hold: keep monitors from resolving it")
    if item.get("incident_id"):
        question = (
            "Take this ticket out of its incident? It becomes one of its own and is diagnosed by itself."
        )
        yield _button(frame, item, Action.DETACH, "Detach", question)


def _button(
    frame: Frame,
    item: Item,
    action: Action,
    label: str,
    confirmation: str = "",
    what: str = "",
    kind: str = "btn",
) -> Html:
    """For the generation and the diagnosis that are seen: on others nothing is written."""
    seen = item.get("diagnosed_at") if action in VERDICTS else None
    generation = 0 if "generation" in invalid_values(item) else int(item.get("generation", 0))
    return frame.call(
        label,
        what,
        kind=kind,
        confirmation=confirmation,
        view="ticket",
        ticket_id=str(item["ticket_id"]),
        action=action.value,
        generation=generation,
        diagnosed_at=seen if isinstance(seen, str) and len(seen) <= LONGEST_TIME else None,
    )
