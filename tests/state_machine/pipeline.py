"""The real use cases over the template's tables and queues, with every call of theirs open to disturbance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from diagnose.context import InlineContext
from diagnose.diagnose_ticket import Diagnosing, Limits
from local.stack import Stack
from rearm.rearm_ticket import Rearming
from sweep.cursors import Cursors
from sweep.sweep_tickets import Sweeping
from tests.fake_clock import FakeClock
from tests.state_machine.calls import Calls
from tests.state_machine.fake_claude import FakeClaude
from tests.state_machine.promises import Item
from tickets.capacity import Capacity
from tickets.clock import Clock
from tickets.retry_queue import WakeUp, WakeUpQueue
from tickets.states import Status
from tickets.store import TicketStore
from tickets.ticket_table import TicketTable

Page = tuple[list[dict[str, Any]], Any]


class LaggingStore(TicketStore):
    """The store as sweep sees it. While `behind` is set, the index shows those older tickets instead."""

    def __init__(self, table: TicketTable, clock: Clock, projected: Mapping[str, frozenset[str]]) -> None:
        super().__init__(table, clock)
        self.behind: Mapping[str, Item] | None = None
        self._projected = projected

    def page(self, status: Status, after: Mapping[str, Any] | None) -> Page:
        if self.behind is None:
            return super().page(status, after)
        return self._older("by-status", lambda item: item.get("status") == status), None

    def page_of_requests(self, after: Mapping[str, Any] | None) -> Page:
        if self.behind is None:
            return super().page_of_requests(after)
        return self._older("by-rediagnose", lambda item: "rediagnose" in item), None

    def _older(self, index: str, holds: Callable[[Item], bool]) -> list[dict[str, Any]]:
        items = [item for item in (self.behind or {}).values() if holds(item)]
        return [{name: item[name] for name in self._projected[index] & item.keys()} for item in items]


class RecordingQueue(WakeUpQueue):
    """A queue that remembers which tickets, in which generation, it was sent."""

    def __init__(self, sqs: Any, queue_url: str) -> None:
        super().__init__(sqs, queue_url)
        self.sent: set[tuple[str, int]] = set()

    def send(self, message: WakeUp, delay_seconds: float = 0) -> None:
        super().send(message, delay_seconds)
        self.sent.add((message.ticket_id, message.generation))


@dataclass
class Pipeline:
    """The three use cases, and what the tests look at beside them."""

    stack: Stack
    clock: FakeClock
    calls: Calls
    claude: FakeClaude
    spend_cap_usd: float
    diagnosing: Diagnosing = field(init=False)
    rearming: Rearming = field(init=False)
    sweeping: Sweeping = field(init=False)
    sweeps_store: LaggingStore = field(init=False)
    dead_letters: RecordingQueue = field(init=False)

    def __post_init__(self) -> None:
        dynamodb, sqs = boto3.resource("dynamodb"), boto3.client("sqs")
        self.calls.watch(dynamodb.meta.client)
        self.calls.watch(sqs)
        environment = self.stack.shared_environment()
        state_table = dynamodb.Table(environment["STATE_TABLE"])
        table = TicketTable(dynamodb.Table(environment["TICKETS_TABLE"]))
        store = TicketStore(table, self.clock)
        capacity = Capacity(state_table, self.clock, int(environment["CONCURRENCY"]), self.spend_cap_usd)
        retry_queue = WakeUpQueue(sqs, environment["RETRY_QUEUE_URL"])
        self.dead_letters = RecordingQueue(sqs, environment["DEAD_LETTER_QUEUE_URL"])
        self.diagnosing = Diagnosing(
            store=store,
            capacity=capacity,
            claude=self.claude,
            sources=(InlineContext(),),
            retry_queue=retry_queue,
            dead_letter_queue=self.dead_letters,
            clock=self.clock,
            limits=Limits(30_000, 8000, int(environment["MAX_ATTEMPTS"])),
            prompt_version="test",
            jitter=lambda: 0.5,
        )
        self.rearming = Rearming(store, capacity, retry_queue, self.clock)
        self.sweeps_store = LaggingStore(table, self.clock, _projected(self.stack))
        self.sweeping = Sweeping(
            self.sweeps_store,
            capacity,
            Cursors(state_table),
            self.clock,
            float(environment["SWEEP_INTERVAL_SECONDS"]),
            float(environment["MAX_RECORD_AGE_SECONDS"]),
        )


def _projected(stack: Stack) -> dict[str, frozenset[str]]:
    """What each index of the tickets' table shows of a ticket."""
    indexes = stack.template.resource("TicketsTable").properties["GlobalSecondaryIndexes"]
    return {
        index["IndexName"]: frozenset(
            ["ticket_id", *(key["AttributeName"] for key in index["KeySchema"])]
            + index["Projection"]["NonKeyAttributes"]
        )
        for index in indexes
    }
