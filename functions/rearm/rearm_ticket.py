"""The use case: a message's time has come, and its tickets are pending again. Claude is never called here."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from capacity.capacity import Capacity
from runtime.clock import Clock
from tickets.attributes import invalid_values
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus
from tickets.table import MoveRefusedError
from tickets.urgency import urgency, waits_for_gate
from tickets.wake_up import GateOpens, Message, WakeUp, WakeUpQueue

STILL_RUNNING_SECONDS = 30.0
"""How long to look away when the message was faster than the write that it goes with."""
LONGEST_WAIT_SECONDS = 24 * 3600.0
"""A message that asks for more is none of ours, and would be sent on for ever."""
MOST_BROUGHT_BACK = 100
"""What one invocation has time for; the rest comes with the next sweep."""


@dataclass(frozen=True)
class RearmTicket:
    """The collaborators of the use case."""

    queries: TicketQueries
    recovery: Recovery
    capacity: Capacity
    retry_queue: WakeUpQueue
    clock: Clock
    interval_seconds: float
    """How long it is from one sweep to the next."""

    def handle(self, message: Message) -> str:
        """What became of the message, for the log. What is sent again is sent before this one is let go."""
        match message:
            case GateOpens():
                return self._bring_back(message)
            case WakeUp(kind="failed"):
                return self._redrive(message)
            case WakeUp():
                return self._rearm(message)

    def _redrive(self, message: WakeUp) -> str:
        try:
            self.recovery.redrive(message.ticket_id, message.generation)
        except MoveRefusedError as refused:
            return f"dropped: {refused}"
        return "pending: redriven"

    def _rearm(self, message: WakeUp) -> str:
        early_by = message.not_before - self.clock.now()
        if early_by > LONGEST_WAIT_SECONDS:
            return "dropped: not due for long, sweep brings the ticket back"
        if early_by > 0:
            return self._send_again(message, early_by, "not due yet")
        state = self.capacity.read()
        if state.gate_until > self.clock.now() or state.is_half_open:
            return "dropped: the gate is not open, sweep brings the ticket back"
        try:
            self.recovery.rearm(message.ticket_id, message.generation)
        except MoveRefusedError as refused:
            if self._still_runs(refused.item, message.generation):
                return self._send_again(message, STILL_RUNNING_SECONDS, "the ticket is still running")
            return f"dropped: {refused}"
        return "pending: its time has come"

    def _bring_back(self, message: GateOpens) -> str:
        """Makes as many of those pending that wait for the gate as are diagnosed until the next sweep."""
        early_by = message.opens_at - self.clock.now()
        if early_by > LONGEST_WAIT_SECONDS:
            return "dropped: not due for long, sweep brings the tickets back"
        if early_by > 0:
            return self._send_again(message, early_by, "not due yet")
        budget = self.capacity.budget(self.capacity.read(), self.interval_seconds)
        if not budget:
            return "dropped: the gate is closed again, and with a message of its own"
        pages = [self.queries.page(status, None)[0] for status in AWAITING_DIAGNOSIS]
        waiting = [
            item for page in pages for item in page if waits_for_gate(item) and not invalid_values(item)
        ]
        brought = 0
        for item in sorted(waiting, key=urgency):
            if brought == min(budget, MOST_BROUGHT_BACK):
                break
            with suppress(MoveRefusedError):
                self.recovery.rearm(str(item["ticket_id"]), int(item.get("generation", 0)))
                brought += 1
        return f"pending: {brought} that waited for the gate"

    def _still_runs(self, item: Mapping[str, Any], generation: int) -> bool:
        """Whether an invocation may still be alive; a claim whose lease is over is sweep's."""
        standing = item.get("diagnosis_status"), item.get("generation", 0)
        leased = float(item.get("lease_until", 0)) > self.clock.now()
        return leased and standing == (DiagnosisStatus.RUNNING, generation)

    def _send_again(self, message: Message, delay_seconds: float, why: str) -> str:
        self.retry_queue.send(message, delay_seconds)
        return f"sent again: {why}"
