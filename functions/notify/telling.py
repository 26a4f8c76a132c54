"""What is told of a ticket, and when: which changes of it are news, and which of these people hear of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rendering.labels import VERDICTS
from tickets.attributes import invalid_values
from tickets.states import DiagnosisStatus, Status, meant_by
from tickets.stream_record import StreamRecord
from tickets.urgency import RANKS, USUAL_RANK

FINISHES_FROM = (None, DiagnosisStatus.RUNNING)
"""Where a run ends its ticket from; absent is one that was overwritten meanwhile."""


class Kind(StrEnum):
    """What is told."""

    DIAGNOSED = "diagnosed"
    FAILED = "failed"
    RESOLVED = "resolved"

    @property
    def detail_type(self) -> str:
        """Of the event on the bus."""
        return {
            Kind.DIAGNOSED: "Ticket Diagnosed",
            Kind.FAILED: "Ticket Diagnosis Failed",
            Kind.RESOLVED: "Ticket Resolved",
        }[self]


def news_of(record: StreamRecord) -> Kind | None:
    """What a change of a ticket tells; None for people's edits, bookkeeping, tickets that came resolved."""
    old, new = record.old, record.new
    if not old or not new:
        return None
    finished = finished_as(new)
    if finished and old.get("diagnosis_status") in FINISHES_FROM:
        return finished
    is_resolved = meant_by(new.get("status")) is Status.RESOLVED
    if is_resolved and meant_by(old.get("status")) is not Status.RESOLVED and not is_silent_member(new):
        return Kind.RESOLVED
    return None


def is_silent_member(item: Mapping[str, Any]) -> bool:
    """Whether its incident speaks for it: a member of a storm that was not diagnosed by itself."""
    return "incident_id" in item and not finished_as(item)


def finished_as(item: Mapping[str, Any]) -> Kind | None:
    """How the ticket's diagnosis ended; None when it has not."""
    return {DiagnosisStatus.DONE: Kind.DIAGNOSED, DiagnosisStatus.FAILED: Kind.FAILED}.get(
        item.get("diagnosis_status", "")
    )


def generation_of(item: Mapping[str, Any]) -> int:
    """The generation; 0 where there is none, or a value that is not the pipeline's."""
    return 0 if "generation" in invalid_values(item) else int(item.get("generation", 0))


@dataclass(frozen=True)
class NotifyFrom:
    """From where on people are told: a severity, and a verdict; "" is from the least.

    A severity counts as the ticket has it or the diagnosis, whichever is the severer.
    """

    severity: str = ""
    verdict: str = ""

    def tells(self, kind: Kind, item: Mapping[str, Any], severity: str, verdict: str) -> bool:
        """Whether people are told. A verdict that is not known is no reason to keep quiet."""
        if self.severity and min(rank_of(item.get("severity")), rank_of(severity)) > rank_of(self.severity):
            return False
        if not self.verdict or kind is Kind.FAILED or verdict not in VERDICTS:
            return True
        order = ("no_action", "inconclusive", "action_suggested", "action_required")
        return order.index(verdict) >= order.index(self.verdict)


def rank_of(severity: Any) -> int:
    """0 for the severest to 3; of what is none of the words that are known, a warning's."""
    return RANKS.get(severity.strip().casefold(), USUAL_RANK) if isinstance(severity, str) else USUAL_RANK
