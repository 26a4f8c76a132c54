"""What is due about a ticket as an index shows it."""

from collections.abc import Mapping
from typing import Any, Literal

from tickets.attributes import invalid_values
from tickets.members import is_to_be_detached
from tickets.states import REDIAGNOSE, DiagnosisStatus
from tickets.urgency import waits_for_gate

FORGOTTEN_SECONDS = 600.0
"""A ticket is lost when the stream delivers what was written so long after sweep has seen it waiting.

That covers two sweeps, and what one shard of the stream may be further behind than another.
"""

Repair = Literal["remove_invalid", "detach", "mark_waiting"]
Revival = Literal["rediagnose", "recover_abandoned", "recover_unknown", "rearm", "recover_forgotten"]
Action = Repair | Revival


def is_unfinished(item: Mapping[str, Any]) -> bool:
    """Whether the pipeline still owes this ticket a diagnosis: one that was set aside is owed none."""
    finished = item.get("diagnosis_status") in REDIAGNOSE.sources
    return "rediagnose" in item or not finished


def what_is_due(item: Mapping[str, Any], now: float) -> Action | None:
    """What sweep should do about a ticket as the index shows it; the move itself checks again."""
    if invalid_values(item):
        return "remove_invalid"
    if is_to_be_detached(item):
        return "detach"
    match item.get("diagnosis_status"):
        case DiagnosisStatus.RUNNING:
            return "recover_abandoned" if float(item.get("lease_until", 0)) < now else None
        case DiagnosisStatus.DEFERRED:
            is_time = float(item.get("not_before", 0)) <= now
            return "rearm" if is_time or waits_for_gate(item) else None
        case DiagnosisStatus.DONE | DiagnosisStatus.FAILED | DiagnosisStatus.SET_ASIDE:
            return "rediagnose" if "rediagnose" in item else None
        case None | DiagnosisStatus.PENDING:
            if "noticed_at" not in item:
                return "mark_waiting"
            return "recover_forgotten" if float(item["noticed_at"]) + FORGOTTEN_SECONDS <= now else None
        case _:
            return "recover_unknown"
