"""The functions' own handlers, called as Lambda calls them, on a clock of the test's own.

Real: the template's tables, queues, secret and stream filter (in this process), the functions' wiring, and
the SDK's calls over HTTP to the stand-in for Claude.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import boto3
from moto.events.models import EventPattern
from moto.sqs.models import sqs_backends

import diagnose.app
import diagnose.wiring
import rearm.app
import rearm.wiring
import sweep.app
import sweep.wiring
from local.aws.mappings import stream_settings
from local.aws.names import ACCOUNT, REGION
from local.aws.stack import Stack
from local.aws.stream_mapping import Record, as_event, changes_nothing
from local.claude.server import StandIn
from local.demo.events import load_event
from runtime.items import from_table
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.wired import wired

TICKET_ID = "t-1"


@dataclass(frozen=True)
class Context:
    """What Lambda hands to a handler beside the event; its time runs out by the test's clock."""

    clock: FakeClock
    ends: float
    function_name: str = "differential-function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:differential-function"
    aws_request_id: str = "req-1"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.ends - self.clock.now()) * 1000))


@dataclass(frozen=True)
class Sent:
    """A message on a queue, and the time (epoch seconds) from which it can be received."""

    body: dict[str, Any]
    visible_from: float


class Doors:
    """The three functions of a stack; `stand_in` is who they call."""

    def __init__(self, stack: Stack, clock: FakeClock, stand_in: StandIn) -> None:
        function = stack.template.resource("DiagnoseFunction")
        self.stack, self.clock, self.stand_in = stack, clock, stand_in
        diagnosing, self.rearming, self.sweeping = wired(clock, {"ANTHROPIC_BASE_URL": stand_in.url})
        self.diagnosing = replace(diagnosing, jitter=lambda: 0.5)
        self.capacity, self.store = self.diagnosing.capacity, self.diagnosing.store
        self.tickets = boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
        self._mapping = stream_settings(function)
        self._patterns: list[Any] = [EventPattern.load(pattern) for pattern in self._mapping.patterns]
        self._iterator = self._start_of_stream()

    # What producers and people do

    def put(self, ticket_id: str = TICKET_ID, **attributes: Any) -> dict[str, Any]:
        """Writes the whole ticket, as a producer does; None leaves an attribute out."""
        ticket = {
            "ticket_id": ticket_id,
            "status": "open",
            "invariant_name": "disk_latency",
            "message": "await 41 ms > 10 ms",
            **attributes,
        }
        written = {name: value for name, value in ticket.items() if value is not None}
        self.tickets.put_item(Item=written)
        return written

    def update(self, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
        """Sets attributes of a ticket; None removes one."""
        changes: Any = {
            name: {"Action": "DELETE"} if value is None else {"Action": "PUT", "Value": value}
            for name, value in attributes.items()
        }
        self.tickets.update_item(Key={"ticket_id": ticket_id}, AttributeUpdates=changes)

    def delete(self, ticket_id: str = TICKET_ID) -> None:
        self.tickets.delete_item(Key={"ticket_id": ticket_id})

    def item(self, ticket_id: str = TICKET_ID) -> dict[str, Any]:
        """The ticket as it is; empty when there is none."""
        found = self.tickets.get_item(Key={"ticket_id": ticket_id}).get("Item")
        return from_table(found) if found else {}

    def keep_key(self, value: str) -> None:
        self.stack.secrets.put_secret_value(SecretId=self.stack.ref("AnthropicApiKey"), SecretString=value)

    # What AWS does

    def changes(self) -> list[Record]:
        """What the stream carries since the last look, whether or not the filter lets it through."""
        answer = self.stack.streams.get_records(ShardIterator=self._iterator)
        self._iterator = answer["NextShardIterator"]
        records = [as_event(record, self._mapping.stream_arn) for record in answer["Records"]]
        return [record for record in records if not changes_nothing(record)]

    def transitions(self) -> list[Record]:
        """What the template's filter lets through of that."""
        return [
            record
            for record in self.changes()
            if any(pattern.matches_event(record) for pattern in self._patterns)
        ]

    def deliver(self) -> int:
        """Invokes diagnose, record by record, until nothing more passes the filter; how often that was."""
        invocations = 0
        while records := self.transitions():
            for record in records:
                self.diagnose(record)
                invocations += 1
        return invocations

    def diagnose(self, *records: Record, seconds: float = 300.0) -> None:
        self._invoke(diagnose.app.handler, {"Records": list(records)}, seconds)

    def rearm(self, *bodies: object) -> Any:
        """Hands over messages with these bodies and the ids m-0, m-1, ...; a text is a body as it stands."""
        records = [
            {
                "messageId": f"m-{number}",
                "receiptHandle": f"r-{number}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": self.stack.arn("RetryQueue"),
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies)
        ]
        return self._invoke(rearm.app.handler, {"Records": records}, 30.0)

    def sweep(self, seconds: float = 120.0, **event: Any) -> Any:
        return self._invoke(sweep.app.handler, event, seconds)

    def invoke_cold(self, function: str) -> None:
        """Invokes a function that has built nothing yet, with an event that makes it build everything."""
        module, wiring, event = {
            "diagnose": (diagnose.app, diagnose.wiring.diagnosing, load_event("diagnose-monitor-bump")),
            "rearm": (rearm.app, rearm.wiring.rearming, load_event("rearm-due")),
            "sweep": (sweep.app, sweep.wiring.sweeping, load_event("sweep-schedule")),
        }[function]
        wiring.cache_clear()
        try:
            module.handler(event, Context(self.clock, self.clock.now() + 300))
        finally:
            wiring.cache_clear()

    def sent(self, queue: str) -> list[Sent]:
        """The messages on a queue of the template, delayed ones too."""
        name = self.stack.arn(queue).rpartition(":")[2]
        found = sqs_backends[ACCOUNT][REGION].queues[name]._messages
        return [Sent(json.loads(message.body), message.delayed_until / 1000) for message in found]

    def _invoke(self, handler: Any, event: Mapping[str, Any], seconds: float) -> Any:
        context = Context(self.clock, self.clock.now() + seconds)
        with ExitStack() as patches:
            for module, name, built in (
                (diagnose.app, "diagnosing", self.diagnosing),
                (rearm.app, "rearming", self.rearming),
                (sweep.app, "sweeping", self.sweeping),
            ):
                patches.enter_context(mock.patch.object(module, name, return_value=built))
            return json.loads(json.dumps(handler(json.loads(json.dumps(event)), context)))

    def _start_of_stream(self) -> str:
        arn = self._mapping.stream_arn
        [shard] = self.stack.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        answer = self.stack.streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        return answer["ShardIterator"]


@contextmanager
def doors(stand_in: StandIn, **parameters: str) -> Iterator[Doors]:
    """Fresh tables and queues, the template's parameters at their defaults but for those given."""
    clock = FakeClock()
    with aws(clock, **parameters) as stack:
        yield Doors(stack, clock, stand_in)
