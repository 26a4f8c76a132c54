"""A ticket's metric snapshot: its series analysed as live ones are, its other readings as they stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from diagnose.evidence.lines import shown
from diagnose.evidence.looked import Found
from diagnose.evidence.sections import Section, lines_of
from diagnose.evidence.sources.metrics.telling import tell
from timeseries.analysis import analyse
from timeseries.series import Series
from timeseries.shapes import read


def snapshot_of(snapshot: Any) -> Found:
    """Its section, and when its metrics left their baselines."""
    found = read(snapshot)
    own, usual = _without_usual(found.series)
    told = tell([analyse(each) for each in own if each.times])
    empty = [f"{each.full_name}: no datapoints" for each in own if not each.times]
    readings = lines_of([f"{name} = {shown(value)}" if name else value for name, value in found.readings])
    title = f"Metric snapshot (of {usual} unless said)" if usual else "Metric snapshot"
    lines = (*told.lines, *readings, *empty)
    section = Section(
        "metric_snapshot", title, "M", lines, exact=told.exact, facts=told.facts, drawn=told.drawn
    )
    return Found((section,), told.departures)


def _without_usual(found: Sequence[Series]) -> tuple[list[Series], str]:
    """What most of the series are of is said once."""
    counts = Counter(each.of for each in found)
    usual, count = counts.most_common(1)[0] if counts else ("", 0)
    if count < 3:
        return list(found), ""
    return [replace(each, of="") if each.of == usual else each for each in found], usual
