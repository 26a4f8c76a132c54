"""A window of a log group, read event by event within bounds: what is nearest to the onset first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_PAGES = 12
"""Of one slice. CloudWatch gives pages without any event, too, and one after another."""
MOST_EVENTS = 10_000
"""Of one slice."""
MOST_CHARS = 1_500_000
"""Of one slice, which bounds the memory and the time that redaction takes."""
ERRORS = "?ERROR ?Error ?error ?FATAL ?fatal ?CRITICAL ?Exception ?panic ?refused ?denied ?failed ?timed"
"""What is asked for where a slice could not be read whole; any of the words, as they are written."""


@dataclass(frozen=True)
class Event:
    """One event of a log: when it says it happened, its text, and where it came from."""

    at: datetime
    text: str
    stream: str = ""
    id: str = ""


@dataclass
class Slice:
    """A piece of a window; `read_to` is how far it was read, `why` what kept the rest from being read.

    With a pattern it holds only the events that match it.
    """

    start: datetime
    end: datetime
    read_to: datetime
    why: str = ""
    pattern: str = ""
    events: list[Event] = field(default_factory=list)
    unreadable: int = 0

    @property
    def minutes(self) -> float:
        return max(0.0, (self.read_to - self.start).total_seconds() / 60)


def read_slice(
    client: Any,
    named: Mapping[str, str],
    start: datetime,
    end: datetime,
    until: Callable[[], float],
    pattern: str = "",
) -> Slice:
    """The events from `start` to `end`, oldest first, until one of the bounds or the deadline is met.

    Raises what the client raises.
    """
    read = Slice(start, end, start, pattern=pattern)
    asked: dict[str, Any] = {**named, "startTime": _millis(start), "endTime": _millis(end) - 1}
    if pattern:
        asked["filterPattern"] = pattern
    chars, tokens = 0, set()
    for _ in range(MOST_PAGES):
        if until() <= 0:
            read.why = "no time was left"
            break
        answer = client.filter_log_events(**asked)
        for event in answer.get("events", ()):
            known = event_of(event, start, end)
            if known is None:
                read.unreadable += 1
                continue
            read.events.append(known)
            read.read_to = max(read.read_to, known.at)
            chars += len(known.text)
        token = answer.get("nextToken")
        if not token:
            read.read_to = end
            break
        if token in tokens:
            read.why = "its pages came round in a circle"
            break
        if len(read.events) >= MOST_EVENTS or chars >= MOST_CHARS:
            read.why = f"there is too much of it: {len(read.events)} events were read"
            break
        tokens.add(token)
        asked["nextToken"] = token
    else:
        read.why = f"it had more than {MOST_PAGES} pages"
    read.events.sort(key=lambda event: event.at)
    return read


def event_of(event: Any, start: datetime, end: datetime) -> Event | None:
    """An answer's event; None where it has no text, or a time outside of what was asked for."""
    if not isinstance(event, Mapping) or not isinstance(event.get("message"), str):
        return None
    try:
        at = datetime.fromtimestamp(float(event["timestamp"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    if not start <= at <= end:
        return None
    return Event(at, event["message"], str(event.get("logStreamName", "")), str(event.get("eventId", "")))


def clipped(
    minutes: Sequence[tuple[float, float]], onset: datetime, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Slices in minutes from the onset as times, none of them beyond now."""
    slices = [(onset + timedelta(minutes=start), onset + timedelta(minutes=end)) for start, end in minutes]
    return [(start, min(end, now)) for start, end in slices if start < now]


def united(slices: Iterable[Slice]) -> list[Event]:
    """The events of several slices, each once, oldest first."""
    known: dict[str | int, Event] = {}
    for place, event in enumerate(event for read in slices for event in read.events):
        known.setdefault(event.id or place, event)
    return sorted(known.values(), key=lambda event: event.at)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
