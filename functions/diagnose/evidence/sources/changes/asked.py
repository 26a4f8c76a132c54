"""What every reader of changes is asked, and how it answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.change import Change, Near
from subjects.names import Resource, mentions, names_of


class CutShortError(Exception):
    """Raised when there was more than was read; the text says why it was not."""


@dataclass(frozen=True)
class Asked:
    """Changes of these resources and of what is next to them, from `start` to `end`."""

    resources: tuple[Resource, ...]
    neighbours: tuple[Resource, ...]
    start: datetime
    end: datetime
    now: datetime

    def has(self, at: Any) -> bool:
        return isinstance(at, datetime) and self.start <= in_utc(at) <= self.end

    def near(self, text: str) -> Near:
        """How near a change is of which this text tells."""
        if mentions(text, names_of(self.resources)):
            return Near.ITSELF
        return Near.NEIGHBOUR if mentions(text, names_of(self.neighbours)) else Near.ACCOUNT


class Reader(Protocol):
    """One service that tells of changes: they come as a stream, so that a fault keeps what came before it."""

    place: str

    def why_not_asked(self, asked: Asked) -> str:
        """Why there is nothing to ask; empty when there is."""
        ...

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        """Raises what its client raises, and CutShortError."""
        ...


def in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def look_at_time(until: Callable[[], float]) -> None:
    """Raises CutShortError when there is none left."""
    if until() <= 0:
        raise CutShortError("no time was left for the rest")
