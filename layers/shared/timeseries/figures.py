"""Figures that people can read, with their units; exact values are kept beside them, for citations."""

from decimal import Decimal
from math import floor, log10

Number = Decimal | float | int

SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "B": ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")),
    "bit": ((1e9, "Gbit"), (1e6, "Mbit"), (1e3, "kbit"), (1, "bit")),
    "s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "ms": ((1e4, "s"), (1, "ms"), (1e-3, "µs")),
    "µs": ((1e6, "s"), (1e3, "ms"), (1, "µs")),
}
"""From how much on a larger unit is used; `ms` turns to seconds at ten of them, as people say it."""
WORTH = {("ms", "s"): 1e3}
"""What a unit is worth where that is not where it begins."""
UNITS = {
    "bytes": "B",
    "kilobytes": "kB",
    "megabytes": "MB",
    "gigabytes": "GB",
    "bits": "bit",
    "percent": "%",
    "seconds": "s",
    "milliseconds": "ms",
    "microseconds": "µs",
    "count": "",
    "none": "",
}
"""CloudWatch's units, and Prometheus' and Grafana's where they differ."""
ALIASES = {
    "short": "",
    "percentunit": "",
    "decbytes": "B",
    "b": "B",
    "ms": "ms",
    "s": "s",
    "ops": "/s",
    "reqps": "/s",
}
DIGITS = 3


def counted(count: int, what: str) -> str:
    """So many of something whose plural ends in s: "1 event", "3 events"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def often(count: int) -> str:
    """How often: "once", "3 times"."""
    return "once" if count == 1 else f"{count} times"


def unit_of(written: str) -> str:
    """A unit as it is shown: "Bytes/Second" is "B/s"; one that is not known stays as it is written."""
    unit, _, per = written.strip().partition("/")
    known = UNITS.get(unit.lower(), ALIASES.get(unit.lower(), unit))
    return f"{known}/s" if per.lower() == "second" else f"{known}/{per}" if per else known


def figure(value: Number, unit: str = "") -> str:
    """A value in three digits and the unit that fits it: "14.1 GB", "2.8 ms", "1,140 s", "98.4 %"."""
    number = float(value)
    base, slash, per = unit.partition("/")
    if base in SCALES and number:
        size, name = next(
            ((size, name) for size, name in SCALES[base] if abs(number) >= size), SCALES[base][-1]
        )
        return f"{_rounded(number / WORTH.get((base, name), size))} {name}{slash}{per}"
    shown = _rounded(number)
    return f"{shown} {unit}" if base else f"{shown}{unit}"


def exact(value: Number) -> Decimal:
    """The value as it came, digit by digit."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(number: float) -> str:
    """Whole numbers as they are, others in three digits; in powers of ten only what is tiny or huge."""
    if number == 0:
        return "0"
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    magnitude = floor(log10(abs(number)))
    if magnitude >= 15 or magnitude < -6:
        return f"{number:.{DIGITS - 1}e}"
    places = max(0, DIGITS - 1 - magnitude)
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
