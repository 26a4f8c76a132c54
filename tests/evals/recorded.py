"""What a live source answered at the time, played back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft, Source
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.changes.change import Change, Near, facts_of, lines_of, ranked
from diagnose.evidence.sources.changes.source import TITLE

NEAR = {
    "itself": Near.ITSELF,
    "its stack": Near.ITS_STACK,
    "neighbour": Near.NEIGHBOUR,
    "account": Near.ACCOUNT,
}


@dataclass(frozen=True)
class Recorded:
    """A source in one of the four states that a source ends in."""

    name: str
    looked: Looked
    seconds: float = SOURCE_SECONDS

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        return [self.looked]


@dataclass(frozen=True, eq=False)
class RecordedChanges:
    """The changes that the source of changes found, ranked and told as that source does it."""

    changes: tuple[Change, ...]
    name: str = "changes"
    seconds: float = SOURCE_SECONDS

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        found = ranked(self.changes, incident.began.at)
        return [Found((Section(self.name, TITLE, "H", lines_of(found), facts=facts_of(found)),))]


def recorded(said: Mapping[str, Any]) -> Source:
    """As a case has it: changes, lines under a prefix and a title, or why there are none. Raises KeyError."""
    name = said["name"]
    match said:
        case {"changes": changes}:
            return RecordedChanges(tuple(Change(**{**each, "near": NEAR[each["near"]]}) for each in changes))
        case {"could_not_look": why}:
            return Recorded(name, CouldNotLook(name, why))
        case {"not_asked": why}:
            return Recorded(name, NotAsked(name, why))
        case {"found_nothing": where}:
            return Recorded(name, FoundNothing(where))
    return Recorded(name, Found((Section(name, said["title"], said["prefix"], tuple(said["lines"])),)))
