"""moto answers the same whether or not it is spared what never changes."""

from typing import Any
from unittest import mock

from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models.dynamo_type import Item

from local.aws.api import quick_moto
from local.aws.stack import Stack
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

ITEM: Any = {
    "ticket_id": {"S": "t-1"},
    "status": {"S": "open"},
    "held": {"BOOL": False},
    "batch_key": {"NULL": True},
    "occurrence_count": {"N": "0"},
    "topology": {"L": [{"M": {"Item": {"S": ""}}}, {"L": []}, {"SS": ["a", "b"]}, {"B": b"\x00"}]},
}


def answers(stack: Stack) -> list[Any]:
    table, queue = stack.ref("TicketsTable"), stack.ref("RetryQueue")
    update: Any = {
        "UpdateExpression": "SET #s = :s REMOVE held",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":s": {"S": "resolved"}},
    }
    asked = [
        stack.dynamodb.put_item(TableName=table, Item=ITEM, ReturnValues="ALL_OLD"),
        stack.dynamodb.update_item(
            TableName=table, Key={"ticket_id": {"S": "t-1"}}, ReturnValues="ALL_NEW", **update
        ),
        stack.dynamodb.update_item(
            TableName=table, Key={"ticket_id": {"S": "t-1"}}, ReturnValues="ALL_OLD", **update
        ),
        stack.dynamodb.scan(TableName=table),
        stack.dynamodb.scan(TableName=table, ProjectionExpression="topology[0], ticket_id, nobody"),
        stack.dynamodb.scan(TableName=table, IndexName="by-status"),
        stack.dynamodb.get_item(TableName=table, Key={"ticket_id": {"S": "nobody"}}),
        stack.dynamodb.describe_table(TableName=table),
        stack.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"]),
        stack.secrets.get_secret_value(SecretId=stack.ref("AnthropicApiKey")),
    ]
    return [without_chance(answer) for answer in asked]


def without_chance(answer: Any) -> Any:
    """All of it but ids and the time, which are new in each."""
    if isinstance(answer, dict):
        return {
            name: without_chance(value)
            for name, value in answer.items()
            if name not in {"ResponseMetadata", "TableId", "ARN", "VersionId", "CreatedDate"}
        }
    return answer


def test_the_answers_are_the_same() -> None:
    with aws(FakeClock()) as stack:
        quick = answers(stack)
    with (
        aws(FakeClock()) as stack,
        mock.patch.object(ResponseSerializer, "get_value", vars(quick_moto)["_moto_get_value"]),
        mock.patch.object(Item, "project", vars(quick_moto)["_moto_project"]),
    ):
        assert answers(stack) == quick
