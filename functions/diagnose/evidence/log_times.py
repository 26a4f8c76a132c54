"""The times in log lines, as written, and the order that they say the lines are in."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

Order = Literal["oldest first", "newest first", "mixed", "unknown"]

LOOKED_AT = 200
"""Characters of a line in which its time is looked for."""
SAMPLED = 400
CLEARLY = 4
"""How many times more steps must go one way than the other."""
MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
MONTH = "(?P<{}>" + "|".join(MONTHS) + ")"
TIME = re.compile(
    r"(?P<date>\d{4}[-/]\d\d[-/]\d\d)[T ](?P<time>\d\d:\d\d:\d\d(?:[.,]\d+)?)(?:Z|[+-]\d\d:?\d\d)?\b"
    rf"|(?P<day>\d\d)/{MONTH.format('month')}/(?P<year>\d{{4}}):(?P<clock>\d\d:\d\d:\d\d)(?: [+-]\d{{4}})?"
    rf"|\b{MONTH.format('syslog_month')} +(?P<syslog_day>\d{{1,2}}) (?P<syslog_clock>\d\d:\d\d:\d\d)"
    r"|\b(?P<epoch>1\d{9}(?:\d{3})?(?:\.\d+)?)\b"
    r"|\b(?P<bare>\d\d:\d\d:\d\d(?:[.,]\d+)?)\b",
    re.IGNORECASE,
)
ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
FIRST_DATE = "1971"
"""Earlier dates are what programs write that know no time."""


def written_time(line: str) -> str:
    """The first time in the line, as it is written there, or nothing."""
    found = TIME.search(line, 0, LOOKED_AT)
    return found[0] if found else ""


def oldest_first(lines: Sequence[str]) -> tuple[tuple[str, ...], Order]:
    """The lines, turned round when their times run backwards, and the order in which they came.

    A line without a time belongs to the one before it, and the two are not torn apart.
    """
    order = order_of(lines)
    if order != "newest first":
        return tuple(lines), order
    entries: list[list[str]] = [[]]
    for line in lines:
        if TIME.search(line, 0, LOOKED_AT):
            entries.append([])
        entries[-1].append(line)
    return tuple(line for entry in reversed(entries) for line in entry), order


def are_without_zone(lines: Sequence[str]) -> bool:
    """Whether most of the times in a sample of the lines do not say where on earth they are meant."""
    times = [time for line in lines[:: _step(lines)] if (time := TIME.search(line, 0, LOOKED_AT))]
    return 2 * sum(not (time["epoch"] or ZONE.search(time[0])) for time in times) > len(times)


def order_of(lines: Sequence[str]) -> Order:
    """The order in which the times of a sample of the lines run."""
    keys = [key for line in lines[:: _step(lines)] if (key := _key(line)) is not None]
    forward = sum(earlier < later for earlier, later in pairwise(keys) if earlier[0] == later[0])
    backward = sum(earlier > later for earlier, later in pairwise(keys) if earlier[0] == later[0])
    if not forward and not backward:
        return "unknown"
    if forward >= CLEARLY * backward:
        return "oldest first"
    return "newest first" if backward >= CLEARLY * forward else "mixed"


def _step(lines: Sequence[str]) -> int:
    return -(-len(lines) // SAMPLED) or 1


def _key(line: str) -> tuple[str, str, float, str] | None:
    """What sorts the line's time among others that are written alike."""
    found = TIME.search(line, 0, LOOKED_AT)
    if not found or (found["date"] or FIRST_DATE) < FIRST_DATE:
        return None
    if date := found["date"]:
        return "date", date.replace("/", "-"), 0.0, found["time"].replace(",", ".")
    if found["day"]:
        month = MONTHS[found["month"].lower()]
        return "day", f"{found['year']}-{month:02}-{found['day']}", 0.0, found["clock"]
    if found["syslog_day"]:
        month = MONTHS[found["syslog_month"].lower()]
        return "syslog", f"{month:02}-{int(found['syslog_day']):02}", 0.0, found["syslog_clock"]
    if epoch := found["epoch"]:
        return f"epoch{len(epoch.partition('.')[0])}", "", float(epoch), ""
    return "bare", "", 0.0, found["bare"]
