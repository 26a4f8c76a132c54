"""Where the use cases run: on moto, or on tables and queues in memory. Either as the template has them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import boto3

from local.aws.stack import Stack
from local.aws.stream_mapping import changes_nothing
from local.aws.template import Template
from runtime.items import open_dynamodb
from tests.integration.state_machine.calls import Calls
from tests.integration.state_machine.in_memory import InMemorySqs, InMemoryTable, Item, Queue
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tickets.stream_record import StreamRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class Deployment:
    """The tables and queues. Calls to `tickets`, `state` and `sqs` are the pipeline's, and pass by `Calls`.

    `producers_tickets` and `other_sqs` are the same tickets and queues for everybody else. `changes` gives
    the records that the stream has got since it was asked last.
    """

    stack: Stack
    tickets: "Table"
    state: "Table"
    sqs: "SQSClient"
    producers_tickets: "Table"
    other_sqs: "SQSClient"
    changes: Callable[[], list[StreamRecord]]

    @property
    def environment(self) -> Mapping[str, str]:
        """What every function is told."""
        return self.stack.environment("RearmFunction")


Deploy = Callable[[Calls], Deployment]


@contextmanager
def on_moto(clock: FakeClock) -> Iterator[Deploy]:
    with aws(clock) as stack:
        tickets, state = stack.ref("TicketsTable"), stack.ref("StateTable")

        def deploy(calls: Calls) -> Deployment:
            dynamodb, sqs = open_dynamodb(), boto3.client("sqs")
            calls.watch(dynamodb.meta.client)
            calls.watch(sqs)
            return Deployment(
                stack,
                tickets=dynamodb.Table(tickets),
                state=dynamodb.Table(state),
                sqs=sqs,
                producers_tickets=open_dynamodb().Table(tickets),
                other_sqs=stack.sqs,
                changes=_motos_changes(stack),
            )

        yield deploy


@contextmanager
def in_memory(clock: FakeClock) -> Iterator[Deploy]:
    stack = Stack(None, _template())
    items: dict[str, Item] = {}
    changes: list[tuple[Item | None, Item | None]] = []
    queues = {stack.ref(name): _queue(stack, name) for name in ("RetryQueue", "DeadLetterQueue")}
    event_ids, receipts = count(), count()

    def changed() -> list[StreamRecord]:
        records = [
            StreamRecord(f"event-{next(event_ids)}", (old or new or {})["ticket_id"], old, new)
            for old, new in changes
        ]
        changes.clear()
        return records

    def deploy(calls: Calls) -> Deployment:
        indexes = projections(stack.template)
        return Deployment(
            stack,
            tickets=cast("Table", InMemoryTable("ticket_id", items, changes, indexes, calls=calls)),
            state=cast("Table", InMemoryTable("state_id", {}, [], calls=calls)),
            sqs=cast("SQSClient", InMemorySqs(clock, queues, receipts, calls=calls)),
            producers_tickets=cast("Table", InMemoryTable("ticket_id", items, changes)),
            other_sqs=cast("SQSClient", InMemorySqs(clock, queues, receipts)),
            changes=changed,
        )

    yield deploy


def projections(template: Template) -> dict[str, tuple[str, frozenset[str]]]:
    """The hash key of each index of the tickets, and what it shows of a ticket."""
    found = {}
    for index in template.resource("TicketsTable").properties["GlobalSecondaryIndexes"]:
        keys = [key["AttributeName"] for key in index["KeySchema"]]
        shown = frozenset(["ticket_id", *keys, *index["Projection"]["NonKeyAttributes"]])
        found[index["IndexName"]] = (keys[0], shown)
    return found


@cache
def _template() -> Template:
    return Template.read()


def _queue(stack: Stack, name: str) -> Queue:
    properties = stack.template.resource(name).properties
    visibility, retention = properties.get("VisibilityTimeout", 30), properties["MessageRetentionPeriod"]
    if "RedrivePolicy" not in properties:
        return Queue(visibility, retention)
    most_receives = properties["RedrivePolicy"]["maxReceiveCount"]
    return Queue(visibility, retention, stack.ref("DeadLetterQueue"), most_receives)


def _motos_changes(stack: Stack) -> Callable[[], list[StreamRecord]]:
    arn = stack.template.names.attribute("TicketsTable", "StreamArn")
    [shard] = stack.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = stack.streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]

    def changes() -> list[StreamRecord]:
        nonlocal iterator
        answer: Any = stack.streams.get_records(ShardIterator=iterator)
        iterator = answer["NextShardIterator"]
        return [
            StreamRecord.from_event(record) for record in answer["Records"] if not changes_nothing(record)
        ]

    return changes
