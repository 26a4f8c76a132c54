"""What an alarm is about, by its metrics and its name: the one rule by which alarms are near or far."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from subjects.names import SHORTEST, mentions

Alarm = Mapping[str, Any]
"""An alarm as DescribeAlarms gives it, of metrics or composite."""


def metrics_of(alarm: Alarm) -> list[Mapping[str, Any]]:
    """The alarm itself, which may name a metric, and the metrics of its formula."""
    return [alarm, *(each.get("MetricStat", {}).get("Metric", {}) for each in alarm.get("Metrics") or ())]


def values_of(alarm: Alarm) -> set[str]:
    """What the dimensions of its metrics name."""
    return {
        str(dimension.get("Value"))
        for metric in metrics_of(alarm)
        for dimension in metric.get("Dimensions") or ()
    }


def is_on(alarm: Alarm, names: Iterable[str]) -> bool:
    """Whether one of its metrics is of something with one of these names."""
    return any(mentions(value, names) for value in values_of(alarm))


def named_after(alarm: Alarm, names: Iterable[str]) -> str:
    """The longest of the names that its own name or its rule has as a part, or nothing.

    Alarms are called `checkout-errors` after what they watch, so that a name may go on after a hyphen here.
    """
    text = f"{alarm.get('AlarmName')} {alarm.get('AlarmRule', '')}"
    found = [
        name
        for name in names
        if len(name) > SHORTEST
        and name in text
        and re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text)
    ]
    return max(found, key=len, default="")
