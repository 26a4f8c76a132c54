"""Figures in texts with their units, and whether two of them say the same."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
UNITS: dict[str, tuple[str, Decimal]] = {
    written.casefold(): (family, Decimal(worth))
    for family, units in {
        "bytes": {
            "B bytes byte": "1",
            "kB kilobytes": "1e3",
            "MB megabytes": "1e6",
            "GB gigabytes": "1e9",
            "TB terabytes": "1e12",
            "KiB": "1024",
            "MiB": "1048576",
            "GiB": "1073741824",
            "TiB": "1099511627776",
        },
        "bits": {"bit bits": "1", "kbit": "1e3", "Mbit": "1e6", "Gbit": "1e9"},
        "time": {
            "ns nanoseconds": "1e-9",
            "µs us microseconds": "1e-6",
            "ms milliseconds millisecond": "1e-3",
            "s sec secs second seconds": "1",
            "min mins minute minutes": "60",
            "h hour hours": "3600",
            "d day days": "86400",
        },
        "share": {"% percent": "0.01"},
        "count": {"k thousand": "1e3", "million": "1e6", "billion": "1e9"},
    }.items()
    for names, worth in units.items()
    for written in names.split()
}
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
QUOTED = re.compile(rf"(?<![\w.])(?<![a-z_]-)(-?{NUMBER})(?:[ -]?({UNIT})(?![a-z\d]))?", re.IGNORECASE)
WRITTEN = re.compile(rf"(?<![\d.])(-?{NUMBER})(?:[ -]?({UNIT})(?![a-z\d]))?", re.IGNORECASE)
"""A figure follows no letter, nor a letter and a hyphen, as in `tikv-4`.

In evidence it may follow a letter (`T02:10`); what follows a digit is part of a longer figure.
"""
SECOND = re.compile(r"(\d\d:\d\d:\d\d)[.,]\d+")
"""A time of day is often quoted without its fraction."""
COMPOUND = re.compile(r"(?<![\w.])(\d+) (d|h|min) (\d+) (h|min|s)(?![a-z])")
FAMILIES = {
    family: frozenset(worth for of, worth in UNITS.values() if of == family)
    for family in ("bytes", "bits", "time", "share", "count")
}
CLOSE = Decimal("0.005")
"""How far a rounded figure of three digits may be from what it stands for."""
HALF = Decimal("0.5")


@dataclass(frozen=True)
class Quantity:
    """A figure; without a unit its family is empty. `ulp` is what its last written digit is worth."""

    written: str
    value: Decimal
    ulp: Decimal
    digits: int
    family: str = ""
    worth: Decimal = Decimal(1)

    @property
    def base(self) -> Decimal:
        """In the smallest unit of its family: bytes, seconds, parts of one."""
        return self.value * self.worth


def quantities(pattern: re.Pattern[str], text: str) -> Iterator[Quantity]:
    """The figures of a text, as they stand."""
    for found in pattern.finditer(SECOND.sub(r"\1", text)):
        number, unit = found.group(1), found.group(2)
        value = number_of(number)
        if value is None:
            continue
        family, worth = UNITS[unit.casefold()] if unit else ("", Decimal(1))
        places = number.lower().partition("e")[0].partition(".")[2]
        digits = len(re.sub(r"\D", "", number.lower().partition("e")[0]).lstrip("0"))
        yield Quantity(found[0], value, Decimal(1).scaleb(-len(places)), digits, family, worth)


def durations(text: str) -> Iterator[Quantity]:
    """Durations in two units, in seconds: "3 h 20 min"."""
    for large, large_unit, small, small_unit in COMPOUND.findall(text):
        if len(large) + len(small) < 12:
            of_small = UNITS[small_unit][1]
            seconds = int(large) * UNITS[large_unit][1] + int(small) * of_small
            yield Quantity("", seconds, of_small, 3, "time")


def says_the_same(said: Quantity, held: Sequence[Quantity], exact: Collection[Decimal]) -> bool:
    """Whether an item that holds these figures, and these exact values behind them, says a figure.

    1. The same number, where the units do not contradict each other.
    2. A figure of at least two digits with a unit may be rounded, and in another unit than the item's, which
       may have none written; so 14.1 GB is 14,063,512,655.
    3. The item may be the one that is rounded, to three digits and in another unit, where no exact value is
       known.
    """
    same = (each for each in held if said.value in (each.value, abs(each.value)))
    if any(_fits(said, each) for each in same):
        return True
    if not said.family:
        return said.value in exact
    if said.digits > 1 and any(_is_rounded(said, base) for base in _bases(said, held, exact)):
        return True
    return not exact and any(
        each.family == said.family and each.worth != said.worth and _stands_for(each, said) for each in held
    )


def number_of(figure: str) -> Decimal | None:
    try:
        return Decimal(figure.replace(",", ""))
    except InvalidOperation:
        return None


def _fits(said: Quantity, held: Quantity) -> bool:
    """Whether the units of two equal numbers do not contradict each other."""
    if not said.family or not held.family:
        return True
    return said.family == held.family and said.worth == held.worth


def _bases(said: Quantity, held: Sequence[Quantity], exact: Collection[Decimal]) -> Iterator[Decimal]:
    """What the item's figures are in the smallest unit of the family, for each unit that they may have.

    An exact value has the unit with which it is one of the figures that are shown.
    """
    for each in held:
        if each.family == said.family:
            yield each.base
        elif not each.family:
            yield from (each.value * worth for worth in FAMILIES[said.family])
            yield each.value
    shown = [each for each in held if each.family == said.family]
    for value in exact:
        for base in (value * worth for worth in FAMILIES[said.family]):
            if not shown or any(_is_rounded(each, base) for each in shown):
                yield base


def _is_rounded(said: Quantity, base: Decimal) -> bool:
    return abs(base / said.worth - said.value) <= HALF * said.ulp


def _stands_for(rounded: Quantity, said: Quantity) -> bool:
    there = said.base / rounded.worth
    return abs(there - rounded.value) <= min(HALF * rounded.ulp, CLOSE * abs(there))
