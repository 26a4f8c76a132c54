"""What the environment tells the intake function."""

from typing import Annotated

from pydantic import AfterValidator, Field

from runtime.settings import Settings
from tickets.urgency import RANKS

WARNING = "warning"


def _graded(severity: str) -> str:
    word = severity.strip().casefold()
    if word not in (*RANKS, WARNING):
        raise ValueError(f"one of {', '.join((*RANKS, WARNING))}")
    return word


Severity = Annotated[str, AfterValidator(_graded)]


class IntakeSettings(Settings):
    """Queues, what is taken in and what is diagnosed of it; windows and the cooldown are in seconds."""

    subjects_table: str
    intake_queue_url: str
    intake_dead_letter_queue_url: str
    account: str = ""
    alarm_tag: str = ""
    alarm_severity: Severity = WARNING
    minimum_occurrences: int = Field(1, ge=1)
    minimum_severity: Severity | None = None
    flap_window_seconds: int = Field(86_400, ge=0)
    storm_window_seconds: int = Field(1_800, ge=0)
    reopen_cooldown_seconds: int = Field(3_600, ge=0)
