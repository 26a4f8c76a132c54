"""What a live source answered at the time, played back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section


@dataclass(frozen=True)
class Recorded:
    """A source in one of the four states that a source ends in."""

    name: str
    looked: Looked
    seconds: float = SOURCE_SECONDS

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """As a case has it: lines under a prefix and a title, or why there are none. Raises KeyError."""
        name = said["name"]
        match said:
            case {"could_not_look": why}:
                return cls(name, CouldNotLook(name, why))
            case {"not_asked": why}:
                return cls(name, NotAsked(name, why))
            case {"found_nothing": where}:
                return cls(name, FoundNothing(where))
        return cls(name, Found((Section(name, said["title"], said["prefix"], tuple(said["lines"])),)))

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        return [self.looked]
