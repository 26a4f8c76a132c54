"""What came of looking in one place: four states, never mixed, each said in its own words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnose.evidence.onset import Onset
from diagnose.evidence.sections import Section, labelled
from diagnose.evidence.times import Window

FOUND_NOTHING = "looked and found nothing"
COULD_NOT_LOOK = "could not look"
NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Found:
    """Something was found; `departures` are times at which, by this, the incident may have begun.

    `earlier` are the tickets alike that were found, as their index has them, newest first.
    """

    sections: tuple[Section, ...]
    departures: tuple[Onset, ...] = field(default=())
    earlier: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class FoundNothing:
    """The place was looked at, all of the window, and there is nothing; without a window, as it is now."""

    place: str
    window: Window | None = None


@dataclass(frozen=True)
class CouldNotLook:
    """Nobody knows what is there: "not allowed: logs:FilterLogEvents", "throttled", "no answer"."""

    place: str
    why: str


@dataclass(frozen=True)
class NotAsked:
    """There was no reason or no way to look: "not configured", "switched off"."""

    place: str
    why: str


Looked = Found | FoundNothing | CouldNotLook | NotAsked


def gaps(looked: Iterable[Looked]) -> tuple[str, ...]:
    """A line for each place that holds nothing or could not be seen, and one for all that was not asked."""
    nothing: list[str] = []
    unseen: list[str] = []
    not_asked: dict[str, list[str]] = {}
    for each in looked:
        match each:
            case FoundNothing(place, window):
                nothing += labelled(FOUND_NOTHING, f"{place}, {window}" if window else place)
            case CouldNotLook(place, why):
                unseen += labelled(COULD_NOT_LOOK, f"{place}: {why}")
            case NotAsked(place, why):
                not_asked.setdefault(why, []).append(place)
            case Found():
                pass
    asked = "; ".join(f"{', '.join(dict.fromkeys(places))} ({why})" for why, places in not_asked.items())
    return (*dict.fromkeys(unseen), *dict.fromkeys(nothing), *labelled(NOT_ASKED, asked))
