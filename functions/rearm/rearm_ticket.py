"""The use case: a message's time has come, and its ticket is pending again. Claude is never called here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from capacity.capacity import Capacity
from runtime.clock import Clock
from tickets.states import DiagnosisStatus
from tickets.store import TicketStore
from tickets.table import MoveRefusedError
from tickets.wake_up import MAX_DELAY_SECONDS, WakeUp, WakeUpQueue

STILL_RUNNING_SECONDS = 30.0
"""How long to look away when the message was faster than the write that it goes with."""
LONGEST_WAIT_SECONDS = 24 * 3600.0
"""A message that asks for more is none of ours, and would be sent on for ever."""


@dataclass(frozen=True)
class RearmTicket:
    """The collaborators of the use case."""

    store: TicketStore
    capacity: Capacity
    retry_queue: WakeUpQueue
    clock: Clock

    def handle(self, message: WakeUp) -> str:
        """What became of the message, for the log. What is sent again is sent before this one is let go."""
        now = self.clock.now()
        early_by = message.not_before - now
        try:
            if message.kind == "failed":
                self.store.redrive(message.ticket_id, message.generation)
                return "pending: redriven"
            if early_by > LONGEST_WAIT_SECONDS:
                return "dropped: not due for long, sweep brings the ticket back"
            if early_by > 0:
                return self._send_again(message, early_by, "not due yet")
            state = self.capacity.read()
            if state.gate_until > now:
                slot = self.capacity.take_slot(state)
                if slot - now > MAX_DELAY_SECONDS:
                    return "dropped: the gate is closed for long, sweep brings the ticket back"
                later = message.model_copy(update={"not_before": round(slot)})
                return self._send_again(later, slot - now, "the gate is closed")
            self.store.rearm(message.ticket_id, message.generation)
        except MoveRefusedError as refused:
            if message.kind == "deferred" and self._still_runs(refused.item, message.generation):
                return self._send_again(message, STILL_RUNNING_SECONDS, "the ticket is still running")
            return f"dropped: {refused}"
        return "pending: its time has come"

    def _still_runs(self, item: Mapping[str, Any], generation: int) -> bool:
        """Whether an invocation may still be alive; a claim whose lease is over is sweep's."""
        standing = item.get("diagnosis_status"), item.get("generation", 0)
        leased = float(item.get("lease_until", 0)) > self.clock.now()
        return leased and standing == (DiagnosisStatus.RUNNING, generation)

    def _send_again(self, message: WakeUp, delay_seconds: float, why: str) -> str:
        self.retry_queue.send(message, delay_seconds)
        return f"sent again: {why}"
