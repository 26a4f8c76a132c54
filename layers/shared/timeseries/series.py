"""A metric over time, as clean as it can be made, and what had to be thrown away for that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

from tickets.moments import moment

MOST_POINTS = 20_000
"""Of one series; of more every so manieth is taken."""
FIRST_YEAR = 1971
LARGEST = 1e150
"""A number in a text may be larger than any of DynamoDB's; sums and differences have to stay finite."""
LONGEST_UNIT = 40
THRESHOLDS = ("threshold", "lower threshold", "upper threshold")
"""What intake calls what an alarm's datapoints were compared with."""


@dataclass(frozen=True)
class Series:
    """Points oldest first, each time once; `unit` as in figures.py, `faults` says what was left out."""

    name: str
    unit: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]
    exact: tuple[Decimal, ...]
    of: str = ""
    is_alarms: bool = False
    faults: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.name} ({self.of})" if self.of else self.name

    @property
    def step(self) -> timedelta:
        """The usual distance between two points."""
        steps = [(later - earlier).total_seconds() for earlier, later in pairwise(self.times[:500])]
        return timedelta(seconds=median(steps) if steps else 0.0)


def series(
    name: str,
    points: Iterable[tuple[Any, Any]],
    unit: str = "",
    of: str = "",
    latest: datetime | None = None,
    is_alarms: bool = False,
) -> Series:
    """A series of times and values in whatever order and form, none of them after `latest`."""
    found: dict[datetime, Decimal] = {}
    no_number = no_time = ahead = 0
    given = list(points)
    stride = -(-len(given) // MOST_POINTS) or 1
    for written_at, written in given[::-stride]:
        at, value = _time(written_at), _number(written)
        if value is None:
            no_number += 1
        elif at is None:
            no_time += 1
        elif latest is not None and at > latest:
            ahead += 1
        else:
            found[at] = value
    faults = [
        f"{count} {what}"
        for count, what in (
            (no_number, "of its values are no numbers"),
            (no_time, "of its times are none"),
            (ahead, "of its times lie ahead of our clock"),
        )
        if count
    ]
    if stride > 1:
        faults.append(f"of {len(given):,} points every {stride}th was looked at")
    ordered = sorted(found.items())
    return Series(
        name,
        unit[:LONGEST_UNIT],
        tuple(at for at, _ in ordered),
        tuple(float(value) for _, value in ordered),
        tuple(value for _, value in ordered),
        of,
        is_alarms,
        tuple(faults),
    )


def thinned(whole: Series, most: int) -> Series:
    """The series with so many points at the most: of each stretch the farthest from the middle of all.

    No peak is lost, and the first and the last stay.
    """
    stride = -(-(len(whole.times) - 2) // max(1, most - 2)) if len(whole.times) > most else 1
    if stride <= 1:
        return whole
    middle = median(whole.values)
    inner = range(1, len(whole.times) - 1)
    stretches = (inner[start : start + stride] for start in range(0, len(inner), stride))
    kept = [
        0,
        *(max(some, key=lambda place: abs(whole.values[place] - middle)) for some in stretches),
        len(whole.times) - 1,
    ]
    return replace(
        whole,
        times=tuple(whole.times[place] for place in kept),
        values=tuple(whole.values[place] for place in kept),
        exact=tuple(whole.exact[place] for place in kept),
    )


def named(labels: Mapping[str, Any] | Sequence[Any]) -> str:
    """Dimensions or labels as they stand behind a metric's name: their values, where those tell enough."""
    if isinstance(labels, Mapping):
        return ", ".join(f"{name}={value}" for name, value in labels.items())
    pairs = [
        {str(key).lower(): value for key, value in each.items()}
        for each in labels
        if isinstance(each, Mapping)
    ]
    return ", ".join(str(pair.get("value", "")) for pair in pairs if pair.get("value"))


def _time(written: Any) -> datetime | None:
    if isinstance(written, datetime):
        return written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)
    try:
        at = moment(written)
    except (ValueError, TypeError):
        return None
    return at if isinstance(at, datetime) and at.year >= FIRST_YEAR else None


def _number(written: Any) -> Decimal | None:
    if isinstance(written, bool) or not isinstance(written, int | float | Decimal | str):
        return None
    try:
        value = written if isinstance(written, Decimal) else Decimal(str(written).strip())
        return value if value.is_finite() and abs(float(value)) < LARGEST else None
    except (ArithmeticError, ValueError):
        return None
