"""What is written on a ticket that is set aside, and on one that is released."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tickets.attributes import DEFERRAL, SERIES
from tickets.states import RELEASE, SET_ASIDE, DiagnosisStatus

Item = Mapping[str, Any]
Written = tuple[dict[str, Any], tuple[str, ...]]
"""What is set, and what is removed."""


class Reason(StrEnum):
    """Why a ticket is kept and not diagnosed: `set_aside_for`."""

    MEMBER = "member"
    SEVERITY = "severity"
    OCCURRENCES = "occurrences"
    MUTED = "muted"


def set_aside(ticket: Item, reason: Reason) -> Written:
    """-> set_aside, unless a run works on the ticket or a person has asked for its diagnosis."""
    if "rediagnose" in ticket or ticket.get("diagnosis_status") == DiagnosisStatus.RUNNING:
        return {}, ()
    update = {"diagnosis_status": SET_ASIDE.target, "set_aside_for": reason}
    return update, ("noticed_at", *DEFERRAL, *SERIES)


def is_set_aside(ticket: Item) -> bool:
    return ticket.get("diagnosis_status") == DiagnosisStatus.SET_ASIDE


def release(ticket: Item, now: float) -> Written:
    """set_aside -> pending, of the next generation; `now` in epoch seconds. Nothing on any other ticket."""
    if not is_set_aside(ticket):
        return {}, ("set_aside_for",)
    generation = int(ticket.get("generation", 0)) + 1
    update = {"diagnosis_status": RELEASE.target, "generation": generation, "noticed_at": now}
    return update, ("set_aside_for",)
