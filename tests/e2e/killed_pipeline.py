"""A pipeline whose functions are killed: what AWS does between them, in simulated time."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from moto.events.models import EventPattern

from local.aws.mappings import stream_settings
from local.aws.stack import Stack
from local.aws.stream_mapping import Record, as_event, changes_nothing
from runtime.items import from_attributes
from tests.e2e.crash_functions import Ended, Functions, Kill
from tests.support.fake_clock import FakeClock

Item = dict[str, Any]

POLL_SECONDS = 60.0
SWEEP_SECONDS = 400.0
"""Longer than the template's interval and than a lease: the first sweep after a crash has work to do."""
MOST_SWEEPS = 20
"""More than an hour: what takes longest is a ticket whose every attempt dies."""


@dataclass
class KilledPipeline:
    """Hands records, messages and ticks to the functions one after another, and has an invocation killed."""

    stack: Stack
    functions: Functions
    clock: FakeClock
    crash_in: Mapping[str, int]
    """How many invocations of each function have their calls counted, from the first."""
    kill: Kill | None = None
    """At which of the counted calls to die."""
    deaths: int = 1
    """How often to die: again at the same call of the next invocation that is counted and gets so far."""
    retry_seconds: float = 1.0
    """How long the stream's mapping waits before it delivers a record again."""
    counting: bool = True
    calls: list[str] = field(default_factory=list)
    """The counted calls so far."""
    first_calls: set[int] = field(default_factory=set)
    """Which of them, counted from 1, were the first of an invocation."""
    died_at: list[str] = field(default_factory=list)
    given_up: list[Record] = field(default_factory=list)
    """The records that died in every delivery."""
    tickets: dict[str, Item] = field(default_factory=dict)
    """Every ticket as the stream last showed it."""
    done_at: float = 0.0
    """When a ticket last became done: later on, time passes in whole intervals of sweep."""
    claims_done: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    """The claims under which a ticket became done, by ticket and generation."""

    def __post_init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._records: deque[Record] = deque()
        self._number_within = 0
        self._queue_is_empty = True
        self._mapping = stream_settings(self.stack.template.resource("DiagnoseFunction"))
        self._patterns: list[Any] = [EventPattern.load(pattern) for pattern in self._mapping.patterns]
        arn = self._mapping.stream_arn
        [shard] = self.stack.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self._iterator = self.stack.streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]

    def put(self, item: Mapping[str, Any]) -> None:
        """Writes a ticket as a producer does that overwrites whatever is there."""
        self.stack.dynamodb.put_item(TableName=self.stack.ref("TicketsTable"), Item=_typed(item))
        self._read_stream()

    def ask_again(self, ticket_id: str) -> None:
        """Writes `rediagnose`, as a person does."""
        self.stack.dynamodb.update_item(
            TableName=self.stack.ref("TicketsTable"),
            Key=_typed({"ticket_id": ticket_id}),
            UpdateExpression="SET rediagnose = :text",
            ExpressionAttributeValues=_typed({":text": "the disk was replaced"}),
        )
        self._read_stream()

    def say(self, ticket_id: str, **attributes: Any) -> None:
        """Writes attributes, as a person does."""
        for name, value in attributes.items():
            self.stack.dynamodb.update_item(
                TableName=self.stack.ref("TicketsTable"),
                Key=_typed({"ticket_id": ticket_id}),
                UpdateExpression="SET #name = :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues=_typed({":value": value}),
            )
        self._read_stream()

    def lose_records(self) -> None:
        """Forgets what the stream holds, as it does itself after a day."""
        self._records.clear()

    def settle(self) -> None:
        """Lets time pass until nothing is owed any more."""
        for _ in range(MOST_SWEEPS):
            self.deliver()
            if self._is_quiet():
                return
            self.sweep_in()
        raise AssertionError(f"this never ends: {self.tickets}")

    def deliver(self) -> None:
        """Delivers until neither the stream nor the queue has anything for now."""
        while self._records or self._deliver_messages():
            if self._records:
                self._deliver_record(self._records.popleft())

    def sweep_in(self, seconds: float = SWEEP_SECONDS) -> None:
        """Lets time pass, with whatever messages come due meanwhile; then it is sweep's turn."""
        tick = self.clock.now() + seconds
        while self.clock.now() < tick and self._messages_wait():
            self.clock.advance(min(POLL_SECONDS, tick - self.clock.now()))
            self.deliver()
        self.clock.advance(max(0.0, tick - self.clock.now()))
        self._invoke("SweepFunction", {})

    def redrive(self) -> None:
        """Moves the dead-letter queue's messages to the retry queue, as the console does."""
        source, target = self.stack.ref("DeadLetterQueue"), self.stack.ref("RetryQueue")
        while messages := self._receive(source):
            for message in messages:
                self.stack.sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
                self.stack.sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
            self._queue_is_empty = False

    def clear(self) -> None:
        """Empties the tables, so that the next run starts afresh."""
        for table, key in (("TicketsTable", "ticket_id"), ("StateTable", "state_id")):
            name = self.stack.ref(table)
            for item in self.stack.dynamodb.scan(TableName=name)["Items"]:
                self.stack.dynamodb.delete_item(TableName=name, Key={key: item[key]})

    def _deliver_record(self, record: Record) -> None:
        for _ in range(1 + self._mapping.maximum_retry_attempts):
            if self._invoke("DiagnoseFunction", {"Records": [record]}).completed:
                return
            self.clock.advance(self.retry_seconds)
        self.given_up.append(record)

    def _deliver_messages(self) -> bool:
        queue = self.stack.ref("RetryQueue")
        messages = [] if self._queue_is_empty else self._receive(queue)
        if not messages:
            return False
        records = [{"messageId": message["MessageId"], "body": message["Body"]} for message in messages]
        ended = self._invoke("RearmFunction", {"Records": records})
        if ended.completed:
            failed = {failure["itemIdentifier"] for failure in ended.returned["batchItemFailures"]}
            for message in messages:
                if message["MessageId"] not in failed:
                    self.stack.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return True

    def _receive(self, queue: str) -> list[Any]:
        return self.stack.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])

    def _invoke(self, function: str, event: Mapping[str, Any]) -> Ended:
        counted = self.counting and self._counted[function] < self.crash_in.get(function, 0)
        self._counted[function] += counted
        kill = None
        if counted and self.kill and len(self.died_at) < self.deaths:
            number = self._number_within or self.kill.number - len(self.calls)
            kill = Kill(self.kill.when, number)
        properties = self.stack.template.resource(function).properties
        ended = self.functions.invoke(properties, event, self.clock.now(), kill)
        if counted:
            self.first_calls.add(len(self.calls) + 1)
            self.calls += [f"{function}: {call}" for call in ended.calls]
        if ended.killed and kill:
            self.died_at.append(f"{kill.when} {self.calls[-1]}")
            self._number_within = kill.number
        self.clock.advance(ended.now - self.clock.now())
        self._queue_is_empty &= not any(call.startswith("SendMessage") for call in ended.calls)
        self._read_stream()
        return ended

    def _read_stream(self) -> None:
        answer = self.stack.streams.get_records(ShardIterator=self._iterator)
        self._iterator = answer["NextShardIterator"]
        for raw in answer["Records"]:
            record = as_event(raw, self._mapping.stream_arn)
            old, new = (
                from_attributes(record["dynamodb"].get(image, {})) for image in ("OldImage", "NewImage")
            )
            if not new or changes_nothing(record):
                continue
            self.tickets[new["ticket_id"]] = new
            if new.get("diagnosis_status") == "done" and old.get("diagnosis_status") != "done":
                self.claims_done[new["ticket_id"], int(new["generation"])].add(new["claim_token"])
                self.done_at = self.clock.now()
            if any(pattern.matches_event(record) for pattern in self._patterns):
                self._records.append(record)

    def _is_quiet(self) -> bool:
        finished = all(
            ticket.get("diagnosis_status") in ("done", "failed") and "rediagnose" not in ticket
            for ticket in self.tickets.values()
        )
        return finished and not self._messages_wait()

    def _messages_wait(self) -> bool:
        """Whether the retry queue holds any message, visible or not."""
        if not self._queue_is_empty:
            counts = self.stack.sqs.get_queue_attributes(
                QueueUrl=self.stack.ref("RetryQueue"),
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )["Attributes"]
            self._queue_is_empty = not any(int(count) for count in counts.values())
        return not self._queue_is_empty


def _typed(item: Mapping[str, Any]) -> dict[str, Any]:
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}
