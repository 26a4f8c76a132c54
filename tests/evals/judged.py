"""One answer held against what is expected of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from capacity.buckets import Used
from diagnose.diagnosis.checked import Checked, Level, Result
from diagnose.diagnosis.schema import Diagnosis
from tests.evals.case import Case

SURE = "high"
CAUSELESS = ("no_action", "inconclusive")
"""Verdicts that need no chain."""
NOTHING = Used(0.0, 0, 0, 0.0)
FIRST_OF_ALTERNATIVES = 2
"""With the primary diagnosis these are the first three causes."""


@dataclass(frozen=True)
class Judged:
    """Whether each thing is so; None where the case does not ask for it, or the answer has none."""

    verdict: str
    verdict_expected: bool
    right_cause: bool
    among_three: bool
    grounded: bool | None
    said: Level
    shown: Level
    sure_and_wrong: bool
    well_called_well: bool | None
    wrong_claims: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A case asked once; `judged` is None where there was no answer, and `error` says why."""

    case: str
    kind: str
    repeat: int
    judged: Judged | None
    error: str = ""
    model: str = ""
    used: Used = NOTHING
    is_of_stand_in: bool = False

    def as_json(self) -> dict[str, Any]:
        judged = asdict(self.judged) if self.judged else {}
        told = {name: value for name, value in asdict(self).items() if name not in ("judged", "used")}
        return {**told, **judged, **asdict(self.used)}


def judge(case: Case, checked: Checked) -> Judged:
    """The answer after its checks: what is shown of it is what counts."""
    diagnosis, expected = checked.diagnosis, case.expected
    claims = tuple(_wrong_claims(case, diagnosis))
    verdict_expected = diagnosis.verdict in expected.verdicts
    right = verdict_expected and not claims and _names_the_cause(case, diagnosis)
    others = diagnosis.alternatives[:FIRST_OF_ALTERNATIVES]
    shown = checked.confidence.shown
    return Judged(
        verdict=diagnosis.verdict,
        verdict_expected=verdict_expected,
        right_cause=right,
        among_three=right or any(_meets(case, [other.diagnosis, other.conclusion]) for other in others),
        grounded=_grounded(checked),
        said=checked.confidence.said,
        shown=shown,
        sure_and_wrong=shown == SURE and not right,
        well_called_well=diagnosis.verdict == "no_action" if case.is_well else None,
        wrong_claims=claims,
        doubts=tuple(checked.doubts),
    )


def _names_the_cause(case: Case, diagnosis: Diagnosis) -> bool:
    """The words of the cause in what is said first, and one of its components in the part of the cause."""
    primary = diagnosis.primary
    said = [diagnosis.headline, primary.diagnosis, primary.reasoning]
    causes = [each.name for each in diagnosis.components if each.role == "cause"]
    named = not case.expected.components or any(
        _holds(name, expected) or _holds(expected, name)
        for name in causes
        for expected in case.expected.components
    )
    return named and _meets(case, said)


def _meets(case: Case, texts: Sequence[str]) -> bool:
    said = " ".join(texts)
    met = sum(any(_holds(said, word) for word in group) for group in case.expected.cause)
    return met >= case.expected.least


def _wrong_claims(case: Case, diagnosis: Diagnosis) -> Iterable[str]:
    """What it says first and must not, and what it calls the cause and is not."""
    said = f"{diagnosis.headline} {diagnosis.primary.diagnosis}"
    yield from (claim for claim in case.expected.forbidden if _holds(said, claim))
    innocent = {name.casefold() for name in case.expected.innocent}
    for each in diagnosis.components:
        if each.role == "cause" and each.name.strip().casefold() in innocent:
            yield f"{each.name} is the cause"


def _grounded(checked: Checked) -> bool | None:
    """Whether a chain is there and no check of it failed; None where none is, nor a cause to lead from."""
    if not checked.diagnosis.primary.chain:
        return None if checked.diagnosis.verdict in CAUSELESS else False
    return not any(
        check.result is Result.FAILED and ".chain" in f".{check.place}" for check in checked.checks
    )


def _holds(text: str, words: str) -> bool:
    return words.casefold() in text.casefold()
