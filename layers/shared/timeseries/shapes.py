"""The series in a ticket's metric snapshot, in whichever shape its producer has them.

Understood, whole or in part, under any names and in any depth: CloudWatch's GetMetricData (`Timestamps`
and `Values`) and GetMetricStatistics (`Datapoints`), Prometheus' matrix and vector (`metric`, `values` or
`value`), Grafana's frames (`schema`, `data`) and its older `target` with `datapoints`, lists of [time,
value], and lists of maps with a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from timeseries.figures import unit_of
from timeseries.series import Series, named, series

TIME_KEYS = ("timestamp", "time", "ts", "t", "date")
NAME_KEYS = ("label", "metric_name", "metricname", "name", "target", "id")
LABELS = ("dimensions", "labels", "tags")
TOLD = frozenset((*NAME_KEYS, *LABELS, "timestamps", "values", "datapoints", "unit", "stat", "status_code"))
CONTAINERS = frozenset(
    (
        "metricdataresults",
        "metric_data_results",
        "datapoints",
        "results",
        "result",
        "data",
        "frames",
        "series",
    )
)
"""Names of an answer's own parts, which say nothing of what is in them."""
QUIET = frozenset((("statuscode", "Complete"), ("status", "success"), ("resulttype", "matrix")))
LEAST_PAIRS = 2
EPOCH_FROM = 946_684_800
"""The year 2000."""

Reading = tuple[str, Any]
"""A name, empty where there is none, and a value."""


@dataclass
class Snapshot:
    """The series of a snapshot, and whatever else it holds."""

    series: list[Series] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)


def read(snapshot: Any) -> Snapshot:
    """Everything in it, once."""
    found = Snapshot()
    for each in _of(snapshot, ""):
        if isinstance(each, Series):
            found.series.append(each)
        else:
            found.readings.append(each)
    return found


def _of(value: Any, name: str) -> Iterator[Series | Reading]:
    if isinstance(value, Mapping):
        yield from _of_map(value, name)
    elif isinstance(value, list):
        yield from _of_list(value, name)
    else:
        yield name, value


def _of_map(value: Mapping[str, Any], name: str) -> Iterator[Series | Reading]:
    low = {str(key).lower(): inner for key, inner in value.items()}
    if _is_frame(low):
        yield from _of_frame(low, name)
    elif isinstance(low.get("metric"), Mapping) and (
        _are_pairs(low.get("values")) or _is_pair(low.get("value"))
    ):
        yield _of_prometheus(low, name)
    elif (points := _points(low)) is not None:
        name = _joined(name, _name(low))
        yield series(name, points, _unit(low), _labels(low))
        yield from _rest(value, name, TOLD)
    elif isinstance(low.get("datapoints"), list):
        name = _joined(name, _name(low))
        yield from _of(low["datapoints"], name)
        yield from _rest(value, name, TOLD)
    else:
        yield from _rest(value, name, frozenset())


def _rest(value: Mapping[str, Any], name: str, told: frozenset[str]) -> Iterator[Series | Reading]:
    """What else a map holds, but for what is empty and for an answer's word that it is complete."""
    for key, inner in value.items():
        low = str(key).lower()
        if low in told or inner == [] or (isinstance(inner, str) and (low, inner) in QUIET):
            continue
        is_part = low in CONTAINERS and isinstance(inner, list | Mapping)
        yield from _of(inner, name if is_part else _dotted(name, str(key)))


def _points(low: Mapping[str, Any]) -> list[tuple[Any, Any]] | None:
    """Pairs of time and value, of CloudWatch's two lists or of Grafana's one list of value and time."""
    times, values, pairs = low.get("timestamps"), low.get("values"), low.get("datapoints")
    if isinstance(times, list) and isinstance(values, list) and len(times) == len(values) > 0:
        return list(zip(times, values, strict=True))
    if "target" in low and _are_pairs(pairs) and isinstance(pairs, list):
        return [(at, value) for value, at in pairs]
    return None


def _of_list(value: list[Any], name: str) -> Iterator[Series | Reading]:
    if name and len(value) >= LEAST_PAIRS and _are_pairs(value) and _may_be_times(value):
        yield series(name, [(at, reading) for at, reading in value])
    elif value and all(_time_key(item) for item in value):
        yield from _of_datapoints(value, name)
    elif any(isinstance(item, Mapping) for item in value):
        for item in value:
            yield from _of(item, name) if _holds_series(item) else [(name, item)]
    elif name:
        yield name, value
    else:
        yield from (("", item) for item in value)


def _of_datapoints(points: list[Any], name: str) -> Iterator[Series | Reading]:
    """Maps with a time: a series for each name that has numbers, such as a statistic."""
    time_key = _time_key(points[0])
    units = {str(inner) for point in points for key, inner in point.items() if str(key).lower() == "unit"}
    unit = unit_of(units.pop()) if len(units) == 1 else ""
    names = dict.fromkeys(
        key for point in points for key in point if str(key).lower() not in (time_key, "unit")
    )
    numbers = [key for key in names if any(_is_number(point.get(key)) for point in points)]
    if not numbers or len(numbers) < len(names):
        yield from ((name, point) for point in points)  # events rather than figures
        return
    for key in numbers:
        pairs = [(_at(point, time_key), point[key]) for point in points if key in point]
        yield series(_joined(name, "" if str(key).lower() in ("value", "v") else str(key)), pairs, unit)


def _of_prometheus(low: Mapping[str, Any], name: str) -> Series:
    labels = {str(key): inner for key, inner in low["metric"].items()}
    own = str(labels.pop("__name__", ""))
    return series(_joined(name, own), _prometheus_pairs(low), of=named(labels))


def _prometheus_pairs(low: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Pairs of time and value of a range, or the one of an instant; none where it is something else."""
    pairs = low.get("values") or [low.get("value")]
    return [(at, value) for at, value in pairs] if _are_pairs(pairs) else []


def _is_frame(low: Mapping[str, Any]) -> bool:
    schema, data = low.get("schema"), low.get("data")
    return (
        isinstance(schema, Mapping)
        and isinstance(data, Mapping)
        and isinstance(schema.get("fields"), list)
        and isinstance(data.get("values"), list)
        and all(isinstance(each, Mapping) for each in schema["fields"])
        and all(isinstance(each, list) for each in data["values"])
    )


def _of_frame(low: Mapping[str, Any], name: str) -> Iterator[Series | Reading]:
    """A frame of Grafana's: columns, one of them of times."""
    pairs = list(zip(low["schema"]["fields"], low["data"]["values"], strict=False))
    times = next((column for each, column in pairs if each.get("type") == "time"), None)
    if times is None:
        yield name, low["data"]["values"]
        return
    name = _joined(name, str(low["schema"].get("name") or ""))
    for each, column in pairs:
        if each.get("type") != "time":
            config = _map(each.get("config"))
            titles = (config.get("displayNameFromDS"), config.get("displayName"), each.get("name"))
            shown = next((str(title) for title in titles if title), "")
            own = "" if shown.lower() == "value" and name else shown
            unit = unit_of(str(config.get("unit") or ""))
            points = zip(times, column, strict=False)
            yield series(_joined(name, own), points, unit, named(_map(each.get("labels"))))


def _holds_series(item: Any) -> bool:
    """Whether there is a series somewhere in it."""
    return isinstance(item, list | Mapping) and any(isinstance(each, Series) for each in _of(item, "item"))


def _name(low: Mapping[str, Any]) -> str:
    return next((str(low[key]) for key in NAME_KEYS if isinstance(low.get(key), str) and low[key]), "")


def _unit(low: Mapping[str, Any]) -> str:
    return unit_of(low["unit"]) if isinstance(low.get("unit"), str) else ""


def _labels(low: Mapping[str, Any]) -> str:
    return next((named(low[key]) for key in LABELS if isinstance(low.get(key), list | Mapping)), "")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_pair(pair) for pair in value)


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(_is_number(each) or each is None for each in value)
    )


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            return bool(value) and Decimal(value) is not None
        except ArithmeticError:
            return False
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _may_be_times(pairs: list[Any]) -> bool:
    """Whether they begin with epoch times of this century; anything less may be a figure."""
    return all(_is_number(at) and Decimal(str(at)) > EPOCH_FROM for at, _ in pairs)


def _time_key(item: Any) -> str:
    """Under which name a map has its time, if it has one and something else."""
    if not isinstance(item, Mapping) or len(item) < 2:
        return ""
    low = {str(key).lower(): inner for key, inner in item.items()}
    return next((key for key in TIME_KEYS if isinstance(low.get(key), str | int | Decimal)), "")


def _at(point: Mapping[str, Any], time_key: str) -> Any:
    return next((inner for key, inner in point.items() if str(key).lower() == time_key), None)


def _joined(name: str, own: str) -> str:
    """A series' own name below that of the map it came in, which often is the same."""
    return name if name.rpartition(".")[2] == own else _dotted(name, own)


def _dotted(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name and inner else name or inner
