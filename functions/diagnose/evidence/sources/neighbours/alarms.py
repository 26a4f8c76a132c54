"""Alarms that are in ALARM now."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.sources.alarm_names import Alarm
from diagnose.evidence.times import utc
from runtime.both_ends import both_ends

MOST_PAGES = 100
"""Of 100 alarms each."""


def alarms_now(client: Any, until: SecondsLeft) -> Iterator[Alarm]:
    """Metric alarms and composite ones; ends with a TimeoutError when it could not read them all."""
    token: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        if until() <= 0:
            raise TimeoutError
        answer = client.describe_alarms(
            StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100, **token
        )
        yield from (*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ()))
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}
    raise TimeoutError


def since(alarm: Alarm) -> datetime | None:
    """Since when it is in ALARM."""
    at = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return at if isinstance(at, datetime) else None


def told(alarm: Alarm) -> str:
    """Its name, and since when it is in ALARM."""
    at = since(alarm)
    when = f" since {utc(at)}" if at else ""
    return f"{both_ends(str(alarm.get('AlarmName', '')), 120)}{when}"
