"""Planted answers through the checks: what is caught of the ungrounded, what is flagged of the sound."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """By the kind of fault how many were caught, of how many; the sound ones, and how many were flagged."""

    ungrounded: Mapping[str, tuple[int, int]]
    sound: int
    flagged: int

    @property
    def faults(self) -> list[str]:
        found = [
            f"{count - caught} of {count} planted answers with {kind} were not caught"
            for kind, (caught, count) in self.ungrounded.items()
            if caught < count
        ]
        if self.flagged:
            found.append(f"{self.flagged} of {self.sound} sound answers were flagged")
        return found


def planted() -> Planted:
    return Planted({}, 0, 0)
