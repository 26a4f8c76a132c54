"""What joined an incident after its last diagnosis began, and the request for one more that it is worth.

`joined_at` (epoch seconds) and `joined_since` (how many) stand on the head from the first of them until the
next claim: what is there by then is in the prompt.
"""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr

from tickets.attributes import invalid_values
from tickets.membership import count, is_resolved
from tickets.states import DiagnosisStatus
from tickets.transactions import Kept, Update, unchanged
from tickets.wake_up import MAX_DELAY_SECONDS

DECIDED_BY = ("joined_at", "diagnosis_status", "status", "incident_id")

Item = Mapping[str, Any]


def may_ask_again(head: Item) -> bool:
    """Whether something has joined that its finished diagnosis does not know of, and nobody has asked yet."""
    return (
        "joined_at" in head
        and head.get("diagnosis_status") in (DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
        and not is_resolved(head)
        and "rediagnose" not in head
        and "incident_id" not in head
    )


def quiet_at(head: Item, cooldown_seconds: float) -> float:
    """When nothing will have joined for the cooldown (epoch seconds); what cannot be read is long ago."""
    joined_at = 0.0 if "joined_at" in invalid_values(head) else float(head.get("joined_at", 0))
    return joined_at + cooldown_seconds


def is_lost(head: Item, now: float, cooldown_seconds: float) -> bool:
    """Whether the message that waits for the quiet should have come twice over."""
    return quiet_at(head, cooldown_seconds) + 2 * MAX_DELAY_SECONDS < now


def asks_again(head: Item) -> Update:
    """A request for a fresh diagnosis, as a person would write it."""
    joined = count(head, "joined_since") or 1
    words = f"{joined} {'alarm' if joined == 1 else 'alarms'} joined since"
    asked = Attr("ticket_id").exists() & Attr("rediagnose").not_exists() & unchanged(head, DECIDED_BY)
    return Update((Kept.TICKETS, str(head["ticket_id"])), {"rediagnose": words}, asked)
