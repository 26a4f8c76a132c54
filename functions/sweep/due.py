"""What is due about a ticket as an index shows it."""

from collections.abc import Mapping
from typing import Any, Literal

from tickets.attributes import invalid_values
from tickets.states import DiagnosisStatus
from tickets.urgency import is_due

FORGOTTEN_SECONDS = 600.0
"""A ticket is lost when the stream delivers what was written so long after sweep has seen it waiting.

That covers two sweeps, and what one shard of the stream may be further behind than another.
"""

Repair = Literal["remove_invalid", "mark_waiting"]
Revival = Literal["rediagnose", "recover_abandoned", "recover_unknown", "rearm", "recover_forgotten"]
Action = Repair | Revival


def is_unfinished(item: Mapping[str, Any]) -> bool:
    """Whether the pipeline still owes this ticket a diagnosis."""
    finished = item.get("diagnosis_status") in (DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
    return "rediagnose" in item or not finished


def what_is_due(item: Mapping[str, Any], now: float) -> Action | None:
    """What sweep should do about a ticket as the index shows it; the move itself checks again."""
    if invalid_values(item):
        return "remove_invalid"
    match item.get("diagnosis_status"):
        case DiagnosisStatus.RUNNING:
            return "recover_abandoned" if float(item.get("lease_until", 0)) < now else None
        case DiagnosisStatus.DEFERRED:
            return "rearm" if is_due(item, now) else None
        case DiagnosisStatus.DONE | DiagnosisStatus.FAILED:
            return "rediagnose" if "rediagnose" in item else None
        case None | DiagnosisStatus.PENDING:
            if "noticed_at" not in item:
                return "mark_waiting"
            return "recover_forgotten" if float(item["noticed_at"]) + FORGOTTEN_SECONDS <= now else None
        case _:
            return "recover_unknown"
