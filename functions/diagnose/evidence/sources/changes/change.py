"""One change of something, and which of many are likeliest to have to do with the incident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from math import log2
from typing import Any, TypeGuard

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.lines import one_item, shown
from diagnose.evidence.times import utc
from runtime.both_ends import both_ends
from timeseries.figures import counted

MOST_SHOWN = 20
LONGEST = 700
"""Characters of one change; a longer one keeps both ends."""
BITS_FOR_PLACE = 3.0
"""One step further away weighs as much as happening eight times as long before the onset."""
AFTER = 2.0
"""What a change after the onset loses: the onset is known to the minute at best."""


class Near(IntEnum):
    """How near to the incident's resource it was."""

    ITSELF = 0
    ITS_STACK = 1
    NEIGHBOUR = 2
    ACCOUNT = 3


PLACES = {
    Near.ITSELF: "on the resource itself",
    Near.ITS_STACK: "in its stack",
    Near.NEIGHBOUR: "next to it",
    Near.ACCOUNT: "elsewhere in the account",
}


@dataclass(frozen=True)
class Change:
    """What was changed, when, by whom, and how near; `told_by` is the service that says so."""

    at: datetime
    what: str
    near: Near
    told_by: str
    who: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """As the prompt has it; the distance from the onset is added to every time later on."""
        who = f" by {self.who}" if self.who else ""
        more = "; ".join(f"{name}: {_told(value)}" for name, value in self.more.items())
        text = f"{utc(self.at)} {self.what}{who}, {PLACES[self.near]} ({self.told_by})"
        text += f": {more}" if more else ""
        return both_ends(one_item(text), LONGEST)


def distance(change: Change, onset: datetime) -> float:
    """How far a change is from the incident, in time and place, in bits: the smallest is the likeliest."""
    minutes = (onset - change.at) / timedelta(minutes=1)
    late = AFTER if minutes < -1 else 0.0
    return log2(1 + abs(minutes)) + late + BITS_FOR_PLACE * change.near


def ranked(changes: Iterable[Change], onset: datetime) -> list[Change]:
    """The changes, the likeliest first; one that several services tell of stands once for each."""
    return sorted(changes, key=lambda change: (distance(change, onset), change.at))


def lines_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """The first MOST_SHOWN of them, and how many more there are."""
    lines = [change.line() for change in changes[:MOST_SHOWN]]
    if left_out := changes[MOST_SHOWN:]:
        first, last = min(left_out, key=_at).at, max(left_out, key=_at).at
        lines.append(
            f"not shown: {counted(len(left_out), 'change')} further away, {utc(first)} to {utc(last)}"
        )
    return tuple(lines)


def facts_of(changes: Sequence[Change]) -> tuple[Fact, ...]:
    """Of each line that tells of a change."""
    return tuple(
        Fact(Kind.CHANGE, change.at, is_near=change.near != Near.ACCOUNT) for change in changes[:MOST_SHOWN]
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any], told: Sequence[str]) -> dict[str, str]:
    """Of two configurations, what became of each of the settings in `told`, maps setting by setting.

    {"MemorySize": 512} and {"MemorySize": 128} is {"MemorySize": "512 -> 128"}, a list of one more text
    {"Layers": "tracing added"}.
    """
    found: dict[str, str] = {}
    for name in told:
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            inner = differences(old, new, sorted({*old, *new}))
            found |= {f"{name}.{key}": said for key, said in inner.items()}
        elif _is_texts(old) and _is_texts(new) and set(old) != set(new):
            said = [f"{each} added" for each in new if each not in old]
            said += [f"{each} removed" for each in old if each not in new]
            found[name] = both_ends(", ".join(said), 240)
        elif old != new:
            found[name] = f"{_shown(old)} -> {_shown(new)}"
    return found


def _is_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _told(value: Any) -> str:
    return ", ".join(value) if _is_texts(value) else shown(value)


def _shown(value: Any) -> str:
    return "nothing" if value is None else both_ends(shown(value), 120)


def _at(change: Change) -> datetime:
    return change.at
