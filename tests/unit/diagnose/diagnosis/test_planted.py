"""Answers with one fault planted in each are caught; answers that are right are not."""

from functools import cache

import pytest

from diagnose.diagnosis.checked import Checked, Result
from diagnose.diagnosis.checks.checking import CHECKS, check
from diagnose.diagnosis.confidence import CASES, LEVELS, Case
from tests.support.planted.sound import Sound, sound
from tests.support.planted.ungrounded import PLANTS, Planted, ungrounded

ONLY_UNKNOWN = {"hint"}
"""Checks that never say that something is wrong, only that it proves nothing."""


@cache
def checked_answers() -> list[tuple[Planted | Sound, Checked]]:
    """Every planted and every sound answer, checked once."""
    every: list[Planted | Sound] = [*ungrounded(), *sound()]
    return [(each, check(each.diagnosis, each.prompt)) for each in every]


def seen_by(checked: Checked) -> set[str]:
    """The checks that object."""
    return {
        each.name
        for each in checked.checks
        if each.result is Result.FAILED or (each.result is Result.UNKNOWN and each.name in ONLY_UNKNOWN)
    }


def is_lowered(checked: Checked) -> bool:
    said, shown = checked.confidence.said, checked.confidence.shown
    return LEVELS.index(shown) < LEVELS.index(said) and bool(checked.confidence.reasons)


@pytest.mark.parametrize(("fault", "name"), [(fault, name) for fault, name, _ in PLANTS])
def test_every_answer_with_a_fault_is_caught_and_called_less_sure(fault: str, name: str) -> None:
    planted = [
        (each, checked)
        for each, checked in checked_answers()
        if isinstance(each, Planted) and each.kind == fault
    ]

    assert planted
    assert [str(each) for each, checked in planted if not is_lowered(checked)] == []
    assert [str(each) for each, checked in planted if name and name not in seen_by(checked)] == []


def test_no_answer_that_the_evidence_carries_is_flagged() -> None:
    flagged = {str(each): seen_by(checked) for each, checked in checked_answers() if isinstance(each, Sound)}

    assert len(flagged) > 60  # as docs/trust.md says
    assert {shape: names for shape, names in flagged.items() if names} == {}


def test_there_are_enough_faults_of_each_kind() -> None:
    assert len(ungrounded()) > 300  # as docs/trust.md says
    assert {each.kind for each in ungrounded()} == {fault for fault, _, _ in PLANTS}


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_sees_what_no_other_does(name: str) -> None:
    seen = [each for each, checked in checked_answers() if seen_by(checked) == {name}]

    assert seen
    for each in seen[:3]:
        assert seen_by(check(each.diagnosis, each.prompt, without=(name,))) == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_lowers_what_no_check_objects_to(case: Case) -> None:
    reason = f"at most {case.at_most.replace('_', ' ')}: {case.why}"

    assert any(
        reason in checked.confidence.reasons and not seen_by(checked) for _, checked in checked_answers()
    )
