"""Times as answers and items write them: dates with a time, times of day, offsets from the onset."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STAMP = re.compile(
    r"(?<![\w.])(?P<date>\d{4}[-/]\d\d[-/]\d\d)[Tt ](?P<clock>\d\d:\d\d)(?P<second>:\d\d)?(?:[.,]\d{1,9})?"
    r"(?: ?(?P<zone>Z|z|UTC|[+-]\d\d:?\d\d)(?!\w))?"
)
CLOCK = re.compile(
    r"(?:(?<![\w.,:/-])|(?<=\d{4}:))(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d)(?P<second>:[0-5]\d)?(?:[.,]\d{1,9})?Z?(?![\w:])"
)
OFFSET = re.compile(
    r"(?<![\w.)])(?P<sign>[+\u2212-]) ?(?P<many>\d{1,6}(?:\.\d+)?) ?"
    r"(?P<unit>s|sec|seconds?|min|minutes?|h|hours?|d|days?)"
    r"(?: (?P<rest>\d{1,6}) ?(?P<small>s|sec|min|minutes?|h|hours?))?(?![A-Za-z])"
)
AT_THE_ONSET = "at the onset"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Stamp:
    """A time with its date; `at` is in UTC, or as it is written where `is_zoned` is false."""

    written: str
    at: datetime
    has_seconds: bool
    is_zoned: bool


@dataclass(frozen=True)
class TimeOfDay:
    """Hour and minute, in UTC unless the item says otherwise; `second` is -1 where it is not written."""

    written: str
    clock: str
    second: int


@dataclass(frozen=True)
class Offset:
    """Seconds from the onset, and what its smallest written unit is worth."""

    written: str
    seconds: float
    unit: int


@dataclass(frozen=True)
class Times:
    """All the times of one text."""

    stamps: tuple[Stamp, ...]
    clocks: tuple[TimeOfDay, ...]
    offsets: tuple[Offset, ...]

    def __bool__(self) -> bool:
        return bool(self.stamps or self.clocks or self.offsets)


def times_of(text: str) -> Times:
    """The times in a text; a date's time is not taken for a time of day once more."""
    rest = STAMP.sub(" ", text)
    return Times(tuple(_stamps(text)), tuple(_clocks(rest)), tuple(_offsets(rest)))


def without_times(text: str) -> str:
    """The text without its times, whose digits are no figures."""
    return OFFSET.sub(" ", without_clocks(text))


def without_clocks(text: str) -> str:
    """The text without its times but for offsets, which are durations too."""
    return CLOCK.sub(" ", STAMP.sub(" ", text))


def moment_of(text: str, onset: datetime | None) -> datetime | None:
    """The first time of a text in UTC, where it can be told: offsets, and times of day, need the onset."""
    found = times_of(text)
    if found.stamps:
        return found.stamps[0].at
    if onset is None:
        return None
    if found.offsets:
        return onset + timedelta(seconds=found.offsets[0].seconds)
    if AT_THE_ONSET in text.casefold():
        return onset
    return _nearest(found.clocks[0], onset) if found.clocks else None


def _nearest(clock: TimeOfDay, onset: datetime) -> datetime:
    """The time of day nearest to the onset."""
    hour, minute = int(clock.clock[:2]), int(clock.clock[3:])
    same_day = onset.replace(hour=hour, minute=minute, second=max(0, clock.second), microsecond=0)
    days = (same_day + timedelta(days=number) for number in (-1, 0, 1))
    return min(days, key=lambda at: abs(at - onset))


def _stamps(text: str) -> Iterator[Stamp]:
    for found in STAMP.finditer(text):
        zone = (found["zone"] or "").upper().replace("UTC", "Z")
        written = f"{found['date'].replace('/', '-')}T{found['clock']}{found['second'] or ':00'}{zone or 'Z'}"
        try:
            at = datetime.fromisoformat(written).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        yield Stamp(found[0], at, bool(found["second"]), bool(zone))


def _clocks(text: str) -> Iterator[TimeOfDay]:
    for found in CLOCK.finditer(text):
        yield TimeOfDay(found[0], found["clock"], int(found["second"][1:]) if found["second"] else -1)


def _offsets(text: str) -> Iterator[Offset]:
    for found in OFFSET.finditer(text):
        unit = SECONDS[found["unit"][0]]
        seconds = float(found["many"]) * unit
        if found["rest"]:
            unit = SECONDS[found["small"][0]]
            seconds += int(found["rest"]) * unit
        yield Offset(found[0], -seconds if found["sign"] != "+" else seconds, unit)
