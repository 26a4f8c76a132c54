"""Incidents and sources for tests of the evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from diagnose.evidence.gathering import SOURCE_SECONDS
from diagnose.evidence.incident import Incident, incident_of
from diagnose.evidence.looked import Found, Looked
from diagnose.evidence.onset import onset_of
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from local.aws.names import ACCOUNT, REGION
from tickets.ticket import Ticket

NOW = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)


def ticket(**attributes: Any) -> Ticket:
    """A ticket that says nothing but that a disk is slow, and what is given."""
    least = {"ticket_id": "t-9", "status": "open", "invariant_name": "disk_latency", "message": "slow"}
    found = Ticket.from_item({**least, **attributes})
    assert found.unusable == ()
    return found


def incident(now: datetime = NOW, **attributes: Any) -> Incident:
    """The incident of such a ticket, in the account and region of the local stack."""
    told = ticket(**attributes)
    return incident_of(told, onset_of(told, now), now, home_account=ACCOUNT, home_region=REGION)


def section(name: str, *lines: str, prefix: str = "T") -> Section:
    return Section(name, name.title(), prefix, lines)


@dataclass(frozen=True)
class Says:
    """A source that answers at once, with whatever it is given."""

    name: str
    looked: tuple[Looked, ...]
    seconds: float = SOURCE_SECONDS

    @classmethod
    def lines(cls, name: str, *lines: str, prefix: str = "T") -> "Says":
        return cls(name, (Found((section(name, *lines, prefix=prefix),)),))

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        return self.looked

    def within(self, seconds: float) -> "Says":
        return replace(self, seconds=seconds)
