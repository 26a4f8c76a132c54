"""CloudWatch's metrics: moto's have no percentiles, and go through all of them for each period asked for."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from threading import Lock
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.recorded.moments import utc
from local.aws.recorded.paging import page, with_token
from local.aws.recorded.statistics import Sample, statistic

MetricKey = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, and dimensions in order."""
Point = tuple[datetime, float | Sequence[float] | Mapping[float, float]]
"""A time, and one value, all values of that moment (for percentiles), or how often each value came."""

_MOST_QUERIES = 500
_MOST_DATAPOINTS = 100_800
_METRICS_A_PAGE = 500
_SHORT_PERIODS = {1, 5, 10, 20, 30}
_RECENT_SECONDS = 3 * 3600
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


class Metrics:
    """Series by namespace, name and dimensions; seeded with `put`, or by PutMetricData."""

    def __init__(self) -> None:
        self._series: defaultdict[MetricKey, list[Sample]] = defaultdict(list)
        self._unread: defaultdict[MetricKey, list[Iterable[Point]]] = defaultdict(list)
        self._lock = Lock()

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        points: Iterable[Point],
    ) -> None:
        """Add datapoints, which are not looked at before somebody asks for the metric."""
        self._unread[_key(namespace, name, dimensions.items())].append(points)

    def put_metric_data(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        for datum in asked["MetricData"]:
            key = _key(asked["Namespace"], datum["MetricName"], _pairs(datum.get("Dimensions")))
            at = utc(datum.get("Timestamp") or datetime.now(UTC)).timestamp()
            series = self._read(key)
            series.append(_sample(at, datum))
            series.sort(key=_at)
        return {}

    def list_metrics(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        wanted = asked.get("Dimensions") or []
        since = datetime.now(UTC).timestamp() - _RECENT_SECONDS if "RecentlyActive" in asked else 0
        found = [
            {"Namespace": namespace, "MetricName": name, "Dimensions": _named(dimensions)}
            for namespace, name, dimensions in sorted({*self._series, *self._unread})
            if asked.get("Namespace", namespace) == namespace
            and asked.get("MetricName", name) == name
            and all(_has(dict(dimensions), filter_) for filter_ in wanted)
            and self._read((namespace, name, dimensions))[-1].at >= since
        ]
        shown, token = page(found, _METRICS_A_PAGE, asked.get("NextToken"), "InvalidParameterValue")
        return with_token({"Metrics": shown}, token)

    def get_metric_data(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Queries of single metrics. A page holds MaxDatapoints of all of them together."""
        queries = asked["MetricDataQueries"]
        start, end = utc(asked["StartTime"]).timestamp(), utc(asked["EndTime"]).timestamp()
        _check_queries(queries, start, end)
        newest_first = asked.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        points = [
            (query["Id"], at, value)
            for query in queries
            if query.get("ReturnData", True)
            for at, value in self._points(query["MetricStat"], start, end, newest_first=newest_first)
        ]
        most = int(asked.get("MaxDatapoints") or _MOST_DATAPOINTS)
        shown, token = page(points, most, asked.get("NextToken"))
        by_id = {id_: list(of_it) for id_, of_it in groupby(shown, key=lambda point: point[0])}
        unfinished = shown[-1][0] if token else None
        results = [
            {
                "Id": query["Id"],
                "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
                "Timestamps": [at for _, at, _ in by_id.get(query["Id"], [])],
                "Values": [value for _, _, value in by_id.get(query["Id"], [])],
                "StatusCode": "PartialData" if query["Id"] == unfinished else "Complete",
            }
            for query in queries
            if query.get("ReturnData", True)
        ]
        return with_token({"MetricDataResults": results, "Messages": []}, token)

    def _points(
        self, wanted: Mapping[str, Any], start: float, end: float, *, newest_first: bool
    ) -> Iterator[tuple[datetime, float]]:
        """A value for each period that has data, under the time at which the period begins."""
        metric, seconds = wanted["Metric"], int(wanted["Period"])
        key = _key(metric["Namespace"], metric["MetricName"], _pairs(metric.get("Dimensions")))
        series = self._read(key) if key in {*self._series, *self._unread} else []
        first = bisect_left(series, start // seconds * seconds, key=_at)
        inside = series[first : bisect_right(series, end - 1e-6, key=_at)]
        periods = groupby(inside, key=lambda sample: sample.at // seconds * seconds)
        points = [(begin, statistic(wanted["Stat"], list(samples))) for begin, samples in periods]
        for begin, value in reversed(points) if newest_first else points:
            if value is not None:
                yield datetime.fromtimestamp(begin, UTC), value

    def _read(self, key: MetricKey) -> list[Sample]:
        """The metric's samples in the order of time."""
        with self._lock:
            series = self._series[key]
            for points in self._unread.pop(key, []):
                series += (_given(utc(at).timestamp(), value) for at, value in points)
                series.sort(key=_at)
            return series

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("cloudwatch", "GetMetricData"): self.get_metric_data,
            ("cloudwatch", "ListMetrics"): self.list_metrics,
            ("cloudwatch", "PutMetricData"): self.put_metric_data,
        }


def _check_queries(queries: Sequence[Mapping[str, Any]], start: float, end: float) -> None:
    """Raises ApiError for what CloudWatch refuses, and for metric math, which is not emulated."""
    ids = [query["Id"] for query in queries]
    if start >= end:
        raise ApiError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    if len(queries) > _MOST_QUERIES:
        raise ApiError("ValidationError", f"At most {_MOST_QUERIES} MetricDataQueries are allowed.")
    if len(set(ids)) < len(ids) or not all(map(_ID.fullmatch, ids)):
        raise ApiError("ValidationError", "Ids must be unique, begin with a small letter and be words.")
    for query in queries:
        if "MetricStat" not in query:
            raise ApiError("ValidationError", "Metric math is not emulated by the local stack.")
        period = int(query["MetricStat"]["Period"])
        if period not in _SHORT_PERIODS and (period <= 0 or period % 60):
            raise ApiError("ValidationError", f"{period} is no period: 1, 5, 10, 20, 30 or whole minutes.")


def _given(at: float, value: float | Sequence[float] | Mapping[float, float]) -> Sample:
    if isinstance(value, Mapping):
        return Sample.of(at, list(value), list(value.values()))
    return Sample.of(at, [value] if isinstance(value, int | float) else list(value))


def _sample(at: float, datum: Mapping[str, Any]) -> Sample:
    if "StatisticValues" in datum:
        of_set = datum["StatisticValues"]
        count, total = float(of_set["SampleCount"]), float(of_set["Sum"])
        return Sample(at, count, total, float(of_set["Minimum"]), float(of_set["Maximum"]))
    values = datum.get("Values") or [datum["Value"]]
    return Sample.of(at, [float(value) for value in values], datum.get("Counts") or ())


def _key(namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> MetricKey:
    return namespace, name, tuple(sorted(dimensions))


def _pairs(dimensions: Sequence[Mapping[str, str]] | None) -> Iterator[tuple[str, str]]:
    return ((dimension["Name"], dimension["Value"]) for dimension in dimensions or [])


def _named(dimensions: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions]


def _has(dimensions: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted["Name"] in dimensions and wanted.get("Value") in {None, dimensions[wanted["Name"]]}


def _at(sample: Sample) -> float:
    return sample.at
