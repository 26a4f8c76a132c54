"""A ticket's metric snapshot as lines, in whichever shape its producer has it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from diagnose.evidence.lines import shown
from diagnose.evidence.sections import lines_of
from runtime.clock import iso
from tickets.moments import is_without_zone, moment

Reading = tuple[str, Any]
"""A name, empty where there is none, and a value."""


def metric_lines(snapshot: Any) -> tuple[str, ...]:
    """A line for each reading: `name = value`, or the value alone where it has no name.

    Beside maps and lists of values, what CloudWatch returns is understood, whole or in part: GetMetricData's
    results (`Timestamps`, `Values`) and GetMetricStatistics' `Datapoints`. Their points come oldest first.
    """
    return lines_of([f"{name} = {shown(value)}" if name else value for name, value in _of(snapshot, "")])


def _of(value: Any, name: str) -> Iterator[Reading]:
    if _is_result(value):
        yield from _of_result(value, name)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _of(inner, _joined(name, key))
    elif isinstance(value, list) and value and all(_is_datapoint(item) for item in value):
        for point in sorted(value, key=lambda item: _at(item["Timestamp"])):
            yield from _of_datapoint(point, name)
    elif isinstance(value, list) and (not name or any(_is_result(item) for item in value)):
        for item in value:
            yield from _of_result(item, name) if _is_result(item) else [(name, item)]
    else:
        yield name, value


def _of_result(result: Mapping[str, Any], name: str) -> Iterator[Reading]:
    name = _joined(name, str(result.get("Label") or result.get("Id") or ""))
    told = {"Label", "Id"}
    if _is_series(result):
        told |= {"Timestamps", "Values"}
        points = zip(result["Timestamps"], result["Values"], strict=True)
        for at, value in sorted(points, key=lambda point: _at(point[0])):
            yield f"{name} at {_written(at)}".strip(), value
    for key, inner in result.items():
        if key in ("Datapoints", "MetricDataResults"):
            yield from _of(inner, name)
        elif key not in told and inner != []:
            yield from _of(inner, _joined(name, key))


def _of_datapoint(point: Mapping[str, Any], name: str) -> Iterator[Reading]:
    unit = point.get("Unit", "None")
    for statistic, value in point.items():
        if statistic not in ("Timestamp", "Unit"):
            said = shown(value) if unit == "None" else f"{shown(value)} {unit}"
            yield _joined(name, f"{statistic} at {_written(point['Timestamp'])}"), said


def _is_result(value: Any) -> bool:
    """Whether it is an answer of CloudWatch's, or one result out of it."""
    if not isinstance(value, Mapping):
        return False
    return _is_series(value) or any(
        isinstance(value.get(key), list) for key in ("Datapoints", "MetricDataResults")
    )


def _is_series(value: Mapping[str, Any]) -> bool:
    times, values = value.get("Timestamps"), value.get("Values")
    return isinstance(times, list) and isinstance(values, list) and len(times) == len(values)


def _is_datapoint(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("Timestamp"), str | int) and len(value) > 1


def _joined(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name and inner else name or inner


def _at(written: Any) -> tuple[bool, str]:
    """Sorts times before what is none, which keeps its order."""
    try:
        at = moment(written)
    except ValueError:
        at = None
    return (False, iso(at)) if isinstance(at, datetime) else (True, "")


def _written(written: Any) -> str:
    """In UTC, or as it stands where it is no time or does not say its zone."""
    unknown, at = _at(written)
    return shown(written) if unknown or is_without_zone(written) else at
