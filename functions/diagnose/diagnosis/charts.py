"""`diagnosis_charts`: what is kept of the metrics that a diagnosis was made from, so that people see them.

Few points of few metrics: a ticket has room for 400 KB in all, and its text comes first.
"""

import re
from collections.abc import Iterator
from typing import Any

from diagnose.evidence.facts import Kind
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Context, Section
from runtime.both_ends import both_ends
from runtime.clock import iso
from timeseries.analysis import Analysis
from timeseries.series import THRESHOLDS, thinned

MOST_SERIES = 4
MOST_POINTS = 120
MOST_CHANGES = 9
LEAST_POINTS = 2
LONGEST = 200
"""Characters of a name or a change."""
TIME = re.compile(r"^\S+Z (?:\([^()]*\) )?")
"""How a change begins: with its time and the distance from the onset."""


def charts_of(context: Context, redact: Redact) -> dict[str, Any]:
    """The alarm's metric first, then those that left their baselines, as they came, then others."""
    drawn = [each for section in context.sections for each in section.drawn if _is_worth_it(each)]
    drawn.sort(key=lambda each: (not each.series.is_alarms, each.departure is None))
    changes = [change for section in context.sections for change in _changes(section)]
    return {
        "onset": iso(context.onset) if context.onset else "",
        "series": [_series(each, redact) for each in drawn[:MOST_SERIES]],
        "changes": sorted(changes[:MOST_CHANGES], key=lambda change: change["at"]),
    }


def _is_worth_it(each: Analysis) -> bool:
    return len(each.series.times) >= LEAST_POINTS and each.series.name not in THRESHOLDS


def _series(each: Analysis, redact: Redact) -> dict[str, Any]:
    series = thinned(each.series, MOST_POINTS)
    return {
        "name": both_ends(redact(series.full_name), LONGEST),
        "unit": series.unit,
        "times": [int(at.timestamp()) for at in series.times],
        "values": [_rounded(value) for value in series.values],
        "baseline": None if each.baseline is None else _rounded(float(each.baseline)),
        "is_alarms": series.is_alarms,
    }


def _changes(section: Section) -> Iterator[dict[str, str]]:
    """Those that code found, the likeliest to matter first, as the prompt tells them."""
    for line, fact in zip(section.lines, section.facts, strict=False):
        if fact and fact.kind is Kind.CHANGE and fact.at:
            yield {"at": iso(fact.at), "what": both_ends(TIME.sub("", line), LONGEST)}


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
