"""docs/operations.md: what it has a reader run does what it says, and no more."""

import json
import re
from typing import Any

import boto3

from local.aws.template import ROOT
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_missing_tickets_are_put_back_and_others_left_as_they_are() -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with aws(FakeClock(1_800_000_000.0)) as stack:
        dynamodb = boto3.resource("dynamodb")
        tickets = dynamodb.Table(stack.ref("TicketsTable"))
        restored = dynamodb.create_table(
            TableName="tickets-restored",
            KeySchema=[{"AttributeName": "ticket_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "ticket_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        # Several pages: a page ends at a megabyte.
        old = {
            f"t-{n}": {"ticket_id": f"t-{n}", "status": "open", "log_tail": "x" * 300_000} for n in range(9)
        }
        for ticket in old.values():
            restored.put_item(Item=ticket)
        newer = {"ticket_id": "t-3", "status": "resolved"}
        tickets.put_item(Item=newer)

        exec(compile(code.replace("<TicketsTableName>", tickets.name), "Restoring tickets", "exec"), {})

        assert "LastEvaluatedKey" in restored.scan()
        found = {ticket_id: tickets.get_item(Key={"ticket_id": ticket_id})["Item"] for ticket_id in old}
    assert found == {**old, "t-3": newer}


def test_the_tickets_whose_diagnosis_was_not_told_are_found() -> None:
    [[asked, values]] = re.findall(
        r"--filter-expression \"(diagnosis_status = :done .*?)\" --expression-attribute-values '(.*?)'", PAGE
    )
    told: dict[str, Any] = {
        "told": {"diagnosed": 2},
        "told-of-the-first": {"diagnosed": 1},
        "not-by-mail": {"diagnosed/bus": 2},
        "never": None,
    }
    with aws(FakeClock(1_800_000_000.0)) as stack:
        tickets = boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
        for ticket_id, notified in told.items():
            item: dict[str, Any] = {"ticket_id": ticket_id, "diagnosis_status": "done", "generation": 2}
            tickets.put_item(Item={**item, **({"notified": notified} if notified else {})})
        found = stack.dynamodb.scan(
            TableName=tickets.name, FilterExpression=asked, ExpressionAttributeValues=json.loads(values)
        )

    ids = {each["ticket_id"]["S"] for each in found["Items"]}
    assert ids == {
        "told-of-the-first",
        "not-by-mail",
        "never",
    }
