"""A pipeline in simulated time: the real use cases between a simulated table, stream and queue."""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from capacity.capacity import Capacity
from diagnose.backlog import Backlog
from diagnose.before_claim import BeforeClaim
from diagnose.claude.deadline import Deadline
from diagnose.diagnose_ticket import DiagnoseTicket, Limits
from diagnose.evidence.sources.similar import SimilarTickets
from diagnose.severest_first import SeverestFirst
from rearm.rearm_ticket import RearmTicket
from runtime.observability import logger, metrics
from sweep.cursors import Cursors
from sweep.outage import Outages
from sweep.sweep_tickets import SweepTickets
from tests.benchmarks.simulated_aws import (
    Before,
    DisturbedTable,
    PagedQueries,
    SimulatedQueue,
    SimulatedStream,
)
from tests.benchmarks.simulated_claude import SimulatedClaude
from tests.benchmarks.virtual_time import VirtualTime
from tests.support.in_memory_table import Item
from tickets.members import Members
from tickets.recovery import Recovery
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.runs import Runs
from tickets.stream_lag import StreamLag
from tickets.stream_record import StreamRecord
from tickets.table import TicketTable
from tickets.transactions import Tables
from tickets.wake_up import WakeUpQueue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

INVOCATION_SECONDS = 300.0
POLL_SECONDS = 1.0
SWEEP_SECONDS = 300.0
RETRIES = 2
RETRY_SECONDS = 5.0
HIDDEN_SECONDS = 180.0
DISTURBANCES = (ClientError, RuntimeError)
"""What a disturbed call raises; anything else is an error of the simulation."""


@dataclass
class SimulatedPipeline:
    """A running simulation. `ends` maps each finished ticket to how it ended, `claims` to when."""

    time: VirtualTime
    claude: SimulatedClaude
    table: DisturbedTable
    stream: SimulatedStream
    queue: SimulatedQueue
    dead_letters: SimulatedQueue
    diagnose_ticket: DiagnoseTicket
    rearm_ticket: RearmTicket
    sweep_tickets: SweepTickets
    state_calls: list[int]
    ends: dict[str, str]
    claims: dict[str, list[float]]
    expected: int = 0
    finished_at: float = 0.0
    gives_up_at: float = math.inf
    """When the simulation ends although tickets are unfinished."""
    poll_seconds: float = POLL_SECONDS
    also_written: Callable[[str], Mapping[str, Any]] = lambda _ticket_id: {}
    """What else stands on a ticket, by its id."""

    @property
    def aws_calls(self) -> int:
        """Calls of the functions to AWS, and the mappings' receives and deletes."""
        return self.table.calls + self.queue.calls + self.dead_letters.calls + self.state_calls[0]

    def run(self, tickets: int, concurrency: int) -> None:
        """Writes the tickets at once and runs until the last is finished."""
        self.run_with({f"t-{number}": 0.0 for number in range(tickets)}, concurrency)

    def run_with(self, arrivals: Mapping[str, float], concurrency: int) -> None:
        """Writes each ticket at its time (seconds from now, in order); runs until the last is finished."""
        self.expected = len(arrivals)
        self.time.spawn(partial(self._write, arrivals, self.time.now()))
        for _ in range(concurrency):
            self.time.spawn(self._diagnose)
        self.time.spawn(self._rearm)
        self.time.spawn(self._sweep)
        self.time.run()

    @property
    def over(self) -> bool:
        return len(self.ends) >= self.expected or self.time.now() >= self.gives_up_at

    def _write(self, arrivals: Mapping[str, float], started: float) -> None:
        for ticket_id, at in arrivals.items():
            if started + at > self.time.now():
                self.time.sleep(started + at - self.time.now())
            about = f"ticket {ticket_id}."
            ticket = {"ticket_id": ticket_id, "status": "open", "invariant_name": "burst", "message": about}
            self.table.put({**ticket, **self.also_written(ticket_id)})

    def _diagnose(self) -> None:
        while not self.over:
            taken = self.stream.take()
            if taken is None:
                self.time.sleep(self.poll_seconds)
                continue
            shard, record = taken
            self._deliver(record)
            self.stream.busy.discard(shard)
        self.finished_at = self.finished_at or self.time.now()

    def _deliver(self, record: StreamRecord) -> None:
        """As the mapping does: again when the invocation raises, and not for ever."""
        for attempt in range(1 + RETRIES):
            until = self.time.now() + INVOCATION_SECONDS
            try:
                self.diagnose_ticket.handle(record, Deadline(partial(self._remaining, until)))
            except DISTURBANCES:  # Lambda invokes again
                self.time.sleep(RETRY_SECONDS * 2**attempt)
            else:
                return
            finally:
                metrics.clear_metrics()

    def _remaining(self, until: float) -> float:
        return until - self.time.now()

    def _rearm(self) -> None:
        while not self.over:
            for message in self.queue.receive():
                try:
                    self.rearm_ticket.handle(message)
                except DISTURBANCES:  # the message shows up again
                    self.queue.hide(message, HIDDEN_SECONDS)
            self.time.sleep(self.poll_seconds)

    def _sweep(self) -> None:
        while not self.over:
            self.time.sleep(SWEEP_SECONDS)
            with suppress(*DISTURBANCES):  # the next one does it
                self.sweep_tickets.sweep(lambda: True)


@contextmanager
def simulated_pipeline(
    claude: SimulatedClaude, concurrency: int, shards: int = 4, before: Before = lambda _service: None
) -> Iterator[SimulatedPipeline]:
    """Around `claude`; each shard is read by as many lanes as there may be invocations.

    The state table is the AWS emulator's. `before` may disturb any call to AWS.
    """
    time = claude.time
    stream = SimulatedStream(time, [deque() for _ in range(shards * concurrency)])
    queue, dead_letters = SimulatedQueue(time, before=before), SimulatedQueue(time, before=before)
    ends: dict[str, str] = {}
    claims: dict[str, list[float]] = defaultdict(list)
    state_calls = [0]

    def watch(old: Item, new: Item) -> None:
        if not old or (new.get("diagnosis_status") == "pending" != old.get("diagnosis_status")):
            stream.add(new)
        if new.get("diagnosis_status") in ("done", "failed"):
            ends[str(new["ticket_id"])] = str(new["diagnosis_status"])
        if new.get("diagnosis_status") == "running" and new["claim_token"] != old.get("claim_token"):
            claims[str(new["ticket_id"])].append(time.now())

    def count(**_: Any) -> None:
        before("DynamoDB")
        state_calls[0] += 1

    logger.setLevel("CRITICAL")
    with mock_aws():
        state_table = _state_table()
        state_table.meta.client.meta.events.register("before-call", count)
        table = DisturbedTable(watch, before)
        queries, tickets = PagedQueries(table), cast("TicketTable", table)
        runs, recovery = Runs(tickets, time), Recovery(tickets, time)
        requests, repairs = Requests(tickets, time), Repairs(tickets)
        members = Members(cast("Tables", None), time)  # no ticket here is a member
        capacity = Capacity(state_table, time, concurrency)
        yield SimulatedPipeline(
            time,
            claude,
            table,
            stream,
            queue,
            dead_letters,
            DiagnoseTicket(
                before_claim=BeforeClaim(queries, requests, repairs, time, members),
                order=SeverestFirst(Backlog(queries, time), time),
                runs=runs,
                capacity=capacity,
                claude=claude,
                sources=(SimilarTickets(queries),),
                retry_queue=cast("WakeUpQueue", queue),
                dead_letter_queue=cast("WakeUpQueue", dead_letters),
                clock=time,
                stream=StreamLag(state_table, time),
                limits=Limits(30_000, 8000),
                prompt_version="simulated",
            ),
            RearmTicket(queries, recovery, capacity, cast("WakeUpQueue", queue), time, SWEEP_SECONDS),
            SweepTickets(
                queries,
                recovery,
                requests,
                repairs,
                capacity,
                Cursors(state_table),
                Outages(state_table, None, time),
                StreamLag(state_table, time),
                time,
                SWEEP_SECONDS,
                members,
            ),
            state_calls,
            ends,
            claims,
        )


def _state_table() -> "Table":
    return boto3.resource("dynamodb", region_name="us-east-1").create_table(
        TableName="state",
        KeySchema=[{"AttributeName": "state_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "state_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
