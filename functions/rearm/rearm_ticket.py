"""The use case: a message's time has come, and its tickets are pending again. Claude is never called here."""

from contextlib import suppress
from dataclasses import dataclass

from capacity.capacity import Capacity
from runtime.clock import Clock
from tickets.attributes import invalid_values
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.states import AWAITING_DIAGNOSIS
from tickets.table import MoveRefusedError
from tickets.urgency import urgency, waits_for_gate
from tickets.wake_up import FailedTicket, GateOpens, Message, WakeUpQueue

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
            case FailedTicket():
                return self._redrive(message)

    def _redrive(self, message: FailedTicket) -> str:
        try:
            self.recovery.redrive(message.ticket_id, message.generation)
        except MoveRefusedError as refused:
            return f"dropped: {refused}"
        return "pending: redriven"

    def _bring_back(self, message: GateOpens) -> str:
        """Makes as many of those pending that wait for the gate as are diagnosed until the next sweep."""
        early_by = message.opens_at - self.clock.now()
        if early_by > LONGEST_WAIT_SECONDS:
            return "dropped: not due for long, sweep brings the tickets back"
        if early_by > 0:
            self.retry_queue.send(message, early_by)
            return "sent again: not due yet"
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
                self.recovery.bring_back(item)
                brought += 1
        return f"pending: {brought} that waited for the gate"
