"""A window of a log group by way of Logs Insights: groups of the infrequent-access class know no other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from diagnose.evidence.sources.logs.reading import Event, Slice

QUERY = "fields @timestamp, @message, @logStream | sort @timestamp asc | limit {}"
"""`pattern` and `diff` are not for this class. Source: CloudWatch Logs' guide, commands by log class."""
MOST_ROWS = 5_000
MOST_SCANNED = 2_000_000_000
"""Bytes that one query may be expected to scan: about a cent."""
POLL_SECONDS = 0.25
ENDED = {"Complete": "", "Failed": "the query failed", "Cancelled": "the query was cancelled"}


@dataclass(frozen=True)
class Volume:
    """How large a group is, and since when: what a query of some minutes will scan."""

    bytes: float
    days: float

    @classmethod
    def of(cls, described: Mapping[str, Any], now: datetime) -> "Volume":
        created = datetime.fromtimestamp(float(described.get("creationTime") or 0) / 1000, UTC)
        age = (now - created).total_seconds() / 86_400
        kept = float(described.get("retentionInDays") or age)
        return cls(float(described.get("storedBytes") or 0), max(1 / 24, min(age, kept)))

    def expected(self, minutes: float) -> float:
        """Bytes in so many minutes, were they all alike."""
        return self.bytes * minutes / (self.days * 24 * 60)


def query_slice(
    client: Any,
    named: Mapping[str, str],
    start: datetime,
    end: datetime,
    until: Callable[[], float],
    sleep: Callable[[float], None],
) -> Slice:
    """The events from `start` to `end`, oldest first; a query that is not done in time is stopped.

    Raises what the client raises.
    """
    group = named.get("logGroupIdentifier") or named["logGroupName"]
    if until() <= 0:
        return Slice(start, end, start, "no time was left")
    started = client.start_query(
        **{"logGroupIdentifiers" if group.startswith("arn:") else "logGroupNames": [group]},
        startTime=int(start.timestamp()),
        endTime=int(end.timestamp()),
        queryString=QUERY.format(MOST_ROWS),
    )
    query, read = started["queryId"], Slice(start, end, start)
    while until() > POLL_SECONDS:
        answer = client.get_query_results(queryId=query)
        rows, status = answer.get("results") or [], answer.get("status", "Unknown")
        if status in ENDED:
            read.events = list(_events(rows, start, end))
            read.unreadable = len(rows) - len(read.events)
            read.why = ENDED[status]
            if len(rows) >= MOST_ROWS:
                read.why = f"there is too much of it: {len(rows)} events were read"
            read.read_to = end if not read.why else max((e.at for e in read.events), default=start)
            return read
        sleep(POLL_SECONDS)
    client.stop_query(queryId=query)
    read.why = "the query was not done in time"
    return read


def _events(rows: Sequence[Any], start: datetime, end: datetime) -> Iterator[Event]:
    for row in rows:
        fields = {
            str(field.get("field")): field.get("value")
            for field in (row if isinstance(row, list) else ())
            if isinstance(field, Mapping)
        }
        text = fields.get("@message")
        try:
            at = datetime.fromisoformat(str(fields.get("@timestamp"))).replace(tzinfo=UTC)
        except ValueError:
            continue
        if isinstance(text, str) and start <= at <= end:
            yield Event(at, text, str(fields.get("@logStream", "")), str(fields.get("@ptr", "")))
