"""The two statuses of a ticket and every move the pipeline may make between them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """What people and monitors say of a ticket. The pipeline makes one move on it: to diagnosed."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DIAGNOSED = "diagnosed"
    RESOLVED = "resolved"


class DiagnosisStatus(StrEnum):
    """What the pipeline says of a ticket. A ticket that it has not met yet has none."""

    PENDING = "pending"
    RUNNING = "running"
    DEFERRED = "deferred"
    DONE = "done"
    FAILED = "failed"
    SET_ASIDE = "set_aside"
    """Kept, and not diagnosed until a person asks, or what it was `set_aside_for` is over."""


AWAITING_DIAGNOSIS = (Status.OPEN, Status.ACKNOWLEDGED)
"""The statuses in which a ticket is diagnosed without a person asking for it."""

ABSENT = None


def meant_by(written: Any) -> Status | None:
    """The status that a text says, whatever its case and the spaces around it; None when it says none."""
    text = written.strip().lower() if isinstance(written, str) else None
    return Status(text) if text in list(Status) else None


def is_misspelt(written: Any) -> bool:
    """Whether a status says that the ticket is open or acknowledged, but not as the pipeline writes it."""
    return meant_by(written) in AWAITING_DIAGNOSIS and written not in AWAITING_DIAGNOSIS


MAX_GENERATION = 10**12
"""No ticket is made pending more often; a larger number is none of the pipeline's."""


@dataclass(frozen=True)
class Move:
    """One row of the table: the statuses that it may start from, where it ends, and who makes it."""

    sources: tuple[DiagnosisStatus | None, ...]
    target: DiagnosisStatus
    by: tuple[str, ...]


OPEN = Move((ABSENT,), DiagnosisStatus.PENDING, ("intake",))
CLAIM = Move((ABSENT, DiagnosisStatus.PENDING), DiagnosisStatus.RUNNING, ("diagnose",))
COMPLETE = Move((DiagnosisStatus.RUNNING,), DiagnosisStatus.DONE, ("diagnose",))
DEFER = Move((DiagnosisStatus.RUNNING,), DiagnosisStatus.DEFERRED, ("diagnose",))
FAIL = Move((DiagnosisStatus.RUNNING,), DiagnosisStatus.FAILED, ("diagnose",))
REARM = Move((DiagnosisStatus.DEFERRED,), DiagnosisStatus.PENDING, ("rearm", "sweep"))
REDRIVE = Move((DiagnosisStatus.FAILED,), DiagnosisStatus.PENDING, ("rearm",))
RECOVER = Move((ABSENT, DiagnosisStatus.RUNNING), DiagnosisStatus.PENDING, ("sweep",))
PARK = Move((ABSENT, DiagnosisStatus.PENDING), DiagnosisStatus.DEFERRED, ("diagnose", "sweep"))
REDIAGNOSE = Move(
    (DiagnosisStatus.DONE, DiagnosisStatus.FAILED, DiagnosisStatus.SET_ASIDE),
    DiagnosisStatus.PENDING,
    ("diagnose", "sweep"),
)
REOPEN = Move((DiagnosisStatus.DONE, DiagnosisStatus.FAILED), DiagnosisStatus.PENDING, ("diagnose",))
WITHDRAW = Move((DiagnosisStatus.PENDING, DiagnosisStatus.DEFERRED), DiagnosisStatus.DONE, ("sweep",))

SET_ASIDE = Move(
    (
        ABSENT,
        DiagnosisStatus.PENDING,
        DiagnosisStatus.DEFERRED,
        DiagnosisStatus.DONE,
        DiagnosisStatus.FAILED,
    ),
    DiagnosisStatus.SET_ASIDE,
    ("intake",),
)
RELEASE = Move((DiagnosisStatus.SET_ASIDE,), DiagnosisStatus.PENDING, ("intake",))

MOVES = (
    OPEN,
    CLAIM,
    COMPLETE,
    DEFER,
    FAIL,
    REARM,
    REDRIVE,
    RECOVER,
    PARK,
    REDIAGNOSE,
    REOPEN,
    WITHDRAW,
    SET_ASIDE,
    RELEASE,
)
