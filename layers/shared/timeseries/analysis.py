"""Whether a metric left its baseline, when, how far, and where it stands: decided here, not by the reader.

The baseline is the median of the points before the incident; its spread is 1.4826 times their median
distance from it, which for normal noise is the standard deviation. A few odd points move neither. Where
nothing is known of the incident's time, or too few points lie before it, the series is read from its
start: a point joins the baseline while it is near it, for a third of the points at most, and of a series
that moves one way from its start only the first. The noise between neighbours is then all there is of
spread; it is taken from second differences, which a steady rise leaves alone.

A deviation is SPREADS spreads away, and RELATIVE of the baseline, in two points running or the last one,
or in a single one that is twice as far. Dropped: means and standard deviations, which a spike moves;
first differences, to which a steady rise is nothing but noise; a fixed share of the points as the
baseline, in which an incident of the first minutes is its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import sqrt
from statistics import median
from typing import Literal

from timeseries.series import Series

SPREADS = 5.0
RELATIVE = 0.2
RELATIVE_FROM_START = 0.3
"""Where the baseline is but the start of the series, which wanders by itself."""
ALONE = 2.0
"""How many times as far a single point has to be away."""
STRONG = 0.5
"""So far from its baseline a metric may tell when the incident began."""
MAD_TO_SIGMA = 1.4826
LEAST_POINTS = 5
LEAST_BASELINE = 10
"""So many points before the incident are a baseline, whatever the rest looks like."""
BEFORE_ONSET = timedelta(minutes=15)
"""What is nearer to the onset may belong to it."""
GAP_STEPS = 3.5

STEPS_ONE_WAY = 3
"""So many in a row from the start are a movement, each of them larger than twice the noise."""

Trend = Literal["rising", "falling", "steady", "back", "beyond"]
"""How it goes on; "beyond" is back through its baseline and out on the other side."""


@dataclass(frozen=True)
class Departure:
    """The first point outside of the baseline, the farthest one, and how things go on."""

    at: datetime
    direction: Literal["up", "down"]
    peak_at: datetime
    peak: Decimal
    trend: Trend
    back_at: datetime | None
    is_strong: bool


@dataclass(frozen=True)
class Analysis:
    """What a series says; without a baseline it has too few points to tell."""

    series: Series
    baseline: Decimal | None
    spread: float
    departure: Departure | None
    gaps: tuple[tuple[datetime, datetime], ...]

    @property
    def now(self) -> Decimal:
        return self.series.exact[-1]


def analyse(series: Series, onset: datetime | None = None) -> Analysis:
    """The analysis of a series that has a point; `onset` is when the incident began, as far as is known."""
    gaps = _gaps(series)
    if len(series.values) < LEAST_POINTS:
        return Analysis(series, None, 0.0, None, gaps)
    noise = _noise(series.values)
    count, relative = _points_before(series, onset), RELATIVE
    if count < LEAST_BASELINE:
        count, relative = _points_from_start(series.values, noise), RELATIVE_FROM_START
    before = series.values[:count]
    middle = median(before)
    spread = MAD_TO_SIGMA * median(abs(value - middle) for value in before)
    exact = min(series.exact[:count], key=lambda value: abs(float(value) - middle))
    level = exact if count % 2 else Decimal(str(middle))
    limit = max(SPREADS * (max(spread, noise) if count >= LEAST_BASELINE else noise), relative * abs(middle))
    departure = _departure(series, count, middle, limit, noise)
    return Analysis(series, level, spread if count >= LEAST_POINTS else 0.0, departure, gaps)


def _points_before(series: Series, onset: datetime | None) -> int:
    """How many points lie safely before the incident."""
    return sum(at < onset - BEFORE_ONSET for at in series.times) if onset is not None else 0


def _points_from_start(values: Sequence[float], noise: float) -> int:
    """How many points from the start are near one another."""
    steps = [later - earlier for earlier, later in pairwise(values[: STEPS_ONE_WAY + 1])]
    if all(step > 2 * noise for step in steps) or all(step < -2 * noise for step in steps):
        return 1
    count = 1
    for value in values[1 : max(3, len(values) // 3)]:
        middle = median(values[:count])
        if abs(value - middle) > max(SPREADS * noise, RELATIVE_FROM_START * abs(middle)):
            break
        count += 1
    return count


def _noise(values: Sequence[float]) -> float:
    """The spread of a series whose level moves, from how far each point is off the line of its neighbours."""
    threes = zip(values, values[1:], values[2:], strict=False)
    bends = [abs(after - 2 * at + before) for before, at, after in threes]
    return MAD_TO_SIGMA * median(bends) / sqrt(6)


def _departure(series: Series, count: int, middle: float, limit: float, noise: float) -> Departure | None:
    values = series.values
    away = [value - middle for value in values]
    first = next((place for place in range(count, len(values)) if _departs(away, place, limit)), None)
    if first is None:
        return None
    up = away[first] > 0
    towards = [distance if up else -distance for distance in away]
    while first and towards[first - 1] > limit:
        first -= 1  # it may have begun before anybody noticed, within what was taken for the time before it
    peak = max(range(first, len(values)), key=lambda place: towards[place])
    outside = max(place for place in range(first, len(values)) if towards[place] > limit)
    back_at = series.times[outside + 1] if outside + 1 < len(values) else None
    trend = _trend(values[first:], noise)
    if back_at is not None:
        trend = "beyond" if towards[-1] < -limit else "back"
    is_strong = towards[peak] >= max(STRONG * abs(middle), 0.0 if middle else ALONE * limit)
    direction: Literal["up", "down"] = "up" if up else "down"
    return Departure(
        series.times[first], direction, series.times[peak], series.exact[peak], trend, back_at, is_strong
    )


def _departs(away: Sequence[float], place: int, limit: float) -> bool:
    """Whether the point is outside, and the next one on the same side; the last one needs none."""
    if abs(away[place]) <= limit:
        return False
    if abs(away[place]) > ALONE * limit or place + 1 == len(away):
        return True
    return abs(away[place + 1]) > limit and (away[place] > 0) == (away[place + 1] > 0)


def _trend(values: Sequence[float], noise: float) -> Trend:
    """How the last points go on."""
    last = values[-max(3, len(values) // 4) :]
    change = last[-1] - last[0]
    if abs(change) <= max(3 * noise, 0.02 * abs(last[0])):
        return "steady"
    return "rising" if change > 0 else "falling"


def _gaps(series: Series) -> tuple[tuple[datetime, datetime], ...]:
    """Where points are missing: the last one before and the first one after."""
    longest = GAP_STEPS * series.step
    return tuple(pair for pair in pairwise(series.times) if pair[1] - pair[0] > longest)
