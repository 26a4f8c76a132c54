"""AWS in simulated time: a table in memory with its index, a queue, a stream. Every call may be disturbed."""

import heapq
import itertools
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from tests.benchmarks.virtual_time import VirtualTime
from tests.support.in_memory_table import InMemoryTicketTable, Item
from tickets.queries import TicketQueries
from tickets.states import Status
from tickets.stream_record import StreamRecord
from tickets.table import TicketTable
from tickets.wake_up import Message

RECORD_AGE_SECONDS = 79_200.0
BATCH = 10
PAGE_ITEMS = 4000
"""About what one page of the index holds: a megabyte of keys and a few attributes."""


Before = Callable[[str], None]
"""Told of each call to a service before it is made; raises where the service is disturbed."""


@dataclass
class SimulatedQueue:
    """Messages by the time at which they become visible."""

    time: VirtualTime
    messages: list[tuple[float, int, Message]] = field(default_factory=list)
    before: Before = lambda _service: None
    calls: int = 0
    sent: int = 0

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        self.before("SQS")
        self.calls += 1
        self.hide(message, min(900.0, max(0.0, delay_seconds)))

    def hide(self, message: Message, seconds: float) -> None:
        self.sent += 1
        heapq.heappush(self.messages, (self.time.now() + seconds, self.sent, message))

    def receive(self) -> list[Message]:
        """Up to ten messages that are visible; receiving and deleting are a call each for the whole batch."""
        batch: list[Message] = []
        while self.messages and self.messages[0][0] <= self.time.now() and len(batch) < BATCH:
            batch.append(heapq.heappop(self.messages)[2])
        self.calls += 2 if batch else 0
        return batch


@dataclass
class SimulatedStream:
    """Shards that deliver in order and by turns, one record at a time; a record too old is given up."""

    time: VirtualTime
    shards: list[deque[tuple[float, StreamRecord]]]
    busy: set[int] = field(default_factory=set)
    trimmed: int = 0
    last: int = 0

    def add(self, new: Item) -> None:
        number = next(EVENT_IDS)
        record = StreamRecord(f"event-{number}", str(new["ticket_id"]), None, new, self.time.now())
        shard = zlib.crc32(record.ticket_id.encode()) % len(self.shards)
        self.shards[shard].append((self.time.now(), record))

    def take(self) -> tuple[int, StreamRecord] | None:
        for turn in range(1, len(self.shards) + 1):
            number = (self.last + turn) % len(self.shards)
            shard = self.shards[number]
            while shard and self.time.now() - shard[0][0] > RECORD_AGE_SECONDS:
                shard.popleft()
                self.trimmed += 1
            if shard and number not in self.busy:
                self.last = number
                self.busy.add(number)
                return number, shard.popleft()[1]
        return None


EVENT_IDS = itertools.count()


def is_marked(item: Item) -> bool:
    """Whether it is pending and bears a generation."""
    return item.get("diagnosis_status") == "pending" and "generation" in item


class DisturbedTable(InMemoryTicketTable):
    """The table in memory, whose every read and write may be disturbed."""

    def __init__(self, watch: Callable[[Item, Item], None], before: Before) -> None:
        super().__init__(watch)
        self.before = before

    def get(self, ticket_id: str) -> Item | None:
        self.before("DynamoDB")
        return super().get(ticket_id)

    def update(self, ticket_id: str, update: Mapping[str, Any], **asked: Any) -> Item:
        self.before("DynamoDB")
        return super().update(ticket_id, update, **asked)


class PagedQueries(TicketQueries):
    """Reading the table in memory, with the index that sweep reads."""

    def __init__(self, table: DisturbedTable) -> None:
        super().__init__(cast("TicketTable", table))
        self._memory = table

    def page(self, status: Status, after: Any) -> tuple[list[dict[str, Any]], Any]:
        self._memory.before("DynamoDB")
        start = int(after["ticket_id"]) if after else 0
        found = [item for item in self._memory.items.values() if item["status"] == status]
        self._memory.calls += 1
        more = {"ticket_id": str(start + PAGE_ITEMS)} if len(found) > start + PAGE_ITEMS else None
        return found[start : start + PAGE_ITEMS], more

    def waiting(self, status: Status, most_pages: int = 10) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = None
        for _ in range(most_pages):
            items, after = self.page(status, after)
            found += [item for item in items if is_marked(item)]
            if after is None:
                break
        return found

    def page_of_odd_statuses(self, after: Any) -> tuple[list[dict[str, Any]], Any]:
        self._memory.before("DynamoDB")
        self._memory.calls += 1
        return [], None

    def page_of_requests(self, after: Any) -> tuple[list[dict[str, Any]], Any]:
        self._memory.calls += 1
        return [], None

    def similar_to(self, similar_key: str, ticket_id: str, limit: int = 3) -> list[dict[str, Any]]:
        self._memory.before("DynamoDB")
        self._memory.calls += 1
        return []
