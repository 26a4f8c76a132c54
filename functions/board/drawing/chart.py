"""What can be drawn of a ticket: series with their baseline, the onset, the threshold, the changes before it.

Only what is stored on the ticket is drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from board.reading import answer_of, map_of, maps_of, text_of, texts_of
from tickets.plain import plain
from timeseries.analysis import analyse
from timeseries.series import THRESHOLDS, Series, series
from timeseries.shapes import Snapshot, read
from views.record import time_in

MOST_CHANGES = 9
LEAST_POINTS = 2
OF_CHANGES = "H"
"""How the ids of evidence on changes begin."""


@dataclass(frozen=True)
class Mark:
    """A moment worth a line, and what happened then."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Chart:
    """One series, and what it is drawn against; None and () where that is not known."""

    series: Series
    baseline: float | None
    limits: tuple[tuple[str, Series | float], ...]
    onset: datetime | None
    changes: tuple[Mark, ...]


def charts_of(item: Mapping[str, Any]) -> list[Chart]:
    """A chart of each series that has enough points for a line, those that left their baselines first.

    Those that the diagnosis was made from, where it has kept any; else those that the ticket came with.
    """
    snapshot = read(plain(item.get("metric_snapshot")))
    kept = map_of(item.get("diagnosis_charts"))
    onset = time_in(kept.get("onset") or item.get("first_seen_at"))
    limits = tuple(_limits(snapshot))
    changes = tuple(changes_of(item))
    if known := list(_kept(kept)):
        alone = len(known) == 1
        return [
            Chart(each, baseline, limits if alone or each.is_alarms else (), onset, changes)
            for each, baseline in known
        ]
    own = [
        each for each in snapshot.series if each.name not in THRESHOLDS and len(each.times) >= LEAST_POINTS
    ]
    analysed = sorted((analyse(each, onset) for each in own), key=lambda each: each.departure is None)
    return [
        Chart(
            each.series,
            None if each.baseline is None else float(each.baseline),
            limits if len(own) == 1 else (),
            onset,
            changes,
        )
        for each in analysed
    ]


def _kept(charts: Mapping[str, Any]) -> Iterator[tuple[Series, float | None]]:
    """Of a version that kept them otherwise nothing."""
    for each in maps_of(charts.get("series")):
        times, values = each.get("times"), each.get("values")
        if isinstance(times, list) and isinstance(values, list) and len(times) == len(values):
            points = zip(times, values, strict=True)
            is_alarms = each.get("is_alarms") is True
            found = series(text_of(each.get("name")), points, text_of(each.get("unit")), is_alarms=is_alarms)
            if len(found.times) >= LEAST_POINTS:
                yield found, _number(each.get("baseline"))


def _limits(snapshot: Snapshot) -> Iterator[tuple[str, Series | float]]:
    for name, value in snapshot.readings:
        if name in THRESHOLDS and (level := _number(value)) is not None:
            yield name, level
    yield from ((each.name, each) for each in snapshot.series if each.name in THRESHOLDS and each.times)


def changes_of(item: Mapping[str, Any]) -> list[Mark]:
    """The changes before it: those that were found, or those that the diagnosis lists with their times."""
    found = [
        (time_in(each.get("at")), text_of(each.get("what")))
        for each in maps_of(map_of(item.get("diagnosis_charts")).get("changes"))
    ]
    answer = answer_of(map_of(item.get("diagnosis_record")))
    found += [
        (time_in(text_of(entry.get("at")).partition(" ")[0]), text_of(entry.get("event")))
        for entry in (() if found else maps_of(answer.get("timeline")))
        if any(id_.startswith(OF_CHANGES) for id_ in texts_of(entry.get("evidence")))
    ]
    marks = [Mark(at, what) for at, what in found if at]
    return sorted(marks, key=lambda mark: mark.at)[:MOST_CHANGES]


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) or not isfinite(float(value)) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
