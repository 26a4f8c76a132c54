"""How often an alarm fired lately, for how long, and whether it flaps: counted here, not by the reader."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.sections import labelled
from diagnose.evidence.times import in_words, utc
from timeseries.figures import often

LOOKED_BACK = timedelta(days=14)
"""CloudWatch keeps 30 days; what is older says little of today."""
MOST_PAGES = 10
"""Of 100 entries each, newest first."""
FLAPS = ((timedelta(hours=3), 3), (timedelta(days=1), 6))
"""So often in so long is flapping: once more than a fault that is mended and comes back."""
MOST_CHANGES = 3


@dataclass(frozen=True)
class Firing:
    """One time in ALARM; `end` is None while it lasts."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class History:
    """Entries of a history, newest first, back to `since`; `is_whole` when none is missing of that time."""

    entries: tuple[Mapping[str, Any], ...]
    is_whole: bool


def read_history(client: Any, name: str, since: datetime, now: datetime, until: SecondsLeft) -> History:
    """Raises what the SDK raises."""
    request: dict[str, Any] = {
        "AlarmName": name,
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        "StartDate": since,
        "EndDate": now,
        "MaxRecords": 100,
        "ScanBy": "TimestampDescending",
    }
    entries: list[Mapping[str, Any]] = []
    for _ in range(MOST_PAGES):
        page = client.describe_alarm_history(**request)
        entries += [each for each in page.get("AlarmHistoryItems") or () if _at(each) is not None]
        if not page.get("NextToken"):
            return History(tuple(entries), is_whole=True)
        if until() <= 0:
            break
        request["NextToken"] = page["NextToken"]
    return History(tuple(entries), is_whole=False)


def history_lines(history: History, now: datetime) -> tuple[str, ...]:
    """How often and how long it fired, whether it flaps, and when its definition was changed."""
    fired = firings(history.entries)
    lines = [*labelled("fired", _counted(fired, history, now))]
    if flapping := _flapping(fired, now):
        lines += labelled("FLAPPING", flapping)
    past = [each for each in fired if each.end]
    if past and fired[-1].end is None:
        before = past[-1]
        lasted = in_words((before.end - before.start).total_seconds()) if before.end else ""
        lines += labelled("the time before this one", f"{utc(before.start)}, for {lasted}")
    changes = [each for each in history.entries if each.get("HistoryItemType") == "ConfigurationUpdate"]
    for each in changes[:MOST_CHANGES]:
        lines += labelled(
            "its definition was changed", f"{utc(each['Timestamp'])}: {each.get('HistorySummary')}"
        )
    return tuple(lines)


def firings(entries: Iterable[Mapping[str, Any]]) -> list[Firing]:
    """The times in ALARM, oldest first, but for one that had begun before the history."""
    found: list[Firing] = []
    start: datetime | None = None
    for each in sorted(entries, key=lambda entry: entry["Timestamp"]):
        if each.get("HistoryItemType") != "StateUpdate":
            continue
        into = _into(each)
        if into == "ALARM" and start is None:
            start = each["Timestamp"]
        elif into in ("OK", "INSUFFICIENT_DATA") and start is not None:
            found.append(Firing(start, each["Timestamp"]))
            start = None
    if start is not None:
        found.append(Firing(start, None))
    return found


def _counted(fired: Sequence[Firing], history: History, now: datetime) -> str:
    oldest = min((each["Timestamp"] for each in history.entries), default=now)
    over = LOOKED_BACK if history.is_whole else now - oldest
    if not fired:
        return f"never in the {in_words(over.total_seconds())} before"
    last_day = sum(each.start >= now - timedelta(days=1) for each in fired)
    lengths = [(each.end - each.start).total_seconds() for each in fired if each.end]
    told = f"{often(len(fired))} in {in_words(over.total_seconds())}"
    if len(fired) > 1 or not last_day:
        told += f", {'all' if last_day == len(fired) else last_day or 'none'} of them in the last 24 h"
    if len(lengths) > 1:
        told += f"; it lasted {in_words(median(lengths))} as a rule, {in_words(max(lengths))} at the longest"
    if fired[-1].end is None:
        told += f"; in ALARM now for {in_words((now - fired[-1].start).total_seconds())}"
    return told


def _flapping(fired: Sequence[Firing], now: datetime) -> str:
    for span, least in FLAPS:
        count = sum(each.start >= now - span for each in fired)
        if count >= least:
            return f"it went into ALARM {count} times in the last {in_words(span.total_seconds())}"
    return ""


def _into(entry: Mapping[str, Any]) -> str:
    """The state that it went into, by the entry's data, or else by its summary."""
    try:
        return str(json.loads(str(entry.get("HistoryData")))["newState"]["stateValue"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return str(entry.get("HistorySummary", "")).rpartition(" to ")[2].strip(" .")


def _at(entry: Mapping[str, Any]) -> datetime | None:
    at = entry.get("Timestamp")
    return at if isinstance(at, datetime) else None
