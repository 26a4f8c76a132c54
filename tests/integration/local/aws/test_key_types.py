"""The emulator refuses what DynamoDB refuses as a key of a table or an index, however it is written."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.aws.stack import Stack
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TICKET: dict[str, Any] = {"ticket_id": {"S": "T-1"}, "status": {"S": "open"}}
KEY: dict[str, Any] = {"ticket_id": TICKET["ticket_id"]}
Write = Callable[["DynamoDBClient", str, dict[str, Any]], object]


@pytest.fixture
def stack() -> Iterator[Stack]:
    with aws(FakeClock()) as created:
        created.dynamodb.put_item(TableName=created.ref("TicketsTable"), Item=TICKET)
        yield created


def put(client: "DynamoDBClient", table: str, changed: dict[str, Any]) -> None:
    client.put_item(TableName=table, Item={**TICKET, **changed})


def put_in_a_batch(client: "DynamoDBClient", table: str, changed: dict[str, Any]) -> None:
    client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": {**TICKET, **changed}}}]})


def put_in_a_transaction(client: "DynamoDBClient", table: str, changed: dict[str, Any]) -> None:
    client.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": {**TICKET, **changed}}}])


def update(client: "DynamoDBClient", table: str, changed: dict[str, Any]) -> None:
    [(name, value)] = changed.items()
    client.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="SET noted = :noted, #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":noted": {"S": "before it"}, ":value": value},
    )


def update_the_older_way(client: "DynamoDBClient", table: str, changed: dict[str, Any]) -> None:
    client.update_item(
        TableName=table,
        Key=KEY,
        AttributeUpdates={name: {"Action": "PUT", "Value": value} for name, value in changed.items()},
    )


@pytest.mark.parametrize(
    "write",
    [put, put_in_a_batch, put_in_a_transaction, update, update_the_older_way],
    ids=lambda it: it.__name__,
)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"status": {"N": "1"}},
            "Type mismatch for Index Key status Expected: S Actual: N IndexName: by-status",
        ),
        ({"rediagnose": {"M": {}}}, "Type mismatch for Index Key rediagnose Expected: S Actual: M"),
        ({"diagnosed_at": {"N": "1"}}, "Type mismatch for Index Key diagnosed_at Expected: S Actual: N"),
        ({"status": {"S": ""}}, "empty string"),
    ],
    ids=lambda it: str(it) if isinstance(it, dict) else "",
)
def test_an_indexs_key_has_its_type_and_is_not_empty(
    stack: Stack, write: Write, changed: dict[str, Any], said: str
) -> None:
    table = stack.ref("TicketsTable")

    with pytest.raises(ClientError, match=said) as refused:
        write(stack.dynamodb, table, changed)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert stack.dynamodb.scan(TableName=table)["Items"] == [TICKET]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"N": "1"}, "The provided key element does not match the schema"),
        ({"BOOL": True}, "The provided key element does not match the schema"),
        ({"S": ""}, "empty string value. Key: ticket_id"),
    ],
)
def test_the_tables_key_has_its_type_and_is_not_empty(stack: Stack, value: Any, said: str) -> None:
    client, table = stack.dynamodb, stack.ref("TicketsTable")
    key = {"ticket_id": value}

    for asked in (
        lambda: client.get_item(TableName=table, Key=key),
        lambda: client.delete_item(TableName=table, Key=key),
        lambda: client.update_item(TableName=table, Key=key, UpdateExpression="REMOVE noted"),
    ):
        with pytest.raises(ClientError, match=said):
            asked()
    with pytest.raises(ClientError, match="ValidationException"):
        put(client, table, key)


def test_what_is_no_key_may_be_anything(stack: Stack) -> None:
    put(stack.dynamodb, stack.ref("TicketsTable"), {"severity": {"N": "1"}, "message": {"S": ""}})
