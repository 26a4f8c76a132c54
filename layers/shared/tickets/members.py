"""What becomes of an incident's members: tickets of their own, or part of its next diagnosis."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr

from runtime.clock import Clock
from tickets.late_members import asks_again
from tickets.membership import OF_A_MEMBER, leaves
from tickets.setting_aside import release
from tickets.transactions import ConflictError, Kept, Tables, Update, unchanged

DECIDED_BY = ("incident_id", "monitor_state", "diagnosis_status", "generation", "rediagnose")
ATTEMPTS = 8

Item = Mapping[str, Any]


def is_to_be_detached(item: Item) -> bool:
    """Whether a person has asked for it and it is a member still. `detach` stays: it joins no other then."""
    return "detach" in item and "incident_id" in item


class Members:
    """The moves, each one transaction. One that others overtake raises ConflictError and changes nothing."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def detach(self, ticket_id: str) -> str:
        """Makes it a ticket of its own, as a person asked by `detach`; what came of it, for the log."""
        for attempt in range(ATTEMPTS):
            try:
                return self._detach(ticket_id)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
                self._clock.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    def ask_again(self, head: Item) -> None:
        """Writes the request for a diagnosis that knows of those who have joined since."""
        self._tables.write(asks_again(head))

    def _detach(self, ticket_id: str) -> str:
        [member] = self._tables.read((Kept.TICKETS, ticket_id))
        if not is_to_be_detached(member):
            return "ignored: detached already, or the member of no incident"
        head = self._head_of(member)
        update, removed = release(member, self._clock.now())
        still = Attr("ticket_id").exists() & Attr("detach").exists() & unchanged(member, DECIDED_BY)
        own = Update((Kept.TICKETS, ticket_id), update, still, (*OF_A_MEMBER, *removed))
        self._tables.write(own, *([leaves(head, member)] if head else []))
        return "detached: the member of an incident is a ticket of its own"

    def _head_of(self, member: Item) -> Item:
        """Empty where it is gone, or what stands under that id is no head."""
        incident_id = member["incident_id"]
        if not isinstance(incident_id, str) or incident_id in ("", member["ticket_id"]):
            return {}
        [head] = self._tables.read((Kept.TICKETS, incident_id))
        return head if "monitor_state" in head and "incident_id" not in head else {}
