"""docs/tickets.md: what it has a reader paste writes tickets that fit, and changes them as it says."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from diagnose.evidence.looked import Found
from diagnose.evidence.subject import Subjects
from local.aws.names import ACCOUNT, REGION
from local.aws.stack import Stack
from local.aws.template import ROOT
from runtime.items import open_dynamodb
from subjects.discovery import alarm_of
from subjects.subject import Subject
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.states import Status
from tickets.ticket import NO_PRODUCERS, Ticket

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PAGE = (ROOT / "docs" / "tickets.md").read_text("utf-8")
SECTIONS = dict(zip(*[iter(re.split(r"^### (.+)\n", PAGE, flags=re.MULTILINE)[1:])] * 2, strict=True))
ALARM = {
    "AlarmName": "checkout-errors",
    "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:checkout-errors",
    "AlarmDescription": None,
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 1 datapoint [7.5 (12/11/26 00:53:00)] was greater than 5.0.",
    "StateChangeTime": "2026-11-12T00:54:40.123+0000",
    "OldStateValue": "OK",
    "Trigger": {
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "Unit": None,
        "Dimensions": [{"value": "checkout", "name": "FunctionName"}],
        "Period": 300,
        "Threshold": 5.5,
    },
}


@pytest.fixture
def stack() -> Iterator[Stack]:
    with aws(FakeClock(1_800_000_000.0)) as created:
        yield created


@pytest.fixture
def table(stack: Stack) -> "Table":
    return open_dynamodb().Table(stack.ref("TicketsTable"))


def run(section: str) -> dict[str, Any]:
    """What the section's code defines."""
    [code] = re.findall(r"```python\n(.*?)```", SECTIONS[section], re.DOTALL)
    defined: dict[str, Any] = {}
    exec(compile(code, section, "exec"), defined)
    return defined


SUBJECTS = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject["subject_id"])
def test_the_subjects_shown_are_read_whole(stack: Stack, subject: dict[str, Any]) -> None:
    subjects = open_dynamodb().Table(stack.ref("SubjectsTable"))
    subjects.put_item(Item=subject)

    found, looked = Subjects(subjects).find(subject["subject_id"])

    assert found
    assert found.faults == ()
    assert subject.keys() <= Subject.model_fields.keys()
    assert isinstance(looked, Found)


def test_there_are_three_of_them_and_every_attribute_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.partition("## Subjects")[2].partition("\n## ")[0], re.MULTILINE)

    assert len(SUBJECTS) == 3
    assert set(rows) == Subject.model_fields.keys() - {"faults"}


def only_ticket(table: "Table") -> dict[str, Any]:
    [item] = table.scan()["Items"]
    return dict(item)


def fitting(item: dict[str, Any]) -> Ticket:
    """The ticket in the item, of which every attribute is known and usable."""
    ticket = Ticket.from_item(item)
    assert ticket.unusable == ()
    assert item.keys() <= Ticket.model_fields.keys() - NO_PRODUCERS
    return ticket


def test_a_monitor_opens_counts_up_and_resolves(table: "Table") -> None:
    monitor = run("A monitor of your own")
    ticket_id = monitor["open_ticket"](
        "await:7", "disk_await_high", "store-7", "await 29 ms", {"await": "29 ms"}
    )
    ticket = fitting(only_ticket(table))
    monitor["see_again"](ticket_id)
    seen = fitting(only_ticket(table))
    monitor["resolve"](ticket_id)

    assert (ticket.status, ticket.occurrence_count, seen.occurrence_count) == (Status.OPEN, 1, 2)
    assert fitting(only_ticket(table)).status == Status.RESOLVED


def test_a_monitor_neither_resolves_a_held_ticket_nor_brings_a_deleted_one_back(table: "Table") -> None:
    monitor = run("A monitor of your own")
    ticket_id = monitor["open_ticket"]("await:7", "disk_await_high", "store-7", "await 29 ms", {})
    refused = table.meta.client.exceptions.ConditionalCheckFailedException
    table.put_item(Item={**table.scan()["Items"][0], "held": True})
    with pytest.raises(refused):
        monitor["resolve"](ticket_id)
    table.delete_item(Key={"ticket_id": ticket_id})
    with pytest.raises(refused):
        monitor["see_again"](ticket_id)

    assert table.scan()["Items"] == []


def test_the_cli_writes_a_ticket(table: "Table") -> None:
    put_by_the_cli("The AWS CLI", table)

    assert set(fitting(only_ticket(table)).metric_snapshot) == {"disk_await_ms", "disk_queue_depth"}


def test_the_ticket_that_says_only_that_an_alarm_fired_fits(table: "Table") -> None:
    put_by_the_cli("Only that an alarm fired", table)

    assert fitting(only_ticket(table)).alarm.endswith(":alarm:checkout-quote-errors")


def put_by_the_cli(section: str, table: "Table") -> None:
    """As the section's command does."""
    [command] = re.findall(r"```sh\n(.*?)```", SECTIONS[section], re.DOTALL)
    words = shlex.split(command.replace("\\\n", "").replace("<TicketsTableName>", table.name))
    assert words[:3] == ["aws", "dynamodb", "put-item"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    boto3.client("dynamodb").put_item(
        TableName=options["--table-name"],
        Item=json.loads(options["--item"]),
        ConditionExpression=options["--condition-expression"],
    )


def test_an_alarm_opens_one_ticket_however_often_sns_delivers_it(table: "Table") -> None:
    handler = run("CloudWatch alarms, by way of SNS")["handler"]
    cleared = {**ALARM, "NewStateValue": "OK", "StateChangeTime": "2026-11-12T01:10:00.000+0000"}
    for alarm in (ALARM, ALARM, cleared):
        handler({"Records": [{"Sns": {"Message": json.dumps(alarm)}}]}, None)

    ticket = fitting(only_ticket(table))
    assert (ticket.invariant_name, ticket.component) == ("checkout-errors", "checkout")
    assert alarm_of(ticket.alarm) == "checkout-errors"
    assert ticket.first_seen_at


def test_an_alarm_over_other_alarms_opens_a_ticket(table: "Table") -> None:
    composite = {name: value for name, value in ALARM.items() if name != "Trigger"}
    run("CloudWatch alarms, by way of SNS")["handler"](
        {"Records": [{"Sns": {"Message": json.dumps(composite)}}]}, None
    )

    assert fitting(only_ticket(table)).component == ""


def test_a_producer_in_another_account_writes_through_a_role(
    table: "Table", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODUCER_ROLE_ARN", f"arn:aws:iam::{ACCOUNT}:role/differential-producer")
    monkeypatch.setenv("TICKETS_REGION", REGION)
    assumed = run("From another account")["tickets_table"]()
    assumed.put_item(
        Item={"ticket_id": "t-1", "status": "open", "invariant_name": "disk", "message": "await 29 ms"}
    )

    assert fitting(only_ticket(table)).ticket_id == "t-1"


OF_PEOPLE = {"rediagnose", "detach", "diagnosis_feedback", "acknowledged_at", "acknowledged_by"}


@pytest.mark.parametrize(
    ("chapter", "attributes"),
    [
        ("What a producer writes", {*Ticket.model_fields} - NO_PRODUCERS),
        ("What the pipeline writes", PIPELINE_ATTRIBUTES - OF_PEOPLE),
    ],
)
def test_the_page_tells_of_every_attribute_and_of_no_other(chapter: str, attributes: set[str]) -> None:
    text = PAGE.split(f"## {chapter}\n")[1].split("\n## ")[0]
    told = re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)))

    assert sorted(told) == sorted(attributes)
