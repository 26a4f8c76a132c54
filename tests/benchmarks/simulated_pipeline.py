"""A pipeline in simulated time: the real use cases between a simulated table, stream and queue."""

import heapq
import itertools
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto import mock_aws

from capacity.capacity import Capacity
from diagnose.claude.deadline import Deadline
from diagnose.diagnose_ticket import DiagnoseTicket, Limits
from diagnose.stream_record import StreamRecord
from rearm.rearm_ticket import RearmTicket
from runtime.observability import logger, metrics
from sweep.cursors import Cursors
from sweep.sweep_tickets import SweepTickets
from tests.benchmarks.simulated_claude import SimulatedClaude
from tests.benchmarks.virtual_time import VirtualTime
from tests.support.in_memory_table import InMemoryTicketTable, Item
from tickets.states import Status
from tickets.store import TicketStore
from tickets.stream_lag import StreamLag
from tickets.table import TicketTable
from tickets.wake_up import Message, WakeUpQueue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

INVOCATION_SECONDS = 300.0
POLL_SECONDS = 1.0
SWEEP_SECONDS = 300.0
RECORD_AGE_SECONDS = 79_200.0
BATCH = 10
PAGE_ITEMS = 4000
"""About what one page of the index holds: a megabyte of keys and a few attributes."""


@dataclass
class SimulatedQueue:
    """Messages by the time at which they become visible."""

    time: VirtualTime
    messages: list[tuple[float, int, Message]] = field(default_factory=list)
    calls: int = 0
    sent: int = 0

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        self.calls += 1
        self.sent += 1
        visible_at = self.time.now() + min(900.0, max(0.0, delay_seconds))
        heapq.heappush(self.messages, (visible_at, self.sent, message))

    def receive(self) -> list[Message]:
        """Up to ten messages that are visible; receiving and deleting are a call each for the whole batch."""
        batch: list[Message] = []
        while self.messages and self.messages[0][0] <= self.time.now() and len(batch) < BATCH:
            batch.append(heapq.heappop(self.messages)[2])
        self.calls += 2 if batch else 0
        return batch


@dataclass
class SimulatedStream:
    """Shards that deliver in order, one record at a time; a record too old is given up."""

    time: VirtualTime
    shards: list[deque[tuple[float, StreamRecord]]]
    busy: set[int] = field(default_factory=set)
    trimmed: int = 0

    def add(self, new: Item) -> None:
        number = next(EVENT_IDS)
        record = StreamRecord(f"event-{number}", str(new["ticket_id"]), None, new, self.time.now())
        shard = zlib.crc32(record.ticket_id.encode()) % len(self.shards)
        self.shards[shard].append((self.time.now(), record))

    def take(self) -> tuple[int, StreamRecord] | None:
        for number, shard in enumerate(self.shards):
            while shard and self.time.now() - shard[0][0] > RECORD_AGE_SECONDS:
                shard.popleft()
                self.trimmed += 1
            if shard and number not in self.busy:
                self.busy.add(number)
                return number, shard.popleft()[1]
        return None


EVENT_IDS = itertools.count()


class PagedStore(TicketStore):
    """The store over the table in memory, with the index that sweep reads."""

    def __init__(self, table: InMemoryTicketTable, time: VirtualTime) -> None:
        super().__init__(cast("TicketTable", table), time)
        self._memory = table

    def page(self, status: Status, after: Any) -> tuple[list[dict[str, Any]], Any]:
        start = int(after["ticket_id"]) if after else 0
        found = [item for item in self._memory.items.values() if item["status"] == status]
        self._memory.calls += 1
        more = {"ticket_id": str(start + PAGE_ITEMS)} if len(found) > start + PAGE_ITEMS else None
        return found[start : start + PAGE_ITEMS], more

    def page_of_requests(self, after: Any) -> tuple[list[dict[str, Any]], Any]:
        self._memory.calls += 1
        return [], None


@dataclass
class SimulatedPipeline:
    """A running simulation. `ends` maps each finished ticket to how it ended."""

    time: VirtualTime
    claude: SimulatedClaude
    table: InMemoryTicketTable
    stream: SimulatedStream
    queue: SimulatedQueue
    dead_letters: SimulatedQueue
    diagnose_ticket: DiagnoseTicket
    rearm_ticket: RearmTicket
    sweep_tickets: SweepTickets
    state_calls: list[int]
    ends: dict[str, str]
    expected: int = 0
    finished_at: float = 0.0

    @property
    def aws_calls(self) -> int:
        """Calls of the functions to AWS, and the mappings' receives and deletes."""
        return self.table.calls + self.queue.calls + self.dead_letters.calls + self.state_calls[0]

    def run(self, tickets: int, concurrency: int) -> None:
        """Writes the tickets at once and runs until the last is finished."""
        self.expected = tickets
        for number in range(tickets):
            self.table.put(
                {
                    "ticket_id": f"t-{number}",
                    "status": "open",
                    "invariant_name": "burst",
                    "message": f"ticket {number}",
                }
            )
        for _ in range(concurrency):
            self.time.spawn(self._diagnose)
        self.time.spawn(self._rearm)
        self.time.spawn(self._sweep)
        self.time.run()

    @property
    def over(self) -> bool:
        return len(self.ends) >= self.expected

    def _diagnose(self) -> None:
        while not self.over:
            taken = self.stream.take()
            if taken is None:
                self.time.sleep(POLL_SECONDS)
                continue
            shard, record = taken
            until = self.time.now() + INVOCATION_SECONDS
            self.diagnose_ticket.handle(record, Deadline(partial(self._remaining, until)))
            metrics.clear_metrics()
            self.stream.busy.discard(shard)
        self.finished_at = self.finished_at or self.time.now()

    def _remaining(self, until: float) -> float:
        return until - self.time.now()

    def _rearm(self) -> None:
        while not self.over:
            for message in self.queue.receive():
                self.rearm_ticket.handle(message)
            self.time.sleep(POLL_SECONDS)

    def _sweep(self) -> None:
        while not self.over:
            self.time.sleep(SWEEP_SECONDS)
            self.sweep_tickets.sweep(lambda: True)


@contextmanager
def simulated_pipeline(
    claude: SimulatedClaude, concurrency: int, shards: int = 4
) -> Iterator[SimulatedPipeline]:
    """Around `claude`; each shard is read by as many lanes as there may be invocations.

    The state table is the AWS emulator's.
    """
    time = claude.time
    stream = SimulatedStream(time, [deque() for _ in range(shards * concurrency)])
    queue, dead_letters = SimulatedQueue(time), SimulatedQueue(time)
    ends: dict[str, str] = {}
    state_calls = [0]

    def watch(old: Item, new: Item) -> None:
        if not old or (new.get("diagnosis_status") == "pending" != old.get("diagnosis_status")):
            stream.add(new)
        if new.get("diagnosis_status") in ("done", "failed"):
            ends[str(new["ticket_id"])] = str(new["diagnosis_status"])

    def count(**_: Any) -> None:
        state_calls[0] += 1

    logger.setLevel("CRITICAL")
    with mock_aws():
        state_table = _state_table()
        state_table.meta.client.meta.events.register("before-call", count)
        table = InMemoryTicketTable(watch)
        store = PagedStore(table, time)
        capacity = Capacity(state_table, time, concurrency)
        yield SimulatedPipeline(
            time,
            claude,
            table,
            stream,
            queue,
            dead_letters,
            DiagnoseTicket(
                store=store,
                capacity=capacity,
                claude=claude,
                sources=(),
                retry_queue=cast("WakeUpQueue", queue),
                dead_letter_queue=cast("WakeUpQueue", dead_letters),
                clock=time,
                stream=StreamLag(state_table, time),
                limits=Limits(30_000, 8000),
                prompt_version="simulated",
                jitter=claude.chance.random,
            ),
            RearmTicket(store, capacity, cast("WakeUpQueue", queue), time, SWEEP_SECONDS),
            SweepTickets(
                store, capacity, Cursors(state_table), StreamLag(state_table, time), time, SWEEP_SECONDS
            ),
            state_calls,
            ends,
        )


def _state_table() -> "Table":
    return boto3.resource("dynamodb", region_name="us-east-1").create_table(
        TableName="state",
        KeySchema=[{"AttributeName": "state_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "state_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
