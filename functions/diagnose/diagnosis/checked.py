"""A diagnosis with what code found out about it: the results of its checks, and how sure it may be called."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from diagnose.diagnosis.schema import Diagnosis

Level = Literal["high", "medium", "low", "insufficient_data"]


class Result(StrEnum):
    """What cannot be known is unknown, not passed."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What a command does when it is run, the worst that it may."""

    READ_ONLY = "read_only"
    CHANGING = "changing"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True)
class Check:
    """One check of one claim: its `name` (docs/trust.md), the claim's place in the answer, and the result.

    `says` completes a sentence that begins with "The diagnosis": "quotes 41 from M1, which does not hold it".
    """

    name: str
    place: str
    result: Result
    says: str


@dataclass(frozen=True)
class Confidence:
    """The model's word, what is shown of it after the checks, and why that is less, a line each."""

    said: Level
    shown: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class JudgedCommand:
    """What code says of a command: its effect, why, and what a reader could not see in it."""

    effect: Effect
    why: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """`commands` judges the commands of the diagnosis, in order, and `deciding` those of its alternatives."""

    diagnosis: Diagnosis
    checks: Sequence[Check]
    confidence: Confidence
    commands: Sequence[JudgedCommand]
    deciding: Sequence[JudgedCommand | None]

    @property
    def doubts(self) -> list[str]:
        """What did not pass, each once: what failed first, then what cannot be known."""
        found = [check for check in self.checks if check.result is not Result.PASSED]
        found.sort(key=lambda check: check.result is Result.UNKNOWN)
        return list(dict.fromkeys(check.says for check in found))
