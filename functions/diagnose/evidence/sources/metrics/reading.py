"""GetMetricData: many metrics in one call, its pages bounded, and what it could not give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.looked import CouldNotLook
from diagnose.evidence.sources.metrics.siblings import Wanted
from diagnose.evidence.times import Window, in_words

MOST_QUERIES = 100
"""Each costs; AWS takes 500 in one call."""
MOST_PAGES = 5
"""Of up to 100,800 datapoints each, newest first."""
FINE, COARSE, COARSEST = 60, 300, 3600
KEPT = ((timedelta(days=15), FINE), (timedelta(days=63), COARSE))
"""How long points of so many seconds are kept. Source: CloudWatch's user guide, metrics retention."""
MOST_POINTS = 1_000
"""Of one metric, which is what a period is chosen by."""


@dataclass
class Answers:
    """Pairs of time and value by the place of the metric asked for, and what could not be read."""

    points: dict[int, list[tuple[Any, Any]]] = field(default_factory=dict)
    unread: list[CouldNotLook] = field(default_factory=list)


def period_of(window: Window, age: timedelta) -> int:
    """Seconds between two points: as few as are kept, and as make no more points than are useful."""
    span = (window.end - window.start).total_seconds()
    kept = next((period for oldest, period in KEPT if age < oldest), COARSEST)
    few_enough = (period for period in (FINE, COARSE) if period >= kept and span / period <= MOST_POINTS)
    return next(few_enough, COARSEST)


def read_metrics(
    client: Any, asked: Sequence[Wanted], window: Window, period: int, until: SecondsLeft
) -> Answers:
    """What CloudWatch has of the metrics in the window. Raises what the SDK raises for the first page."""
    answers = Answers()
    request: dict[str, Any] = {
        "MetricDataQueries": [_query(place, each, period) for place, each in enumerate(asked)],
        "StartTime": window.start,
        "EndTime": window.end,
    }
    for _ in range(MOST_PAGES):
        page = client.get_metric_data(**request)
        for result in page.get("MetricDataResults") or ():
            _take(answers, asked, result)
        if not page.get("NextToken"):
            return answers
        if until() <= 0:
            answers.unread.append(CouldNotLook("older datapoints of the metrics", "out of time"))
            return answers
        request["NextToken"] = page["NextToken"]
    answers.unread.append(CouldNotLook("older datapoints of the metrics", f"more than {MOST_PAGES} pages"))
    return answers


def _query(place: int, wanted: Wanted, period: int) -> dict[str, Any]:
    metric = wanted.metric
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    whole = max(period, -(-metric.period // FINE) * FINE)
    return {
        "Id": f"m{place}",
        "MetricStat": {
            "Metric": {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions},
            "Period": whole,
            "Stat": metric.statistic,
        },
    }


def _take(answers: Answers, asked: Sequence[Wanted], result: Mapping[str, Any]) -> None:
    written = str(result.get("Id", ""))
    place = int(written[1:]) if written[:1] == "m" and written[1:].isdecimal() else -1
    if not 0 <= place < len(asked):
        return
    status = str(result.get("StatusCode", ""))
    if status in ("Forbidden", "InternalError"):
        why = "not allowed" if status == "Forbidden" else "CloudWatch's own error"
        answers.unread.append(CouldNotLook(f"metric {asked[place].metric}", why))
    points = zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False)
    answers.points.setdefault(place, []).extend(points)


def told_period(period: int) -> str:
    return "a point a minute" if period == FINE else f"a point every {in_words(period)}"
