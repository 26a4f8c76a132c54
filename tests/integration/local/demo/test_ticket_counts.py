"""The demo's count is made from the table, and calls a ticket lost that nothing will come back to."""

import time
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from local.aws.stack import Stack
from local.demo.ticket_counts import count

FUTURE, PAST = int(time.time()) + 100_000, int(time.time()) - 100_000


def counted(stack: Stack, ticket: dict[str, Any] | None, *, drained: bool) -> str:
    """What the count takes a ticket in this state for."""
    if ticket is not None:
        serialize = TypeSerializer().serialize
        item = {name: serialize(value) for name, value in {"ticket_id": "a", **ticket}.items()}
        stack.dynamodb.put_item(TableName=stack.ref("TicketsTable"), Item=item)
    counts = count(stack, ["a"], None, drained=drained)
    [only] = [name for name in ("diagnosed", "failed", "waiting", "lost") if getattr(counts, name) == 1]
    return only


@pytest.mark.parametrize(
    ("ticket", "drained", "expected"),
    [
        ({"diagnosis_status": "done"}, True, "diagnosed"),
        ({"diagnosis_status": "failed"}, True, "failed"),
        ({"diagnosis_status": "deferred", "deferred_reason": "429", "not_before": FUTURE}, True, "waiting"),
        ({"diagnosis_status": "deferred"}, True, "lost"),
        ({"diagnosis_status": "running", "lease_until": FUTURE}, True, "waiting"),
        ({"diagnosis_status": "running", "lease_until": PAST}, True, "lost"),
        ({"diagnosis_status": "pending"}, False, "waiting"),
        ({"diagnosis_status": "pending"}, True, "lost"),
        ({"status": "open"}, False, "waiting"),
        ({"status": "open"}, True, "lost"),
        ({"diagnosis_status": "odd"}, True, "lost"),
        (None, True, "lost"),
    ],
)
def test_what_a_ticket_is_counted_as(
    stack: Stack, ticket: dict[str, Any] | None, drained: bool, expected: str
) -> None:
    assert counted(stack, ticket, drained=drained) == expected


def test_calls_that_nobody_counted_are_not_given_as_none_at_all(stack: Stack) -> None:
    assert dict(count(stack, [], None, drained=True).rows())["Claude calls"] == "not counted"
