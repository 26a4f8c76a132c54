"""The tickets of one incident: a head that is diagnosed, and members that point to it.

A head's `open_members` counts the members whose monitor is in alarm. It is over when its own monitor says so
and no member is left in alarm. Members join heads only, so the depth is one.
"""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr

from tickets.attributes import invalid_values
from tickets.states import DiagnosisStatus, Status, meant_by
from tickets.transactions import Kept, Update, unchanged, with_room

OVER = "ok"
"""What `monitor_state` says of a ticket whose violation is over."""
HEADS_OWN = ("members", "open_members", "status", "held", "monitor_state", "incident_id", "diagnosis_status")
"""What a change of a head is decided by."""
OF_A_MEMBER = ("incident_id", "member_since")
WITHOUT_LATER_MEMBERS = (DiagnosisStatus.RUNNING, DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
"""The diagnosis of such a head does not know of what joins now."""

Item = Mapping[str, Any]


def is_in_alarm(ticket: Item) -> bool:
    """Whether the ticket's violation goes on, by its monitor."""
    return ticket.get("monitor_state") not in (None, OVER)


def is_resolved(ticket: Item) -> bool:
    return meant_by(ticket.get("status")) == Status.RESOLVED


def is_held(ticket: Item) -> bool:
    """Whether monitors are kept from resolving it."""
    return ticket.get("held", False) not in (False, None)


def may_be_joined(ticket: Item) -> bool:
    """Whether it is an open head, or can become one: intake wrote it, and it is no member of another."""
    return "monitor_state" in ticket and "incident_id" not in ticket and not is_resolved(ticket)


def count(ticket: Item, name: str) -> int:
    """How many `members` or `open_members` a head has, or has had join since its diagnosis."""
    return 0 if name in invalid_values(ticket) else int(ticket.get(name, 0))


def joins(head: Item, now: float) -> Update:
    """One more member, in alarm; `now` (epoch seconds) is noted where the diagnosis does not know of it."""
    update: dict[str, Any] = {
        "members": count(head, "members") + 1,
        "open_members": count(head, "open_members") + 1,
    }
    if head.get("diagnosis_status") in WITHOUT_LATER_MEMBERS:
        update |= {"joined_at": now, "joined_since": count(head, "joined_since") + 1}
    return _of_head(head, update)


def alarms_again(head: Item) -> Update:
    """A member's violation goes on again; an incident that was resolved is open again with it."""
    reopened = {"status": Status.OPEN} if is_resolved(head) else {}
    return _of_head(head, {"open_members": count(head, "open_members") + 1, **reopened})


def is_over(head: Item) -> Update:
    """A member's violation is over; with the last one, and when its own is too, the incident is resolved."""
    return _of_head(head, _one_less(head))


def leaves(head: Item, member: Item) -> Update:
    """The member becomes a ticket of its own; its own change removes `OF_A_MEMBER`."""
    changes = _one_less(head) if is_in_alarm(member) else {}
    return _of_head(head, {"members": max(0, count(head, "members") - 1), **changes})


def _one_less(head: Item) -> dict[str, Any]:
    left = max(0, count(head, "open_members") - 1)
    ends = left == 0 and not is_in_alarm(head) and not is_held(head) and not is_resolved(head)
    return {"open_members": left, **({"status": Status.RESOLVED} if ends else {})}


def _of_head(head: Item, update: Mapping[str, Any]) -> Update:
    condition = Attr("ticket_id").exists() & unchanged(head, HEADS_OWN)
    return with_room(head, Update((Kept.TICKETS, str(head["ticket_id"])), update, condition))
