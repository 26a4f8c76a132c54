"""Notify on AWS in this process: its door, and what went out by each way, as queues behind them have it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import boto3
from boto3.dynamodb.types import TypeSerializer

import notify.app
import notify.wiring
from local.aws.names import ACCOUNT, REGION
from local.aws.stack import Stack
from notify.notify_people import NotifyPeople
from notify.settings import NotifySettings
from runtime.items import open_dynamodb, storable
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.shared_clients import shared_clients

TOPICS = {"mail": "MESSAGE_TOPIC", "slack": "CHAT_TOPIC", "teams": "TEAMS_TOPIC"}
BUS = "differential"


@dataclass(frozen=True)
class Context:
    """What Lambda hands over beside the event."""

    function_name: str = "differential-notify"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:differential-notify"
    aws_request_id: str = "req-1"


class Told:
    """The use case and its ways; `use_case` may be taken apart by a test."""

    def __init__(self, stack: Stack, clock: FakeClock, use_case: NotifyPeople) -> None:
        self.stack, self.clock, self.use_case = stack, clock, use_case
        self.table = open_dynamodb().Table(stack.ref("TicketsTable"))

    def put(self, **attributes: Any) -> dict[str, Any]:
        """Writes a ticket as it stands after its diagnosis."""
        item = {**ticket(), **attributes}
        self.table.put_item(Item=storable(item))
        return item

    def item(self, ticket_id: str = "t-1") -> dict[str, Any]:
        return dict(self.table.get_item(Key={"ticket_id": ticket_id}).get("Item", {}))

    def tell(self, new: Mapping[str, Any], old: Mapping[str, Any]) -> str:
        """What comes of a record of the stream."""
        outcomes = self.invoke({"Records": [record(new, old)]})
        return outcomes[str(new["ticket_id"])]

    def finish(self, **attributes: Any) -> str:
        """A run ends: the ticket is written, and the stream's record of that handled."""
        new = self.put(**attributes)
        return self.tell(new, {**new, "diagnosis_status": "running"})

    def invoke(self, event: dict[str, Any]) -> dict[str, str]:
        outcomes: dict[str, str] = notify.app.handler(event, Context())
        return outcomes

    def events(self) -> list[dict[str, Any]]:
        """What went over the bus since the last look, whole."""
        return [json.loads(body) for body in self._received(BUS)]

    def by(self, way: str) -> list[dict[str, Any]]:
        """What went out by mail, slack or teams since the last look: `Subject` and `Message`."""
        return [json.loads(body) for body in self._received(way)]

    def _received(self, queue: str) -> Iterator[str]:
        url = self.stack.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while found := self.stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                yield message["Body"]
                self.stack.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def told(**environment: str) -> Iterator[Told]:
    """Notify with a bus, a topic for each way, and a queue behind each of them."""
    clock = FakeClock()
    with shared_clients(), aws(clock) as stack:
        sns, events = boto3.client("sns"), boto3.client("events")
        arns = {}
        for way, variable in TOPICS.items():
            arns[variable] = sns.create_topic(Name=f"told-{way}")["TopicArn"]
            sns.subscribe(TopicArn=arns[variable], Protocol="sqs", Endpoint=_queue(stack, way))
        pattern = json.dumps({"source": ["differential"]})
        events.put_rule(Name="all", EventBusName=BUS, EventPattern=pattern)
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "q", "Arn": _queue(stack, BUS)}])
        variables = {"EVENT_BUS": BUS, "STACK_NAME": "differential", **arns, **environment}
        with mock.patch.dict(os.environ, {**variables, "AWS_REGION": REGION}):
            use_case = notify.wiring.build(NotifySettings.from_environment(), clock)
            found = Told(stack, clock, use_case)
            with mock.patch.object(notify.app, "notify_people", side_effect=lambda: found.use_case):
                yield found


def _queue(stack: Stack, name: str) -> str:
    stack.sqs.create_queue(QueueName=name)
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def ticket(**attributes: Any) -> dict[str, Any]:
    """A ticket that was diagnosed."""
    return {
        "ticket_id": "t-1",
        "status": "diagnosed",
        "diagnosis_status": "done",
        "generation": 0,
        "severity": "critical",
        "invariant_name": "disk_latency",
        "component": "tikv-4",
        "message": "await 41 ms > 10 ms",
        "diagnosis": "## Action required\n\n**A slow disk holds up tikv-4.**\n",
        "diagnosis_record": record_of_answer(),
        **attributes,
    }


def record_of_answer(**answer: Any) -> dict[str, Any]:
    """A record as it is stored, with what a message reads of it."""
    return {
        "version": 4,
        "answer": {
            "verdict": "action_required",
            "headline": "A slow disk holds up tikv-4: move its leaders away.",
            "severity": "warning",
            "recommended_action": "Move the leaders off tikv-4, then replace its disk.",
            "primary": {
                "diagnosis": "The disk of tikv-4 answers in 41 ms, so raft logs wait for it.",
                "confidence": "high",
                "chain": [
                    {
                        "from_component": "tikv-4",
                        "to_component": "tidb",
                        "how": "commits wait for the disk",
                        "since": "02:10",
                        "evidence": ["M1"],
                    }
                ],
            },
            "commands": [
                {"command": "df -h", "purpose": "free space", "changes": "nothing", "risk": "none"},
                {"command": "rm -rf /data", "purpose": "room", "changes": "all", "risk": "all"},
            ],
            "missing_data": [{"what": "the disk's model", "where": "its label"}],
            **answer,
        },
        "confidence": {"said": "high", "shown": "medium", "reasons": ["one check is unknown"]},
        "commands": [
            {"effect": "read_only", "why": "it only reads", "marks": []},
            {"effect": "destructive", "why": "rm -r deletes", "marks": []},
        ],
        "not_looked_at": ["could not look: traces: not allowed"],
    }


def record(new: Mapping[str, Any] | None, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """A record of the stream with these images."""
    images = {"NewImage": new, "OldImage": old}
    key = {"ticket_id": {"S": str((new or old or {})["ticket_id"])}}
    return {
        "eventID": "e-1",
        "eventName": "MODIFY",
        "dynamodb": {
            "Keys": key,
            "ApproximateCreationDateTime": 1_790_000_000,
            **{name: image_of(image) for name, image in images.items() if image is not None},
        },
    }


def image_of(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(storable(value)) for name, value in item.items()}
