"""The metrics that an alarm watches, and the datapoints by which it changed its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from intake.reading.values import listed, mapping, number, text
from runtime.clock import iso
from tickets.moments import moment

MOST_METRICS = 20
MOST_DATAPOINTS = 500
MOST_BYTES_OF_A_NAME = 1024
LONGEST_PERIOD = 86_400
"""Seconds. Source: CloudWatch, PutMetricAlarm, Period."""


@dataclass(frozen=True)
class Metric:
    """One metric of CloudWatch; the period is in seconds, 0 where it is not known."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int

    def attributes(self) -> dict[str, Any]:
        """As docs/tickets.md names them, without what is not known."""
        known: dict[str, Any] = {
            "namespace": self.namespace,
            "metric_name": self.name,
            "dimensions": dict(self.dimensions),
            "statistic": self.statistic,
            "period": self.period,
        }
        return {name: value for name, value in known.items() if value}


def metrics_of(configured: Any) -> list[Metric]:
    """Those of an alarm's configuration that name a metric, those that are compared first."""
    stats = [mapping(each) for each in listed(configured)]
    ordered = sorted(stats, key=lambda each: each.get("returnData") is not True)
    found = (_metric(mapping(each.get("metricStat"))) for each in ordered)
    return [each for each in found if each.name][:MOST_METRICS]


def _metric(stat: Mapping[str, Any]) -> Metric:
    metric = mapping(stat.get("metric"))
    period = number(stat.get("period")) or 0
    dimensions = {
        name: text(value, MOST_BYTES_OF_A_NAME) for name, value in mapping(metric.get("dimensions")).items()
    }
    return Metric(
        namespace=text(metric.get("namespace"), MOST_BYTES_OF_A_NAME),
        name=text(metric.get("name"), MOST_BYTES_OF_A_NAME),
        dimensions={name: value for name, value in dimensions.items() if value},
        statistic=text(stat.get("stat"), 64),
        period=int(period) if 0 < period <= LONGEST_PERIOD else 0,
    )


def compared(configured: Any) -> str:
    """The name of what is compared: the metric, that which has a band too, or else the formula."""
    returned = [each for each in map(mapping, listed(configured)) if each.get("returnData") is True]
    for each in sorted(returned, key=lambda each: "metricStat" not in each):
        metric = mapping(mapping(each.get("metricStat")).get("metric"))
        names = (metric.get("name"), each.get("label"), each.get("id"))
        return next(filter(None, (text(name, MOST_BYTES_OF_A_NAME) for name in names)), "value")
    return "value"


def datapoints_of(data: Mapping[str, Any], configured: Any) -> dict[str, Any]:
    """A ticket's `metric_snapshot`: the datapoints that were looked at, and what they were compared with."""
    found: dict[str, Any] = {
        compared(configured): _evaluated(data) or _recent(data, "recentDatapoints"),
        "lower threshold": _recent(data, "recentLowerThresholds"),
        "upper threshold": _recent(data, "recentUpperThresholds"),
        "threshold": number(data.get("threshold")),
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


def _evaluated(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each with its own time, newest first as CloudWatch has them."""
    points = [mapping(each) for each in listed(data.get("evaluatedDatapoints"))[:MOST_DATAPOINTS]]
    timed = [(_time(each.get("timestamp")), number(each.get("value"))) for each in points]
    return [_point(at, value) for at, value in sorted(_known(timed))]


def _recent(data: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    """Without times: one in each period from `startDate` on; a null is a period without data."""
    start, period = _time(data.get("startDate")), number(data.get("period"))
    if start is None or period is None or not 0 < period <= LONGEST_PERIOD:
        return []
    values = enumerate(listed(data.get(field))[:MOST_DATAPOINTS])
    timed = [(start + timedelta(seconds=float(period)) * index, number(value)) for index, value in values]
    return [_point(at, value) for at, value in _known(timed)]


def _known(
    timed: list[tuple[datetime | None, Decimal | int | None]],
) -> list[tuple[datetime, Decimal | int]]:
    return [(at, value) for at, value in timed if at is not None and value is not None]


def _point(at: datetime, value: Decimal | int) -> dict[str, Any]:
    return {"timestamp": iso(at), "value": value}


def _time(value: Any) -> datetime | None:
    try:
        found = moment(value)
    except ValueError:
        return None
    return found if isinstance(found, datetime) and found.year < 9000 else None
