"""What is found out about a part of a command, and which part has the last word."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from diagnose.diagnosis.checked import Effect

READ_ONLY, CHANGING, DESTRUCTIVE = Effect.READ_ONLY, Effect.CHANGING, Effect.DESTRUCTIVE
ORDER = (READ_ONLY, CHANGING, DESTRUCTIVE)


@dataclass(frozen=True)
class Finding:
    """The effect of a part, why, and what a reader should know beside it."""

    effect: Effect
    why: str
    marks: tuple[str, ...] = ()

    def at_least(self, effect: Effect, why: str) -> "Finding":
        if ORDER.index(effect) <= ORDER.index(self.effect):
            return self
        return replace(self, effect=effect, why=why)


def reads(why: str, *marks: str) -> Finding:
    return Finding(READ_ONLY, why, marks)


def changes(why: str, *marks: str) -> Finding:
    return Finding(CHANGING, why, marks)


def destroys(why: str, *marks: str) -> Finding:
    return Finding(DESTRUCTIVE, why, marks)


def worst(findings: Iterable[Finding]) -> Finding:
    """The first of the worst, with the marks of all."""
    every = list(findings)
    last = max(every, key=lambda each: ORDER.index(each.effect))
    return replace(last, marks=tuple(dict.fromkeys(mark for each in every for mark in each.marks)))
