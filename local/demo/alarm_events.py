"""Alarms' changes of state on the default bus, in the shape that CloudWatch gives them.

CloudWatch puts these events itself. Nobody else may: EventBridge refuses a client's `aws.cloudwatch`, the
emulator takes it. The shape is in the CloudWatch user guide, "Alarm events and EventBridge".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.aws.recorded.account import Account
from local.aws.stack import Stack

MOST_ENTRIES = 10


@dataclass(frozen=True)
class Change:
    """An alarm of the account went to `state`, OK or ALARM, at a time of the monitor's own."""

    alarm: str
    state: str
    at: datetime
    reason: str


def ring(stack: Stack, account: Account, changes: Sequence[Change]) -> None:
    """The alarms change their states, told in the order of time, and CloudWatch tells the bus of each."""
    for first in range(0, len(changes), MOST_ENTRIES):
        entries = []
        for change in changes[first : first + MOST_ENTRIES]:
            before = account.alarms.state_of(change.alarm)
            account.alarms.went(change.alarm, change.state, change.at, change.reason)
            entries.append(_entry(account.alarms.state_of(change.alarm), before))
        refused = stack.events.put_events(Entries=entries)["FailedEntryCount"]
        if refused:
            raise RuntimeError(f"{refused} of {len(entries)} events were refused")


def ring_again(stack: Stack, account: Account, alarm: str) -> None:
    """CloudWatch tells the bus of the state that an alarm is in."""
    now = account.alarms.state_of(alarm)
    stack.events.put_events(Entries=[_entry(now, {**now, "StateValue": "OK", "StateReason": "it was well"})])


def _entry(alarm: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    metric = {
        "namespace": alarm["Namespace"],
        "name": alarm["MetricName"],
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])},
    }
    stat = {"metric": metric, "period": alarm["Period"], "stat": alarm.get("Statistic", "Average")}
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": _state(alarm),
        "previousState": _state(before),
        "configuration": {
            "description": alarm.get("AlarmDescription", ""),
            "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}],
        },
    }
    return {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [alarm["AlarmArn"]],
        "Detail": json.dumps(detail),
    }


def _state(alarm: Mapping[str, Any]) -> dict[str, Any]:
    at = alarm["StateUpdatedTimestamp"].astimezone(UTC)
    state = {
        "value": alarm["StateValue"],
        "reason": alarm["StateReason"],
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000",
    }
    return state | ({"reasonData": alarm["StateReasonData"]} if "StateReasonData" in alarm else {})
