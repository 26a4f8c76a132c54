"""Alarms that are in ALARM now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.lines import both_ends
from diagnose.evidence.times import utc

MOST_PAGES = 100
"""Of 100 alarms each."""


@dataclass(frozen=True)
class Alarm:
    """An alarm in ALARM; `told` is the text in which the resources it is about are looked for."""

    name: str
    since: datetime | None
    told: str

    def __str__(self) -> str:
        since = f" since {utc(self.since)}" if self.since else ""
        return f"{both_ends(self.name, 120)}{since}"


def alarms_now(client: Any, until: SecondsLeft) -> Iterator[Alarm]:
    """Metric alarms and composite ones; ends with a TimeoutError when it could not read them all."""
    token: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        if until() <= 0:
            raise TimeoutError
        answer = client.describe_alarms(
            StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100, **token
        )
        for alarm in (*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())):
            yield _alarm(alarm)
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}
    raise TimeoutError


def _alarm(alarm: Mapping[str, Any]) -> Alarm:
    name = str(alarm.get("AlarmName", ""))
    metrics = [alarm, *(each.get("MetricStat", {}).get("Metric", {}) for each in alarm.get("Metrics") or ())]
    values = [
        str(dimension.get("Value", "")) for metric in metrics for dimension in metric.get("Dimensions") or ()
    ]
    since = alarm.get("StateUpdatedTimestamp")
    return Alarm(name, since if isinstance(since, datetime) else None, " ".join([name, *values]))
