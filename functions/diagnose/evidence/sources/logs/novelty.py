"""What a log says since the onset that it did not say before, or says much more or less often."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, sqrt
from typing import Literal

from diagnose.evidence.masking import kinds_of
from diagnose.evidence.severity import Severities

What = Literal["new", "more often", "no longer"]

COMPARED_CHARS = 500
"""Of an event, from its start; a stack trace differs from the next in its first lines if at all."""
FEWEST = 5
"""Events of a kind, below which a change of their rate tells nothing."""
TIMES_AS_OFTEN = 3.0
DEVIATIONS = 4.0
"""How far off the count must be, in standard deviations of a count by chance."""
NEW_BITS, MOST_RATIO_BITS = 6.0, 6.0
"""What being new weighs beside severity.py's bits, and what a rate may weigh at the most."""


@dataclass(frozen=True)
class Read:
    """The texts of a log's events, oldest first, and how many minutes of the log they are."""

    texts: Sequence[str]
    minutes: float


@dataclass(frozen=True)
class Difference:
    """A kind of event whose rate changed; `example` is the place of its first event among `during`.

    Of a kind that has stopped it is the place of its last event among `before`. `bits` ranks it, of which
    `severity` is what severity.py says of its lines.
    """

    what: What
    before: int
    during: int
    example: int
    bits: float
    severity: float = 0.0


def differences(before: Read, during: Read) -> list[Difference]:
    """The kinds of event (masking.py) that changed, the most telling first.

    A kind is told by severity, by how much its rate changed and by how many events it has. Nothing is said to
    be new where nothing was read before: then all would be.
    """
    if not before.texts or not during.texts or before.minutes <= 0 or during.minutes <= 0:
        return []
    split = len(before.texts)
    kinds = kinds_of([" ".join(text[:COMPARED_CHARS].split()) for text in (*before.texts, *during.texts)])
    counts = Counter(kinds.of_line[:split]), Counter(kinds.of_line[split:])
    starts: dict[int, int] = {}
    for place, kind in enumerate(kinds.of_line[split:]):
        starts.setdefault(kind, place)
    ends = {kind: place for place, kind in enumerate(kinds.of_line[:split])}
    severities = Severities()
    found: list[Difference] = []
    for kind, template in enumerate(kinds.templates):
        earlier, later = counts[0][kind], counts[1][kind]
        expected = earlier * during.minutes / before.minutes
        what = _what(earlier, later, expected)
        if what:
            example = starts[kind] if later else ends[kind]
            weight = _weight(what, later, expected) if what != "no longer" else log2(1 + expected) / 2
            severity = severities.of(template)
            found.append(Difference(what, earlier, later, example, severity + weight, severity))
    return sorted(found, key=lambda difference: (-difference.bits, difference.example))


def _what(earlier: int, later: int, expected: float) -> What | None:
    if not earlier:
        return "new"
    far_off = abs(later - expected) >= DEVIATIONS * sqrt(max(expected, 1.0))
    if later >= max(FEWEST, TIMES_AS_OFTEN * expected) and far_off:
        return "more often"
    return "no longer" if not later and expected >= FEWEST and far_off else None


def _weight(what: What, later: int, expected: float) -> float:
    by_rate = NEW_BITS if what == "new" else min(MOST_RATIO_BITS, log2(later / max(expected, 0.1)))
    return by_rate + log2(1 + later) / 4
