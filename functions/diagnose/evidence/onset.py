"""When the incident began, worked out once, and how that was found."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from diagnose.evidence.times import utc
from tickets.ticket import Ticket

DATAPOINT = re.compile(r"\((\d\d/\d\d/\d\d \d\d:\d\d:\d\d)\)")
"""The time of a datapoint in an alarm's reason: day, month, year, in UTC."""
FIRST_DATAPOINT = "the first datapoint that the alarm names"
CLOCKS_DISAGREE = timedelta(minutes=5)
"""By so much a time may lie ahead of our clock before it is not believed."""
BELIEVED = timedelta(hours=6)
"""A metric that left its baseline longer than this before anybody noticed tells of something else."""


class Basis(IntEnum):
    """What an onset rests on; the lower, the better."""

    ALARM_METRIC = 1
    ALARM_DATAPOINTS = 2
    METRICS = 3
    FIRST_SEEN = 4
    LAST_SEEN = 5
    NOW = 6


@dataclass(frozen=True)
class Onset:
    """When it began (UTC), how that was found, and on what it rests."""

    at: datetime
    how: str
    basis: Basis = Basis.METRICS

    def __str__(self) -> str:
        return f"{utc(self.at)}, {self.how}"


def onset_of(ticket: Ticket, now: datetime, departures: Iterable[Onset] = ()) -> Onset:
    """When the incident began, as far as its ticket says; a source may know better (`settled`)."""
    told = (
        (ticket.first_seen_at, "the ticket's first_seen_at", Basis.FIRST_SEEN),
        (ticket.last_seen_at, "the ticket's last_seen_at (it may have begun earlier)", Basis.LAST_SEEN),
    )
    known = [
        *(Onset(at, FIRST_DATAPOINT, Basis.ALARM_DATAPOINTS) for at in _datapoints(ticket.message)),
        *(Onset(at, how, basis) for at, how, basis in told if at is not None),
    ]
    believed = [onset for onset in known if onset.at <= now + CLOCKS_DISAGREE]
    best = min(believed, key=lambda onset: (onset.basis, onset.at), default=None)
    if best is None:
        ahead = f"; {known[0].how} lies ahead of our clock: {utc(known[0].at)}" if known else ""
        best = Onset(now, f"no time is known, so that of the diagnosis is taken{ahead}", Basis.NOW)
    return settled(best, departures)


def rings_since(alarm: Mapping[str, Any] | None) -> list[Onset]:
    """When what an alarm rings for began, by its own definition; nothing where it does not ring."""
    if not alarm or alarm.get("StateValue") != "ALARM":
        return []
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    if found := _datapoints(str(alarm.get("StateReason", ""))):
        return [Onset(min(found), FIRST_DATAPOINT, Basis.ALARM_DATAPOINTS)]
    if isinstance(since, datetime):
        return [Onset(since, "when the alarm went to ALARM (it may have begun earlier)", Basis.LAST_SEEN)]
    return []


def settled(told: Onset, departures: Iterable[Onset]) -> Onset:
    """The onset that rests on the most: what was told, or when a metric left its baseline.

    1. A departure long before anybody noticed is not believed.
    2. Nor is one after it was noticed: the incident was there by then.
    3. When nobody said when it was noticed, any departure is better than nothing.
    """
    guessed = told.basis >= Basis.LAST_SEEN
    believed = [
        found
        for found in departures
        if guessed or told.at - BELIEVED <= found.at <= told.at + CLOCKS_DISAGREE
    ]
    return min([told, *believed], key=lambda onset: (onset.basis, onset.at))


def with_datapoints_in_iso(reason: str) -> str:
    """An alarm's reason with the times of its datapoints as all other times are written."""

    def told(found: re.Match[str]) -> str:
        at = _datapoint(found[1])
        return f"({utc(at)})" if at else found[0]

    return DATAPOINT.sub(told, reason) if "atapoint" in reason else reason


def _datapoints(message: str) -> list[datetime]:
    """The times of the datapoints that an alarm's reason lists."""
    if "atapoint" not in message:
        return []
    return [at for at in map(_datapoint, DATAPOINT.findall(message)) if at]


def _datapoint(written: str) -> datetime | None:
    try:
        return datetime.strptime(f"{written} +0000", "%d/%m/%y %H:%M:%S %z")
    except ValueError:
        return None
