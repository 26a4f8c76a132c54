"""What a transaction that DynamoDB has cancelled means: tried again from a fresh read, or an error."""

from typing import Any, cast
from unittest.mock import MagicMock

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from tickets.transactions import ConflictError, Kept, Tables, Update

CHANGE = Update((Kept.TICKETS, "T-1"), {"occurrence_count": 2}, Attr("ticket_id").exists())


def cancelled(code: str, message: str) -> Tables:
    reasons = [{"Code": "None"}, {"Code": code, "Message": message}]
    response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    dynamodb = MagicMock()
    dynamodb.meta.client.transact_write_items.side_effect = ClientError(response, "TransactWriteItems")
    return Tables(cast("Any", dynamodb), {Kept.TICKETS: "tickets"})


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ConditionalCheckFailed", "The conditional request failed"),
        ("TransactionConflict", "Transaction is ongoing for the item"),
        ("ValidationError", "Item size to update has exceeded the maximum allowed size"),
    ],
)
def test_what_may_fit_after_a_fresh_read_is_a_conflict(code: str, message: str) -> None:
    with pytest.raises(ConflictError):
        cancelled(code, message).write(CHANGE)


def test_what_is_wrong_in_itself_is_not() -> None:
    with pytest.raises(ClientError):
        cancelled(
            "ValidationError", "The provided expression refers to an attribute that does not exist"
        ).write(CHANGE)
