"""Arithmetic on time, so that nobody who reads the evidence has to do any."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 24 * 3600
WRITTEN = re.compile(
    r"(?P<date>\d(?<![\w.].)\d{3}([-/])\d\d\2\d\d)(?P<blank>[T ])"
    r"(?P<time>\d\d:\d\d:\d\d)(?P<fraction>[.,]\d{1,9})?"
    r"(?P<zone> ?(?:UTC\b|(?:Z|[+-]\d\d:?\d\d)(?![\w:.]\w)))(?! \((?:[-+]\d|at the onset))"
)
"""A time whose zone is known and that has no offset yet: in UTC, as every source writes it, or as logs do."""
UTC_ZONES = ("Z", "+00:00")
FIRST_YEAR = 1971
"""Earlier years are what programs write that know no time."""


@dataclass(frozen=True)
class Window:
    """A stretch of time that was looked at, both ends in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def around(cls, at: datetime, before: timedelta, after: timedelta, now: datetime) -> "Window":
        """From so long before a time to so long after it, and never beyond `now`."""
        end = max(min(at + after, now), at - before)
        return cls(at - before, end)

    def __str__(self) -> str:
        return f"{utc(self.start)} to {utc(self.end)}"


def utc(at: datetime) -> str:
    """A time in UTC to the second: finer than that is only what a metric or a log writes by itself."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_words(seconds: float) -> str:
    """A duration in its two largest units: "4 min", "1 min 35 s", "3 h 20 min", "2 d 3 h"."""
    whole = round(abs(seconds))
    if whole < 1 and seconds:
        return f"{abs(seconds):.1g} s"
    if whole < MINUTE:
        return f"{whole} s"
    if whole < 10 * MINUTE:
        return _two(whole, MINUTE, "min", SECOND, "s")
    if whole < HOUR - MINUTE / 2:
        return f"{round(whole / MINUTE)} min"
    if whole < DAY - MINUTE / 2:
        return _two(round(whole / MINUTE), HOUR // MINUTE, "h", 1, "min")
    return _two(round(whole / HOUR), DAY // HOUR, "d", 1, "h")


def _two(count: int, large: int, large_name: str, small: int, small_name: str) -> str:
    many, rest = divmod(count, large)
    return f"{many} {large_name}" + (f" {rest // small} {small_name}" if rest else "")


def offset(at: datetime, onset: datetime) -> str:
    """How long before or after the onset a time is: "-4 min", "+3 h 20 min", "at the onset"."""
    seconds = (at - onset).total_seconds()
    if abs(seconds) < 1:
        return "at the onset"
    return f"{'-' if seconds < 0 else '+'}{in_words(seconds)}"


def with_offsets(text: str, onset: datetime) -> str:
    """The text with the offset behind each of its times; what is no time, or has no zone, is left as it is.

    A time in UTC as ISO 8601 has it is written with a Z, others stay as they are written.
    """

    def told(found: re.Match[str]) -> str:
        at = _read(found)
        if at is None or at.year < FIRST_YEAR:
            return found[0]
        written = found[0]
        if found["blank"] == "T" and found["zone"] in UTC_ZONES:
            fraction = (found["fraction"] or "").rstrip("0").rstrip(".,")
            written = f"{found['date']}T{found['time']}{fraction}Z"
        return f"{written} ({offset(at, onset)})"

    return WRITTEN.sub(told, text)


def all_with_offsets(lines: Iterable[str], onset: datetime) -> tuple[str, ...]:
    return tuple(with_offsets(line, onset) for line in lines)


def _read(found: re.Match[str]) -> datetime | None:
    zone = found["zone"].strip()
    try:
        at = datetime.fromisoformat(
            f"{found['date'].replace('/', '-')}T{found['time']}{'Z' if zone == 'UTC' else zone}"
        ).astimezone(UTC)
        return at + timedelta(seconds=float(f"0{(found['fraction'] or '').replace(',', '.')}"))
    except (ValueError, OverflowError):
        return None
