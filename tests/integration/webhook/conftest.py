"""The webhook's door on a bus with a queue behind it, called as Lambda calls it for a function's URL."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unittest import mock

import boto3
import pytest

import webhook.app
import webhook.wiring
from local.aws.names import ACCOUNT, REGION
from local.aws.stack import Stack
from local.demo.events import load_event
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.invoked_pipeline import Context
from tests.support.shared_clients import shared_clients
from tests.support.webhook_samples import SECRET
from webhook.settings import WebhookSettings

QUEUE = "behind-the-bus"
NOW = 1_795_831_805.0
"""When the samples arrived: 2026-11-28T02:10:05Z."""


@dataclass
class Door:
    """What a sender sees, and what lies behind."""

    stack: Stack
    clock: FakeClock

    def __post_init__(self) -> None:
        self.receive = webhook.wiring.build(WebhookSettings.from_environment(), self.clock)

    def send(self, event: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the body that an event is answered with."""
        context: Any = Context(self.clock, self.clock.now() + 15)
        with mock.patch.object(webhook.app, "receive", return_value=self.receive):
            answer = webhook.app.handler(dict(event), context)
        assert answer["headers"]["content-type"] == "application/json"
        return answer["statusCode"], json.loads(answer["body"])

    def post(self, path: str, body: Any, secret: str = SECRET, **headers: str) -> tuple[int, dict[str, Any]]:
        text = body if isinstance(body, str) else json.dumps(body)
        sample = load_event("webhook-plain")
        given = {"authorization": f"Bearer {secret}", **headers}
        return self.send({**sample, "rawPath": path, "headers": given, "body": text})

    def sample(self, sender: str) -> tuple[int, dict[str, Any]]:
        return self.send(load_event(f"webhook-{sender}"))

    def set_secret(self, value: str) -> None:
        self.stack.secrets.put_secret_value(SecretId=self.stack.ref("WebhookSecret"), SecretString=value)

    def on_the_bus(self) -> list[dict[str, Any]]:
        """What went over the bus since the last look."""
        url = self.stack.sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        found: list[dict[str, Any]] = []
        while messages := self.stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.stack.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="module")
def bus() -> Iterator[tuple[Stack, FakeClock]]:
    clock = FakeClock(NOW)
    with shared_clients(), aws(clock, WebhookDoor="true") as stack:
        events, bus = boto3.client("events"), stack.ref("EventBus")
        stack.sqs.create_queue(QueueName=QUEUE)
        with suppress(events.exceptions.ResourceAlreadyExistsException):
            events.create_event_bus(Name=bus)
        pattern = json.dumps({"source": [{"anything-but": "differential"}]})
        events.put_rule(Name="in", EventBusName=bus, EventPattern=pattern)
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"
        events.put_targets(Rule="in", EventBusName=bus, Targets=[{"Id": "q", "Arn": queue}])
        yield stack, clock


@pytest.fixture
def door(bus: tuple[Stack, FakeClock]) -> Door:
    stack, clock = bus
    opened = Door(stack, clock)
    opened.set_secret(SECRET)
    opened.on_the_bus()
    return opened
