"""Tickets in a row each: chosen, sorted, and told in a few words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from runtime.clock import iso
from tickets.states import DiagnosisStatus, Status
from tickets.urgency import rank_of
from views.record import time_in

AGE = re.compile(r"(\d+)([smhd])")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
WAITING = "waiting"
"""What a ticket that the pipeline has not met yet does."""
STATES = [state.value for state in (*Status, *DiagnosisStatus)] + [WAITING]
"""What a list can be asked for by."""
OPEN = (Status.OPEN, Status.ACKNOWLEDGED, Status.DIAGNOSED)
"""What is listed when no state is asked for."""


@dataclass(frozen=True)
class Row:
    """One ticket as `list` shows it; also the shape of `list --json`."""

    ticket_id: str
    status: str
    diagnosis_status: str
    severity: str
    age_seconds: float | None
    subject: str
    component: str
    invariant_name: str
    incident_id: str
    cause: str
    verdict: str
    headline: str
    began: str
    """ISO-8601, which sorts as text; empty where it is not known."""

    def cells(self) -> dict[str, str]:
        """As text for a table."""
        state = (
            self.status
            if self.diagnosis_status in ("", "done")
            else f"{self.status}, {self.diagnosis_status}"
        )
        return {
            "ticket": self.ticket_id,
            "state": state,
            "severity": self.severity,
            "age": "" if self.age_seconds is None else age_in_words(self.age_seconds),
            "subject": self.subject or self.component,
            "cause": self.cause or self.invariant_name,
        }

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Choice:
    """Which tickets are asked for; empty values choose all."""

    states: tuple[str, ...] = ()
    severity: str = ""
    older: timedelta | None = None
    younger: timedelta | None = None
    subject: str = ""
    incident: str = ""

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses to read: those that are named, or all that a named state of the pipeline may have."""
        named = tuple(Status(state) for state in self.states if state in set(Status))
        return named or (tuple(Status) if self.states else OPEN)

    def takes(self, row: Row) -> bool:
        ours = [state for state in self.states if state not in set(Status)]
        return all(
            (
                not ours or row.diagnosis_status in ours,
                not self.severity or row.severity.casefold() == self.severity.casefold(),
                self.older is None
                or (row.age_seconds is not None and row.age_seconds >= self.older.total_seconds()),
                self.younger is None
                or (row.age_seconds is not None and row.age_seconds <= self.younger.total_seconds()),
                not self.subject or self.subject in (row.subject, row.component),
                not self.incident or self.incident in (row.incident_id, row.ticket_id),
            )
        )


def row_of(item: Mapping[str, Any], now: datetime) -> Row:
    """A ticket as the index by status shows it; whatever has no usual form is told as it stands."""
    said = item.get("diagnosis_summary")
    summary = said if isinstance(said, Mapping) else {}
    times = (time_in(item.get(name)) for name in ("first_seen_at", "waiting_since", "noticed_at"))
    began = next(filter(None, times), None)
    return Row(
        ticket_id=str(item["ticket_id"]),
        status=_told(item.get("status")),
        diagnosis_status=_told(item.get("diagnosis_status"), WAITING),
        severity=_told(item.get("severity"), "warning"),
        age_seconds=None if began is None else max(0.0, (now - began).total_seconds()),
        subject=_told(item.get("subject")),
        component=_told(item.get("component")),
        invariant_name=_told(item.get("invariant_name")),
        incident_id=_told(item.get("incident_id")),
        cause=_told(summary.get("cause")),
        verdict=_told(summary.get("verdict")),
        headline=_told(summary.get("headline")),
        began=iso(began) if began else "",
    )


def chosen(items: Iterable[Mapping[str, Any]], choice: Choice, now: datetime) -> list[Row]:
    """The rows of the tickets that are asked for, the most urgent first, then the oldest."""
    kept = [row for row in (row_of(item, now) for item in items) if choice.takes(row)]
    return sorted(kept, key=lambda row: (rank_of(row.severity), -(row.age_seconds or 0.0), row.ticket_id))


def age_in_words(seconds: float) -> str:
    """90 as 1m, 7,300 as 2h: the largest unit that fits."""
    unit = next((unit for unit in "dhm" if seconds >= UNITS[unit]), "s")
    return f"{int(seconds // UNITS[unit])}{unit}"


def duration(text: str) -> timedelta:
    """30m, 2h, 7d. Raises ValueError."""
    found = AGE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no time such as 30m, 2h or 7d")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _told(value: Any, otherwise: str = "") -> str:
    """DynamoDB has a value that is none, too."""
    return otherwise if value is None else str(value)


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """By when they began; those of which that is not known come last."""
    return sorted(rows, key=place_of, reverse=True)


def place_of(row: Row) -> tuple[str, str]:
    """Where a row stands among others, so that the next page can begin behind it."""
    return row.began, row.ticket_id
