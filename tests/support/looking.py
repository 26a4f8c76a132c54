"""Sources of evidence asked as the gathering asks them, and what they said in words."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from diagnose.evidence.gathering import Source
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redactor

NOW = datetime.now(UTC).replace(microsecond=0)
"""What is recorded is kept for so many days from now."""


def look(source: Source, incident: Incident, until: Callable[[], float] | None = None) -> list[Looked]:
    """What came of looking within the source's time, unless `until` says otherwise."""
    end = time.monotonic() + source.seconds
    return list(source.read(incident, Redactor(), until or (lambda: end - time.monotonic())))


def lines(looked: Sequence[Looked], name: str = "") -> list[str]:
    """The lines of all sections found, or of those of one name."""
    return [
        line
        for each in looked
        if isinstance(each, Found)
        for section in each.sections
        if not name or section.name == name
        for line in section.lines
    ]


def unseen(looked: Sequence[Looked]) -> dict[str, str]:
    """Places that could not be looked at, and why."""
    return {each.place: each.why for each in looked if isinstance(each, CouldNotLook)}


def empty(looked: Sequence[Looked]) -> list[str]:
    """Places that were looked at and held nothing."""
    return [each.place for each in looked if isinstance(each, FoundNothing)]


def not_asked(looked: Sequence[Looked]) -> dict[str, str]:
    return {each.place: each.why for each in looked if isinstance(each, NotAsked)}


def after(calls: int) -> Callable[[], float]:
    """A deadline that is there when it has been looked at so many times."""
    left = [calls]

    def until() -> float:
        left[0] -= 1
        return float(left[0])

    return until
