"""Pages of the board as they are drawn of one whole ticket, or of a list."""

from collections.abc import Mapping
from typing import Any

from board.drawing.frame import Frame
from board.pages.listing import list_page
from board.pages.ticket import ticket_page
from board.request import read_request
from diagnose.diagnosis.record import record_of
from runtime.items import storable
from tests.integration.tickets.standing import FOUND, TICKET
from tests.support.diagnoses import whole
from tests.support.widget_page import Page
from tickets.people import Outcome
from views.listing import Choice

ENDPOINT = "arn:aws:lambda:us-east-1:123456789012:function:differential-board"
NOW = 1_800_000_000.0
CONSOLE = "https://console.aws.amazon.com/dynamodbv2/home?region=us-east-1#item"
WIDE = {"theme": "light", "width": 1200}
NARROW = {"theme": "dark", "width": 300}


def frame(context: Mapping[str, Any] | None = None, **call: Any) -> Frame:
    return Frame(read_request({"widgetContext": context or WIDE, **call}), ENDPOINT, NOW)


def whole_ticket(say: Any = str, **others: Any) -> dict[str, Any]:
    """A ticket that has something in every place, each text as `say` makes it."""
    checked, notes, _ = whole(say, say("df -h"))
    record = record_of(checked, [say("traces: not allowed")])
    record["answer"]["timeline"].append({"at": "2027-01-15T07:45:00Z", "event": say("x"), "evidence": ["H1"]})
    record["known_cause"] = {
        "ticket_id": say("T-0"),
        "diagnosed_at": say("then"),
        "confirmed_by": say("ops"),
        "confirmed_at": say("now"),
    }
    points = [{"timestamp": f"2027-01-15T07:{minute:02}:00Z", "value": minute % 7} for minute in range(40)]
    item = {
        **TICKET,
        **FOUND,
        "ticket_id": say("T-1"),
        "status": "diagnosed",
        "diagnosis_status": "done",
        "severity": say("critical"),
        "subject": say("ledger"),
        "component": say("ledger-db"),
        "invariant_name": say("headroom"),
        "message": say("597 of 600"),
        "first_seen_at": "2027-01-15T07:30:00Z",
        "metric_snapshot": {say("connections"): points, "threshold": 5},
        "diagnosis_record": record,
        "diagnosis_summary": {
            "headline": say("a disk"),
            "verdict": say("action_required"),
            "cause": say("x"),
        },
        "diagnosis_notes": notes,
        "diagnosis_model": say("claude"),
        "diagnosis_usage": {"cost_usd": 0.07, "input_tokens": 21_000, "seconds": 31.5},
        "diagnosis_feedback": {
            "verdict": "confirmed",
            "words": say("it was"),
            "by": say("ops"),
            "at": say("now"),
        },
        "diagnosis_history": [
            {"diagnosed_at": say("then"), "diagnosis": say("# Old"), "rediagnose": say("why")},
            say("no map"),
        ],
        "held": True,
        "incident_id": say("T-0"),
        "deferred_reason": say("busy"),
        **others,
    }
    return dict(storable(item))


def ticket(item: Mapping[str, Any], members: Any = (), context: Mapping[str, Any] | None = None) -> Page:
    page = ticket_page(
        frame(context, view="ticket", ticket_id="T-1"),
        item,
        list(members),
        said="Noted.",
        outcome=Outcome.DONE,
        link=CONSOLE,
        is_whole=True,
    )
    return Page(page)


def listed(*items: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> Page:
    return Page(list_page(frame(context), items, Choice(), is_whole=False))
