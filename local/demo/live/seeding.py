"""The incident that is told by live sources alone: an alarm fired, and everything else is for them to find.

What happened is data, in checkout/: times are minutes from now, so that it has only just happened.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer

from local.aws.recorded.account import Account
from local.aws.stack import Stack
from local.demo.live.log_lines import log_lines
from local.demo.live.numbers import series

FOLDER = Path(__file__).parent / "checkout"
_EVENTS_A_CALL = 1000


def seed(account: Account, stack: Stack, now: datetime | None = None) -> list[str]:
    """Make it have happened; gives back the ids of the earlier tickets that are in the table now."""
    moments = Moments((now or datetime.now(UTC)).replace(second=0, microsecond=0))
    for described in _read("metrics"):
        account.metrics.put(
            described["namespace"], described["name"], described["dimensions"], series(described, moments.now)
        )
    for described in _read("alarms"):
        _seed_alarm(account, described, moments)
    _seed_changes(account, _read("changes"), moments)
    _seed_logs(stack, moments)
    return _seed_tables(stack, _read("tables"), moments)


class Moments:
    """Minutes from now as times."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def at(self, minutes: float) -> datetime:
        return self.now + timedelta(minutes=minutes)


def _read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def _seed_alarm(account: Account, described: Mapping[str, Any], moments: Moments) -> None:
    """Its history says the datapoints that were there, so it agrees with the metric."""
    alarm = described["alarm"]
    account.alarms.add(alarm, moments.at(described["created"]))
    for minutes, state in described["went"]:
        at = moments.at(minutes)
        points = _datapoints(account, alarm, at)
        if not points:
            account.alarms.went(alarm["AlarmName"], state, at, f"Went to {state}.")
            continue
        told = ", ".join(f"{value:g} ({when:%d/%m/%y %H:%M:%S})" for when, value in points)
        crossed = f"{'were' if state == 'ALARM' else 'were not all'} greater than {alarm['Threshold']:g}"
        account.alarms.went(
            alarm["AlarmName"],
            state,
            at,
            f"Threshold Crossed: {len(points)} datapoints [{told}] {crossed}.",
            startDate=points[0][0].isoformat(timespec="milliseconds"),
            statistic=_statistic(alarm),
            period=alarm["Period"],
            threshold=alarm["Threshold"],
            recentDatapoints=[value for _, value in points],
        )


def _datapoints(account: Account, alarm: Mapping[str, Any], at: datetime) -> list[tuple[datetime, float]]:
    """Those that the alarm evaluated at that time, oldest first."""
    metric = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions")}
    wanted = {"Metric": metric, "Period": alarm["Period"], "Stat": _statistic(alarm)}
    start = at - timedelta(seconds=alarm["Period"] * alarm["EvaluationPeriods"])
    asked = {"MetricDataQueries": [{"Id": "m", "MetricStat": wanted}], "StartTime": start, "EndTime": at}
    [result] = account.metrics.get_metric_data(asked)["MetricDataResults"]
    return sorted(zip(result["Timestamps"], result["Values"], strict=True))


def _statistic(alarm: Mapping[str, Any]) -> str:
    return str(alarm.get("Statistic") or alarm["ExtendedStatistic"])


def _seed_changes(account: Account, described: Mapping[str, Any], moments: Moments) -> None:
    function = described["function"]
    for version in function["versions"]:
        at = moments.at(version["at"])
        arn = account.functions.add(function["name"], at, tags=function["tags"], **version["configuration"])
        account.functions.publish(function["name"], at, version["description"])
    account.tags.add(arn, **function["tags"])

    stack = described["stack"]
    updated = moments.at(stack["updated"])
    created = moments.at(stack["created"])
    account.stacks.add(stack["name"], created, stack["template"], LastUpdatedTime=updated)
    for logical_id, type_, physical_id, minutes in stack["resources"]:
        account.stacks.resource(stack["name"], logical_id, type_, physical_id, moments.at(minutes))
    for minutes, status, logical_id, reason in stack["events"]:
        account.stacks.event(stack["name"], moments.at(minutes), status, logical_id, reason)

    for event in described["trail"]:
        resources = [(type_, name) for type_, name in event["resources"]]
        account.trail.add(
            event["name"],
            event["source"],
            moments.at(event["at"]),
            user=event["user"],
            resources=resources,
            parameters=event["parameters"],
        )


def _seed_logs(stack: Stack, moments: Moments) -> None:
    logs: Any = boto3.client("logs", endpoint_url=stack.endpoint)
    for described in _read("logs"):
        where = {"logGroupName": described["group"], "logStreamName": "recorded"}
        logs.create_log_group(logGroupName=described["group"])
        logs.create_log_stream(**where)
        events = [
            {"timestamp": int(at.timestamp() * 1000), "message": line}
            for at, line in log_lines(described, moments.now)
        ]
        for first in range(0, len(events), _EVENTS_A_CALL):
            logs.put_log_events(**where, logEvents=events[first : first + _EVENTS_A_CALL])


def _seed_tables(stack: Stack, described: Mapping[str, Any], moments: Moments) -> list[str]:
    for subject in described["subjects"]:
        _put(stack, "SubjectsTable", subject)
    for ticket in described["tickets"]:
        _put(stack, "TicketsTable", _as_diagnosed(ticket, moments))
    return [ticket["ticket_id"] for ticket in described["tickets"]]


def _as_diagnosed(described: Mapping[str, Any], moments: Moments) -> dict[str, Any]:
    """An earlier ticket as the pipeline left it, with what a person said of the diagnosis."""
    at = f"{moments.at(described['at']):%Y-%m-%dT%H:%M:%S}.000Z"
    found = {name: described[name] for name in ("cause", "confidence", "action")}
    primary = {"diagnosis": found["cause"], "confidence": found["confidence"]}
    kept = {name: value for name, value in described.items() if name not in {"at", "feedback", *found}}
    feedback = {"diagnosis_feedback": described["feedback"]} if "feedback" in described else {}
    return {
        **kept,
        **feedback,
        "first_seen_at": at,
        "diagnosed_at": at,
        "diagnosis_status": "done",
        "similar_key": described["invariant_name"],
        "diagnosis_summary": found,
        "diagnosis_record": {"primary": primary, "recommended_action": found["action"]},
        "generation": 1,
    }


def _put(stack: Stack, table: str, item: Mapping[str, Any]) -> None:
    serialize = TypeSerializer().serialize
    stack.dynamodb.put_item(
        TableName=stack.ref(table), Item={name: serialize(value) for name, value in item.items()}
    )
