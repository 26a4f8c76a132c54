"""The use case: a message's time has come, and its tickets are pending again. Claude is never called here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from capacity.capacity import Capacity
from runtime.clock import Clock
from tickets.attributes import invalid_values
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.states import AWAITING_DIAGNOSIS
from tickets.table import MoveRefusedError
from tickets.urgency import bring_back, is_due, is_in_trouble
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
        """Makes as many pending of those that are due as are diagnosed until the next sweep.

        Those in trouble, too: a provider that fails in step with sweep would else meet them only to fail.
        """
        now = self.clock.now()
        early_by = message.opens_at - now
        if early_by > LONGEST_WAIT_SECONDS:
            return "dropped: not due for long, sweep brings the tickets back"
        if early_by > 0:
            self.retry_queue.send(message, early_by)
            return "sent again: not due yet"
        state = self.capacity.read()
        if state.gate_until > now:
            return "dropped: the gate is closed again, and with a message of its own"
        pages = [self.queries.page(status, None)[0] for status in AWAITING_DIAGNOSIS]
        due = [item for page in pages for item in page if not invalid_values(item) and is_due(item, now)]
        can_open = not all(map(is_in_trouble, due))
        budget = self.capacity.budget(state, self.interval_seconds, can_open=can_open)
        brought = bring_back(due, min(budget, MOST_BROUGHT_BACK), self.interval_seconds, self._is_back)
        return f"pending: {brought} whose time had come"

    def _is_back(self, item: Mapping[str, Any]) -> bool:
        try:
            self.recovery.bring_back(item)
        except MoveRefusedError:
            return False
        return True
