"""The incident that the demo plays hangs together: metric, alarm, log, change and records tell one story."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from local.aws.recorded.account import Account
from local.aws.stack import Stack
from local.demo.events import LIVE, load_ticket
from local.demo.live.numbers import series
from local.demo.live.seeding import FOLDER, seed

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
ONSET = NOW - timedelta(minutes=13)


@pytest.fixture
def earlier_tickets(account: Account, stack: Stack) -> list[str]:
    return seed(account, stack, NOW)


@pytest.fixture
def alarm(earlier_tickets: list[str]) -> dict[str, Any]:
    """The one that the ticket names."""
    name = load_ticket(LIVE)["alarm"].rpartition(":")[2]
    [described] = boto3.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(described)


def errors(alarm: dict[str, Any]) -> dict[datetime, float]:
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    stat: Any = {"Metric": metric, "Period": alarm["Period"], "Stat": alarm["Statistic"]}
    [result] = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": stat}], StartTime=NOW - timedelta(hours=26), EndTime=NOW
    )["MetricDataResults"]
    return dict(zip(result["Timestamps"], result["Values"], strict=True))


def test_the_alarm_rings_for_the_datapoints_that_its_metric_has(alarm: dict[str, Any]) -> None:
    told, points = json.loads(alarm["StateReasonData"]), errors(alarm)
    assert alarm["StateValue"] == "ALARM"
    first = datetime.fromisoformat(told["startDate"])
    times = [first + timedelta(minutes=minute) for minute in range(alarm["EvaluationPeriods"])]
    assert [points[at] for at in times] == told["recentDatapoints"]
    assert min(told["recentDatapoints"]) > alarm["Threshold"]


def test_the_metric_has_a_day_of_baseline_and_leaves_it_at_the_onset(alarm: dict[str, Any]) -> None:
    points = errors(alarm)
    assert len(points) == 26 * 60
    before = sorted(value for at, value in points.items() if at < ONSET)
    assert before[len(before) // 2] <= 1
    assert min(value for at, value in points.items() if at >= ONSET) > 20


def test_the_log_the_change_and_the_records_belong_to_it(
    alarm: dict[str, Any], earlier_tickets: list[str], stack: Stack
) -> None:
    [dimension] = alarm["Dimensions"]
    pages = boto3.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=f"/aws/lambda/{dimension['Value']}")
    events = [event for page in found for event in page["events"]]
    times = [event["timestamp"] / 1000 for event in events if "timed out" in event["message"]]
    assert min(event["timestamp"] for event in events) / 1000 < ONSET.timestamp() - 1800
    assert len(times) > 20
    assert min(times) >= ONSET.timestamp()

    attribute: Any = [{"AttributeKey": "ResourceName", "AttributeValue": dimension["Value"]}]
    changes = boto3.client("cloudtrail").lookup_events(LookupAttributes=attribute)["Events"]
    assert [change["EventTime"] for change in changes if ONSET - change["EventTime"] < timedelta(minutes=10)]

    subject: Any = (
        boto3.resource("dynamodb")
        .Table(stack.ref("SubjectsTable"))
        .get_item(Key={"subject_id": load_ticket(LIVE)["subject"]})["Item"]
    )
    assert any(resource.endswith(f":{dimension['Value']}") for resource in subject["resources"])
    tickets = boto3.resource("dynamodb").Table(stack.ref("TicketsTable")).scan()["Items"]
    assert {ticket["ticket_id"] for ticket in tickets} == set(earlier_tickets)
    assert {ticket["diagnosis_status"] for ticket in tickets} == {"done"}


def test_it_happens_the_same_way_each_time() -> None:
    described = json.loads((FOLDER / "metrics.json").read_text("utf-8"))
    first, again = ([list(series(one, NOW)) for one in described] for _ in range(2))
    assert first == again
    assert len({str(values) for values in first}) == len(first)
