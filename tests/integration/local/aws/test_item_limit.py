"""The emulator keeps DynamoDB's item limit: the item as it would be, all or nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws.tables.item_limit import LIMIT_BYTES
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NAMES_AND_KEY = len("ticket_id") + len("T-1") + len("text")


@pytest.fixture
def table() -> Iterator["Table"]:
    with aws(FakeClock()) as stack:
        yield boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))


def full(less: int = 0) -> dict[str, Any]:
    return {"ticket_id": "T-1", "text": "x" * (LIMIT_BYTES - NAMES_AND_KEY - less)}


def update(table: "Table", expression: str, **values: Any) -> None:
    table.update_item(
        Key={"ticket_id": "T-1"},
        UpdateExpression=expression,
        ExpressionAttributeNames={"#text": "text"} if "#text" in expression else {"#a": "a"},
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
    )


def test_an_item_may_be_as_large_as_the_limit(table: "Table") -> None:
    table.put_item(Item=full())

    assert table.get_item(Key={"ticket_id": "T-1"})["Item"] == full()


def test_an_item_a_byte_larger_is_refused(table: "Table") -> None:
    with pytest.raises(ClientError, match="Item size has exceeded"):
        table.put_item(Item=full(less=-1))


def test_an_update_that_would_end_above_the_limit_changes_nothing(table: "Table") -> None:
    table.put_item(Item=full(less=3))

    with pytest.raises(ClientError, match="Item size to update has exceeded"):
        update(table, "SET #a = :a, b = :b", a="1", b="2")

    assert table.get_item(Key={"ticket_id": "T-1"})["Item"] == full(less=3)


def test_an_expression_above_its_own_limit_is_refused(table: "Table") -> None:
    table.put_item(Item=full(less=3))

    with pytest.raises(ClientError, match="Expression size has exceeded the maximum allowed size"):
        update(table, f"REMOVE #a, {', '.join(f'b{number}' for number in range(1000))}")


def test_an_update_may_end_at_the_limit(table: "Table") -> None:
    table.put_item(Item=full(less=3))

    update(table, "SET #a = :a", a="12")

    assert table.get_item(Key={"ticket_id": "T-1"})["Item"] == {**full(less=3), "a": "12"}


def test_what_is_replaced_or_removed_no_longer_counts(table: "Table") -> None:
    table.put_item(Item=full())

    update(table, "SET #text = :text", text="y" * 400_000)
    update(table, "SET b = :b REMOVE #text", b="z" * 400_000)

    assert table.get_item(Key={"ticket_id": "T-1"})["Item"] == {"ticket_id": "T-1", "b": "z" * 400_000}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("店", 3),
        (12345, 4),
        (-100, 2),
        (True, 1),
        (None, 1),
        (b"\x00\x01\x02", 3),
        ({"a": "b"}, 3 + 1 + 1 + 1),
        (["a", "b"], 3 + 2 + 2),
        ({"a", "b"}, 3 + 2 + 2),
    ],
)
def test_values_count_by_their_type(table: "Table", value: Any, size: int) -> None:
    table.put_item(Item=full(less=1 + size))
    update(table, "SET #a = :a", a=value)

    table.put_item(Item=full(less=size))
    with pytest.raises(ClientError, match="exceeded"):
        update(table, "SET #a = :a", a=value)
