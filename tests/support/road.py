"""The road of the tickets, one step at a time, on a clock that moves only when told.

Real: the template's tables, queues, secret and stream filter (in this process, see tests/in_process.py), the
functions' wiring and use cases, and the SDK's calls over HTTP to the stand-in. Played here is Lambda's part:
who is invoked when and with how much time, what happens when an invocation raises, and that diagnose runs one
invocation at a time.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
from moto.events.models import EventPattern

from diagnose.claude.deadline import Deadline
from diagnose.stream_record import StreamRecord
from local.aws.mappings import stream_settings
from local.aws.stack import Stack
from local.aws.stream_mapping import Record, as_event, changes_nothing
from local.claude.server import StandIn
from runtime.items import from_table
from sweep.sweep_tickets import Report
from tests.support.fake_clock import FakeClock
from tests.support.history import History
from tests.support.in_process import aws
from tests.support.watched_claude import Asked, WatchedClaude
from tests.support.wired import wired
from tickets.states import DiagnosisStatus, Status
from tickets.wake_up import MAX_DELAY_SECONDS, WakeUp, WakeUpQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

RETRY_SECONDS = 5.0
"""How long the mapping waits before it invokes again for a record whose invocation raised."""


class Road:
    """All that moves tickets; each method is one thing that happens, and none of them waits in real time.

    `records` are stream records that the filter let through and that nobody was invoked for yet: tests may
    drop, repeat and reorder them. `history` says what has happened.
    """

    def __init__(
        self, stack: Stack, stand_in: StandIn, clock: FakeClock, environment: Mapping[str, str] | None = None
    ) -> None:
        function = stack.template.resource("DiagnoseFunction")
        self.stack, self.stand_in, self.clock = stack, stand_in, clock
        self.records: deque[Record] = deque()
        self.history = History()
        self._mapping = stream_settings(function)
        self._patterns: list[Any] = [EventPattern.load(pattern) for pattern in self._mapping.patterns]
        self._iterator = self._start_of_stream()
        self._timeout = float(function.properties["Timeout"])
        self._due: list[float] = []
        self._next_sweep = clock.now()
        self._working_on = ("", 0)
        self.table = boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
        environment = {"ANTHROPIC_BASE_URL": stand_in.url, **(environment or {})}
        diagnosing, rearming, self.sweeping = wired(clock, environment)
        self.store, self.capacity = diagnosing.store, diagnosing.capacity
        self.claude = WatchedClaude(diagnosing.claude, stand_in, clock, self._note)
        self.retry_queue = _RetryQueue(self)
        self.diagnosing = replace(
            diagnosing, claude=self.claude, retry_queue=self.retry_queue, jitter=lambda: 0.5
        )
        self.rearming = replace(rearming, retry_queue=self.retry_queue)

    # What producers and people do

    def put(self, ticket_id: str, **attributes: Any) -> None:
        """Writes the whole ticket, as a producer does. Its message is its own: see `meant_for`."""
        ticket = {"ticket_id": ticket_id, "status": "open", "invariant_name": f"invariant of {ticket_id}"}
        message = f"something is wrong, says {ticket_id}."
        self.table.put_item(Item={**ticket, "message": message, **attributes})

    def update(self, ticket_id: str, **attributes: Any) -> None:
        """Sets attributes of a ticket; None removes one."""
        changes: Any = {
            name: {"Action": "DELETE"} if value is None else {"Action": "PUT", "Value": value}
            for name, value in attributes.items()
        }
        self.table.update_item(Key={"ticket_id": ticket_id}, AttributeUpdates=changes)

    def delete(self, ticket_id: str) -> None:
        self.table.delete_item(Key={"ticket_id": ticket_id})

    def item(self, ticket_id: str) -> dict[str, Any]:
        return self.store.get(ticket_id) or {}

    def items(self) -> list[dict[str, Any]]:
        return [from_table(item) for item in self.table.scan(ConsistentRead=True)["Items"]]

    def set_key(self, secret: str) -> None:
        self.stack.secrets.put_secret_value(SecretId=self.stack.ref("AnthropicApiKey"), SecretString=secret)

    # What AWS does

    def read_stream(self) -> None:
        """Takes in what was written since the last time, through the mapping's filter."""
        answer = self.stack.streams.get_records(ShardIterator=self._iterator)
        self._iterator = answer["NextShardIterator"]
        for raw in answer["Records"]:
            record = as_event(raw, self._mapping.stream_arn)
            if not changes_nothing(record):
                self.history.note_record(record)
                if any(pattern.matches_event(record) for pattern in self._patterns):
                    self.records.append(record)

    def deliver(self, record: Record) -> None:
        """Invokes diagnose for a record, again when that raises, and gives it up when the mapping would."""
        parsed = StreamRecord.from_event(record)
        for attempt in range(1 + self._mapping.maximum_retry_attempts):
            started = self.clock.now()
            if started - record["dynamodb"]["ApproximateCreationDateTime"] > self._mapping.maximum_record_age:
                break
            self._working_on = self._generation_of(parsed.ticket_id)
            try:
                said = self.diagnosing.handle(parsed, Deadline(lambda: self._remaining(started)))  # noqa: B023
            except Exception as error:  # noqa: BLE001 - whatever it is, Lambda invokes again
                self.history.said.append((parsed.ticket_id, f"raised {error!r}"))
                self.history.raised[self._working_on] += 1
                self.clock.advance(RETRY_SECONDS * 2**attempt)
            else:
                self.history.said.append((parsed.ticket_id, said))
                assert self._remaining(started) > 0, "Lambda would have ended this invocation"
                return
            finally:
                self.history.take_metrics()
        self.history.given_up.append(record)

    def receive(self) -> list["MessageTypeDef"]:
        """Up to ten messages of the retry queue whose delay is over; the queue hides them for a while."""
        queue = self.stack.ref("RetryQueue")
        found = self.stack.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        if len(found) < 10:
            while self._due and self._due[0] <= self.clock.now():
                heapq.heappop(self._due)
        return found

    def rearm(self, message: "MessageTypeDef") -> None:
        """Invokes rearm for a message, and deletes it; a message for which that raises is delivered again."""
        try:
            wake_up = WakeUp.from_body(message["Body"])
            self.history.said.append((wake_up.ticket_id, self.rearming.handle(wake_up)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the message shows up again
            self.history.said.append(("", f"raised {error!r}"))
            self.note_due(float(self.stack.template.resource("RetryQueue").properties["VisibilityTimeout"]))
        else:
            queue, receipt = self.stack.ref("RetryQueue"), message["ReceiptHandle"]
            self.stack.sqs.delete_message(QueueUrl=queue, ReceiptHandle=receipt)

    def sweep(self, *, open_gate: bool = False) -> Report:
        self._next_sweep = self.clock.now() + self.sweeping.interval_seconds
        return self.sweeping.sweep(lambda: True, open_gate=open_gate)

    # Time

    def step(self) -> bool:
        """Does one thing that is due now: a record, some messages, or a sweep. False when nothing is due."""
        self.read_stream()
        if self.records:
            self.deliver(self.records.popleft())
        elif self._due and self._due[0] <= self.clock.now():
            for message in self.receive():
                self.rearm(message)
        elif self._next_sweep <= self.clock.now():
            self.sweep()
        else:
            return False
        return True

    def run(self, hours: float, until: Callable[[], bool] | None = None) -> None:
        """Lets time pass and does everything as it comes due: until that, or all is quiet; or for so long."""
        ends = self.clock.now() + hours * 3600
        while self.clock.now() < ends:
            if until is not None and until():
                return
            if self.step():
                continue
            if until is None and self.is_quiet():
                return
            self.clock.advance(max(0.0, min([self._next_sweep, ends, *self._due[:1]]) - self.clock.now()))

    def is_quiet(self) -> bool:
        """Every ticket is finished, and nothing is on its way."""
        return not (self.records or self._due) and all(is_finished(item) for item in self.items())

    def note_due(self, delay_seconds: float) -> None:
        """A message will be there after the delay, which SQS counts in whole seconds."""
        heapq.heappush(self._due, self.clock.now() + round(delay_seconds) + 0.01)

    def _note(self, asked: Asked) -> None:
        self.history.asked.append((self._working_on, asked))

    def _remaining(self, started: float) -> float:
        return started + self._timeout - self.clock.now()

    def _start_of_stream(self) -> str:
        arn, streams = self._mapping.stream_arn, self.stack.streams
        [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        start = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=self._mapping.starting_position
        )
        return start["ShardIterator"]

    def _generation_of(self, ticket_id: str) -> tuple[str, int]:
        return ticket_id, int(self.item(ticket_id).get("generation", 0))


@contextmanager
def open_road(**environment: str) -> Iterator[Road]:
    """A fresh stack, stand-in and clock, and the road over them; `environment` is added to the functions'."""
    clock = FakeClock()
    with StandIn(clock=clock.now) as stand_in, aws(clock) as stack:
        road = Road(stack, stand_in, clock, environment)
        try:
            yield road
        finally:
            road.claude.close()


class _RetryQueue(WakeUpQueue):
    """The retry queue, which tells the road when its next message is due."""

    def __init__(self, road: Road) -> None:
        super().__init__(road.stack.sqs, road.stack.ref("RetryQueue"))
        self._road = road

    def send(self, message: WakeUp, delay_seconds: float = 0) -> None:
        super().send(message, delay_seconds)
        self._road.note_due(min(MAX_DELAY_SECONDS, max(0.0, delay_seconds)))


def is_finished(item: Mapping[str, Any]) -> bool:
    """Whether the pipeline owes the ticket nothing: done, failed, or resolved, with no `rediagnose`."""
    ended = item.get("diagnosis_status") in (DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
    return "rediagnose" not in item and (ended or item.get("status") == Status.RESOLVED)


def meant_for(ticket_id: str) -> str:
    """What a fault of the stand-in matches so that it meets this ticket alone."""
    return f"message: something is wrong, says {ticket_id}."
