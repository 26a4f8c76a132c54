"""Planted answers through the checks: what is caught of the ungrounded, what is flagged of the sound."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from diagnose.diagnosis.checked import Checked, Result
from diagnose.diagnosis.checks.checking import check
from tests.support.planted.sound import sound
from tests.support.planted.ungrounded import ungrounded


@dataclass(frozen=True)
class Planted:
    """By the kind of fault how many were caught, of how many; the sound ones, and how many were flagged."""

    ungrounded: Mapping[str, tuple[int, int]]
    sound: int
    flagged: int

    @property
    def faults(self) -> list[str]:
        found = [
            f"{count - caught} of {count} planted answers were not caught: {kind}"
            for kind, (caught, count) in self.ungrounded.items()
            if caught < count
        ]
        if self.flagged:
            found.append(f"{self.flagged} of {self.sound} sound answers were flagged")
        return found


def planted() -> Planted:
    """The answers that the tests of the checks hold to more: which check it is that catches each."""
    counts, caught = Counter[str](), Counter[str]()
    for each in ungrounded():
        found = check(each.diagnosis, each.prompt)
        counts[each.kind] += 1
        caught[each.kind] += found.confidence.shown != found.confidence.said
    right = sound()
    flagged = sum(_is_flagged(check(each.diagnosis, each.prompt)) for each in right)
    return Planted({kind: (caught[kind], count) for kind, count in counts.items()}, len(right), flagged)


def _is_flagged(checked: Checked) -> bool:
    return any(each.result is Result.FAILED for each in checked.checks)
