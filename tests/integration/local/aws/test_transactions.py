"""A transaction is whole: for those who write at the same time, and for those who read the stream."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.aws.mappings import Mappings
from local.aws.stack import Stack
from tests.conftest import CreateStack

TEMPLATE = """
Resources:
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: thing_id, AttributeType: S}]
      KeySchema: [{AttributeName: thing_id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
  StreamFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Things:
          Type: DynamoDB
          Properties: {Stream: !GetAtt ThingsTable.StreamArn, StartingPosition: TRIM_HORIZON}
"""


@pytest.fixture
def stack(create_stack: CreateStack) -> Stack:
    return create_stack(TEMPLATE)


def put_both(stack: Stack, first: str, second: str) -> bool:
    """Puts two things that must not be there; whether it did."""
    puts: list[Any] = [
        {
            "Put": {
                "TableName": stack.ref("ThingsTable"),
                "Item": {"thing_id": {"S": name}},
                "ConditionExpression": "attribute_not_exists(thing_id)",
            }
        }
        for name in (first, second)
    ]
    try:
        stack.dynamodb.transact_write_items(TransactItems=puts)
    except stack.dynamodb.exceptions.TransactionCanceledException:
        return False
    return True


def test_a_cancelled_transaction_leaves_nothing_behind_and_the_stream_goes_on(
    stack: Stack,
) -> None:
    seen: list[str] = []

    def remember(event: dict[str, Any], context: Any) -> None:
        seen.extend(record["dynamodb"]["Keys"]["thing_id"]["S"] for record in event["Records"])

    with Mappings(stack, {"StreamFunction": remember}) as mappings:
        assert put_both(stack, "a", "shared")
        assert not put_both(stack, "b", "shared")
        assert put_both(stack, "c", "d")
        mappings.drain()
    stored = stack.dynamodb.scan(TableName=stack.ref("ThingsTable"))["Items"]
    assert {item["thing_id"]["S"] for item in stored} == set(seen) == {"a", "shared", "c", "d"}
    assert len(seen) == 4


def test_of_many_at_once_that_want_the_same_one_is_done(stack: Stack) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: put_both(stack, f"mine-{number}", "shared"), range(24)))
    assert done.count(True) == 1
    assert len(stack.dynamodb.scan(TableName=stack.ref("ThingsTable"))["Items"]) == 2
