"""The count at the end: what became of every ticket that was written, read from the table itself."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from local.aws.stack import Stack
from local.claude.server import StandIn


@dataclass(frozen=True)
class TicketCounts:
    """Numbers of tickets and of calls; calls are None where nobody counts them, at the real API."""

    written: int
    diagnosed: int
    failed: int
    waiting: int
    claude_calls: int | None
    calls_refused: int | None

    @property
    def lost(self) -> int:
        """Tickets that are neither finished nor waiting for anything: there must be none."""
        return self.written - self.diagnosed - self.failed - self.waiting

    @property
    def finished(self) -> bool:
        return self.diagnosed + self.failed == self.written

    def rows(self) -> list[tuple[str, str]]:
        """Names and numbers, for a table."""
        numbers = {
            "tickets written": self.written,
            "diagnosed": self.diagnosed,
            "failed": self.failed,
            "waiting": self.waiting,
            "lost": self.lost,
            "Claude calls": self.claude_calls,
            "calls refused": self.calls_refused,
        }
        return [(name, "not counted" if number is None else str(number)) for name, number in numbers.items()]


def tickets_in(stack: Stack, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The tickets as they are in the table now, without those that are not there."""
    table, found = stack.ref("TicketsTable"), {}
    deserialize = TypeDeserializer().deserialize
    for ticket_id in ids:
        answer = stack.dynamodb.get_item(
            TableName=table, Key={"ticket_id": {"S": ticket_id}}, ConsistentRead=True
        )
        if "Item" in answer:
            found[ticket_id] = {name: deserialize(value) for name, value in answer["Item"].items()}
    return found


def count(stack: Stack, ids: Sequence[str], stand_in: StandIn | None, *, drained: bool) -> TicketCounts:
    """What became of the tickets in `ids`; `drained` says that no stream record is on its way any more."""
    tickets = list(tickets_in(stack, ids).values())
    states = [ticket.get("diagnosis_status") for ticket in tickets]
    return TicketCounts(
        written=len(ids),
        diagnosed=states.count("done"),
        failed=states.count("failed"),
        waiting=sum(_will_be_woken(ticket, time.time(), drained) for ticket in tickets),
        claude_calls=None if stand_in is None else stand_in.answered + stand_in.refused + stand_in.dropped,
        calls_refused=None if stand_in is None else stand_in.refused,
    )


def _will_be_woken(ticket: Mapping[str, Any], now: float, drained: bool) -> bool:
    """Whether the ticket is unfinished and something other than sweep will come back to it."""
    state = ticket.get("diagnosis_status")
    if state == "deferred":
        return bool(ticket.get("deferred_reason")) and "not_before" in ticket
    if state == "running":
        return float(ticket.get("lease_until", 0)) > now
    return state in {None, "pending"} and not drained
