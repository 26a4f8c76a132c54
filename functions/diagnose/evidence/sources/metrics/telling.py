"""Analysed metrics as lines: one for each that deviates, and one in all for those that do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.onset import Basis, Onset
from diagnose.evidence.times import in_words, utc
from timeseries.analysis import Analysis, Departure, Trend
from timeseries.figures import exact, figure

MOST_LISTED = 60
"""Metrics without a departure that are named in one line."""
MOST_GAPS = 3
GOES_ON: Mapping[Trend, str] = {
    "steady": "steady there",
    "rising": "still rising",
    "falling": "still falling",
    "back": "back",
    "beyond": "back, and past its baseline on the other side,",
}
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """Lines, each with the exact values of its figures and what was found; `drawn` is what they tell of."""

    lines: tuple[str, ...]
    exact: tuple[tuple[Decimal, ...], ...]
    departures: tuple[Onset, ...] = ()
    facts: tuple[Fact | None, ...] = ()
    drawn: tuple[Analysis, ...] = ()


def tell(found: Sequence[Analysis], yesterday: Mapping[str, Decimal] | None = None) -> Told:
    """The alarm's metric first, then the others in the order in which they left their baselines.

    `yesterday` has the median of each at the same time a day before, by its full name.
    """
    before = yesterday or {}
    deviating = [(each, each.departure) for each in sorted(found, key=_rank) if each.departure]
    quiet = [each for each in found if not each.departure and each.baseline is not None]
    few = [each for each in found if each.baseline is None]
    lines: list[tuple[str, tuple[Decimal, ...], Fact | None]] = [
        (_deviating(each, departure, before), _figures(each, before), _fact(each, departure))
        for each, departure in deviating
    ]
    lines += [(_few(each), each.series.exact, None) for each in few]
    for start in range(0, len(quiet), MOST_LISTED):
        some = quiet[start : start + MOST_LISTED]
        figures = tuple(value for each in some for value in _figures(each, before))
        lines.append((_within(some), figures, Fact(Kind.USUAL)))
    lines += [(line, (), None) for line in _faults(found)]
    departures = tuple(_onset(each, departure) for each, departure in deviating if departure.is_strong)
    distinct = {line: (figures, fact) for line, figures, fact in lines}
    exact_values = tuple(figures for figures, _ in distinct.values())
    told = tuple(fact for _, fact in distinct.values())
    return Told(tuple(distinct), exact_values, departures, told, tuple(sorted(found, key=_rank)))


def _fact(each: Analysis, departure: Departure) -> Fact:
    over_at = departure.back_at if departure.trend == "back" else None
    return Fact(Kind.DEVIATION, departure.at, each.series.step, over_at, each.series.of)


def _rank(each: Analysis) -> tuple[bool, datetime]:
    return not each.series.is_alarms, each.departure.at if each.departure else NEVER


def _onset(each: Analysis, departure: Departure) -> Onset:
    basis = Basis.ALARM_METRIC if each.series.is_alarms else Basis.METRICS
    whose = "the alarm's metric " if each.series.is_alarms else ""
    return Onset(departure.at, f"when {whose}{each.series.name} left its baseline", basis)


def _deviating(each: Analysis, departure: Departure, yesterday: Mapping[str, Decimal]) -> str:
    unit = each.series.unit
    far = "peak" if departure.direction == "up" else "lowest"
    parts = [
        f"baseline {figure(each.baseline or 0, unit)}{_spread(each)}",
        f"left it {utc(departure.at)}",
        f"{far} {figure(departure.peak, unit)} at {utc(departure.peak_at)}{_times(each, departure)}",
        f"{GOES_ON[departure.trend]}{f' since {utc(departure.back_at)}' if departure.back_at else ''}",
        f"now {figure(each.now, unit)}",
    ]
    if (value := yesterday.get(each.series.full_name)) is not None:
        parts.append(f"yesterday at this time {figure(value, unit)}")
    if each.gaps:
        parts.append(_gaps(each))
    return f"{each.series.full_name} DEVIATES {departure.direction}: {', '.join(parts)}"


def _times(each: Analysis, departure: Departure) -> str:
    """How many times its baseline a peak is, where that says anything."""
    if not each.baseline or departure.direction == "down":
        return ""
    times = float(departure.peak) / float(each.baseline)
    return f" ({figure(round(times, 1 if times < 10 else 0))} times the baseline)" if times >= 1.5 else ""


def _spread(each: Analysis) -> str:
    return f" ± {figure(each.spread, each.series.unit)}" if each.spread else ""


def _within(found: Iterable[Analysis]) -> str:
    told = []
    for each in found:
        gap = f" ({_gaps(each)})" if each.gaps else ""
        told.append(f"{each.series.full_name} {figure(each.now, each.series.unit)}{gap}")
    return f"no departure in this data, with their last values: {'; '.join(told)}"


def _few(each: Analysis) -> str:
    """Too few points to tell what is usual: the points themselves."""
    points = ", ".join(
        f"{figure(value, each.series.unit)} at {utc(at)}"
        for at, value in zip(each.series.times, each.series.exact, strict=True)
    )
    return f"{each.series.full_name}: {points} (too few points to tell a baseline)"


def _gaps(each: Analysis) -> str:
    told = [
        f"no data from {utc(start)} for {in_words((end - start).total_seconds())}"
        for start, end in each.gaps[:MOST_GAPS]
    ]
    if len(each.gaps) > MOST_GAPS:
        told.append(f"and {len(each.gaps) - MOST_GAPS} more gaps")
    return ", ".join(told)


def _faults(found: Iterable[Analysis]) -> list[str]:
    return [f"{each.series.full_name}: {fault}" for each in found for fault in each.series.faults]


def _figures(each: Analysis, yesterday: Mapping[str, Decimal]) -> tuple[Decimal, ...]:
    """The exact values of what a line says of a metric."""
    values = [each.baseline, each.now, each.departure.peak if each.departure else None]
    values += [exact(each.spread), yesterday.get(each.series.full_name)]
    return tuple(value for value in values if value is not None)
