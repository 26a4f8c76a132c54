"""A pipeline, one step at a time, on a clock that moves only when told.

Real: the template's tables, queues, secret and stream filter (in this process, see in_process.py), the
functions' wiring and use cases, and the SDK's calls over HTTP to the stand-in. Played here is Lambda's part:
who is invoked when and with how much time, what happens when an invocation raises, and that diagnose runs one
invocation at a time.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diagnose.claude.deadline import Deadline
from local.aws.stack import Stack
from local.aws.stream_mapping import Record
from local.claude.server import StandIn
from sweep.report import Report
from tests.support.fake_clock import FakeClock
from tests.support.history import History
from tests.support.in_process import aws
from tests.support.pipeline import Pipeline
from tests.support.shared_clients import shared_clients
from tests.support.watched_claude import Asked, WatchedClaude
from tickets.states import DiagnosisStatus, Status
from tickets.stream_record import StreamRecord
from tickets.wake_up import MAX_DELAY_SECONDS, FailedTicket, Message, WakeUpQueue, read_message

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

RETRY_SECONDS = 5.0
"""How long the mapping waits before it invokes again for a record whose invocation raised."""


class SteppedPipeline(Pipeline):
    """All that moves tickets; each method is one thing that happens, and none of them waits in real time.

    `records` are stream records that the filter let through and that nobody was invoked for yet: tests may
    drop, repeat and reorder them. `history` says what has happened.
    """

    def __init__(self, stack: Stack, clock: FakeClock, stand_in: StandIn, **environment: str) -> None:
        super().__init__(stack, clock, stand_in, **environment)
        self.records: deque[Record] = deque()
        self.history = History()
        self._timeout = float(stack.template.resource("DiagnoseFunction").properties["Timeout"])
        self._due: list[float] = []
        self._next_sweep = clock.now()
        self._working_on = ("", 0)
        self.claude = WatchedClaude(self.diagnose_ticket.claude, stand_in, clock, self._note)
        self.retry_queue = _RetryQueue(self)
        self.diagnose_ticket = replace(self.diagnose_ticket, claude=self.claude, retry_queue=self.retry_queue)
        self.rearm_ticket = replace(self.rearm_ticket, retry_queue=self.retry_queue)

    def put(self, ticket_id: str, **attributes: Any) -> dict[str, Any]:
        """Its message is its own: see `meant_for`."""
        about = f"something is wrong, says {ticket_id}."
        defaults = {"invariant_name": f"invariant of {ticket_id}", "message": about}
        return super().put(ticket_id, **{**defaults, **attributes})

    # What AWS does

    def read_stream(self) -> None:
        """Takes in what was written since the last time, through the mapping's filter."""
        for record in self.changes():
            self.history.note_record(record)
            if self.passes_filter(record):
                self.records.append(record)

    def deliver(self, record: Record) -> None:
        """Invokes diagnose for a record, again when that raises, and gives it up when the mapping would."""
        parsed = StreamRecord.from_event(record)
        for attempt in range(1 + self.mapping.maximum_retry_attempts):
            started = self.clock.now()
            if started - record["dynamodb"]["ApproximateCreationDateTime"] > self.mapping.maximum_record_age:
                break
            self._working_on = self._generation_of(parsed.ticket_id)
            try:
                said = self.diagnose_ticket.handle(parsed, Deadline(lambda: self._remaining(started)))  # noqa: B023
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
            wake_up = read_message(message["Body"])
            about = wake_up.ticket_id if isinstance(wake_up, FailedTicket) else ""
            self.history.said.append((about, self.rearm_ticket.handle(wake_up)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the message shows up again
            self.history.said.append(("", f"raised {error!r}"))
            self.note_due(float(self.stack.template.resource("RetryQueue").properties["VisibilityTimeout"]))
        else:
            queue, receipt = self.stack.ref("RetryQueue"), message["ReceiptHandle"]
            self.stack.sqs.delete_message(QueueUrl=queue, ReceiptHandle=receipt)

    def sweep(self, *, open_gate: bool = False) -> Report:
        self._next_sweep = self.clock.now() + self.sweep_tickets.interval_seconds
        return self.sweep_tickets.sweep(lambda: True, open_gate=open_gate)

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
        return not (self.records or self._due) and all(map(is_finished, self.history.tickets.values()))

    def note_due(self, delay_seconds: float) -> None:
        """A message will be there after the delay, which SQS counts in whole seconds."""
        heapq.heappush(self._due, self.clock.now() + math.ceil(delay_seconds) + 0.01)

    def _note(self, asked: Asked) -> None:
        self.history.asked.append((self._working_on, asked))

    def _remaining(self, started: float) -> float:
        return started + self._timeout - self.clock.now()

    def _generation_of(self, ticket_id: str) -> tuple[str, int]:
        return ticket_id, int(self.item(ticket_id).get("generation", 0))


@contextmanager
def stepped_pipeline(**environment: str) -> Iterator[SteppedPipeline]:
    """A fresh stack, stand-in and clock under a pipeline; `environment` is added to the functions'."""
    clock = FakeClock()
    with StandIn(clock=clock.now) as stand_in, aws(clock) as stack, shared_clients():
        pipeline = SteppedPipeline(stack, clock, stand_in, **environment)
        try:
            yield pipeline
        finally:
            pipeline.close()


class _RetryQueue(WakeUpQueue):
    """The retry queue, which tells the pipeline when its next message is due."""

    def __init__(self, pipeline: SteppedPipeline) -> None:
        super().__init__(lambda: pipeline.stack.sqs, pipeline.stack.ref("RetryQueue"))
        self._pipeline = pipeline

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        super().send(message, delay_seconds)
        self._pipeline.note_due(min(MAX_DELAY_SECONDS, max(0.0, delay_seconds)))


def is_finished(item: Mapping[str, Any]) -> bool:
    """Whether the pipeline owes the ticket nothing: done, failed, or resolved, with no `rediagnose`."""
    ended = item.get("diagnosis_status") in (DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
    return "rediagnose" not in item and (ended or item.get("status") == Status.RESOLVED)


def meant_for(ticket_id: str) -> str:
    """What a fault of the stand-in matches so that it meets this ticket alone."""
    return f"message: something is wrong, says {ticket_id}."
