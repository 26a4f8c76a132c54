"""Messages on the template's retry queue: they come when they should, and say what was sent."""

from collections.abc import Iterator

import boto3
import pytest

from local.aws.stack import Stack
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tickets.wake_up import MAX_DELAY_SECONDS, FailedTicket, Message, WakeUpQueue, read_message

MESSAGE = FailedTicket(ticket_id="T-1", generation=3, kind="failed", reason="忙 busy")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stack(clock: FakeClock) -> Iterator[Stack]:
    with aws(clock) as created:
        yield created


def received(stack: Stack) -> list[Message]:
    found = stack.sqs.receive_message(QueueUrl=stack.ref("RetryQueue"), WaitTimeSeconds=0)
    return [read_message(message["Body"]) for message in found.get("Messages", [])]


@pytest.mark.parametrize(
    ("asked", "kept"), [(0, 0), (-30, 0), (0.4, 1), (30, 30), (89.6, 90), (900, 900), (86_400, 900)]
)
def test_a_message_comes_after_its_delay_as_far_as_sqs_allows(
    stack: Stack, clock: FakeClock, asked: float, kept: float
) -> None:
    WakeUpQueue(lambda: boto3.client("sqs"), stack.ref("RetryQueue")).send(MESSAGE, asked)

    if kept:
        clock.advance(kept - 1)
        assert received(stack) == []
        clock.advance(1.1)

    assert kept <= MAX_DELAY_SECONDS
    assert received(stack) == [MESSAGE]


@pytest.mark.parametrize("ticket_id", ["disk\uffff", "disk\x01", "disk\x85", "диск 😀"], ids=ascii)
def test_a_ticket_with_any_id_has_its_message(stack: Stack, ticket_id: str) -> None:
    message = MESSAGE.model_copy(update={"ticket_id": ticket_id, "reason": "\uffff"})

    WakeUpQueue(lambda: boto3.client("sqs"), stack.ref("RetryQueue")).send(message)

    assert received(stack) == [message]
