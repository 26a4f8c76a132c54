"""The tickets that wait in a late stream, as diagnose has read them from the index by status not long ago."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from runtime.clock import Clock
from runtime.observability import logger
from tickets.attributes import invalid_values
from tickets.queries import TicketQueries
from tickets.states import AWAITING_DIAGNOSIS
from tickets.stream_record import StreamRecord
from tickets.urgency import urgency

BELIEVED_SECONDS = 240.0
"""A list that is read again for each of some ten tickets costs a fifth of a call for each."""
DOUBTED_SECONDS = 10.0
"""One that is at its end, or whose ticket was not as it shows, is read again after so long."""

Item = Mapping[str, Any]


class Backlog:
    """Pending tickets that bear a generation, the most urgent first.

    Whichever is given out is not given out again until the list is read again: either it is begun, or it does
    not stand as the list shows it.
    """

    def __init__(self, queries: TicketQueries, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock
        self._waiting: list[dict[str, Any]] = []
        self._read_at = 0.0
        self._gone_ahead: dict[str, Any] = {}

    def before(self, ticket: Item) -> Iterator[Item]:
        """Those that are more urgent than this one."""
        self._read_after(BELIEVED_SECONDS)
        while self._waiting and urgency(self._waiting[0]) < urgency(ticket):
            yield self._waiting.pop(0)
            self._read_after(DOUBTED_SECONDS)

    def all(self) -> Iterator[Item]:
        """All of them."""
        self._read_after(BELIEVED_SECONDS if self._waiting else DOUBTED_SECONDS)
        while self._waiting:
            yield self._waiting.pop(0)
            self._read_after(DOUBTED_SECONDS)

    def forget(self, ticket_id: str) -> None:
        """Takes in that this one waits no longer."""
        self._waiting = [item for item in self._waiting if item["ticket_id"] != ticket_id]

    def goes_ahead(self, item: Item) -> None:
        """Takes in that another's record has woken this one."""
        self._gone_ahead[str(item["ticket_id"])] = item["generation"]

    def went_ahead(self, record: StreamRecord) -> bool:
        """Whether its ticket has been woken: to ask the ticket would be a call for nothing."""
        generation = self._gone_ahead.pop(record.ticket_id, None)
        return generation is not None and (record.new or {}).get("generation") == generation

    def _read_after(self, seconds: float) -> None:
        """Reads the index if that was so long ago. Best effort: each ticket has a record of its own."""
        now = self._clock.now()
        if abs(now - self._read_at) < seconds:
            return
        self._read_at = now
        try:
            found = chain.from_iterable(map(self._queries.waiting, AWAITING_DIAGNOSIS))
            self._waiting = sorted((item for item in found if not invalid_values(item)), key=urgency)
        except (ClientError, BotoCoreError):
            logger.warning("could not read which tickets wait", exc_info=True)
