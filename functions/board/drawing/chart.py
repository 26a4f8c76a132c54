"""What can be drawn of a ticket: series with their baseline, the onset, the threshold, the changes before it.

Only what is stored on the ticket is drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.plain import plain
from timeseries.analysis import analyse
from timeseries.series import Series
from timeseries.shapes import read
from views.reading import answer_of, map_of, maps_of, text_of, texts_of, time_of

MOST_CHANGES = 9
LEAST_POINTS = 2
THRESHOLDS = ("threshold", "lower threshold", "upper threshold")
"""What intake calls what an alarm's datapoints were compared with."""
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


def charts_of(item: Mapping[str, Any]) -> Iterator[Chart]:
    """A chart of each series that has enough points for a line."""
    snapshot = read(plain(item.get("metric_snapshot")))
    onset = time_of(item.get("first_seen_at"))
    limits: list[tuple[str, Series | float]] = [
        (name, float(value)) for name, value in snapshot.readings if name in THRESHOLDS and _is_number(value)
    ]
    limits += [(each.name, each) for each in snapshot.series if each.name in THRESHOLDS and each.times]
    changes = tuple(changes_of(item))
    own = [each for each in snapshot.series if each.name not in THRESHOLDS]
    known = [(each, analyse(each, onset)) for each in own if len(each.times) >= LEAST_POINTS]
    for each, analysis in sorted(known, key=lambda pair: pair[1].departure is None):
        level = None if analysis.baseline is None else float(analysis.baseline)
        yield Chart(each, level, tuple(limits) if len(own) == 1 else (), onset, changes)


def changes_of(item: Mapping[str, Any]) -> list[Mark]:
    """The changes among what the diagnosis lists in order of time, as far as it says when they were."""
    answer = answer_of(map_of(item.get("diagnosis_record")))
    marks = []
    for entry in maps_of(answer.get("timeline")):
        at = time_of(text_of(entry.get("at")).partition(" ")[0])
        if at and any(id_.startswith(OF_CHANGES) for id_ in texts_of(entry.get("evidence"))):
            marks.append(Mark(at, text_of(entry.get("event"))))
    return sorted(marks, key=lambda mark: mark.at)[:MOST_CHANGES]


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and float(value) == float(value)
    except (TypeError, ValueError):
        return False
