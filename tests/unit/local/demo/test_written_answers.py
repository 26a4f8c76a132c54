"""The answers written by hand: a good one, in which the checks find no fault, and one full of faults."""

from datetime import UTC, datetime

import pytest

from diagnose.diagnosis.checked import Checked, Result
from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.record import record_of
from diagnose.diagnosis.schema import Diagnosis
from local.demo.scenarios import WRITTEN
from local.demo.written_answers import WrittenAnswer
from tests.evals.asked import asked
from tests.evals.case import Case, Expected
from tests.evals.way import settings

GOOD, PLANTED = map(WrittenAnswer.load, WRITTEN)
FOUND = {
    "M9": "figure",
    "L57": "id",
    "ledger-cache": "component",
    "second hop": "order",
    "third hop": "edge",
    "L23": "words",
}
"""What is said of a planted fault, and the check that has to find it."""
NOT_OF_THE_CHECKS = ("command", "link", "high confidence")
"""What is planted for the judge of commands, for the renderings, and for the cap."""


def checked(written: WrittenAnswer) -> Checked:
    nothing = Expected((), (), (), 0, (), (), ())
    case = Case(
        written.ticket_id, "incident", datetime(2026, 11, 28, tzinfo=UTC), written.ticket, (), nothing
    )
    return check(Diagnosis.model_validate(written.answer), asked(case, settings()).prompt)


def test_the_good_answer_fails_no_check_and_is_shown_as_less_sure_only_for_what_is_unknown() -> None:
    found = checked(GOOD)

    assert [each.says for each in found.checks if each.result is Result.FAILED] == []
    assert (found.confidence.said, found.confidence.shown) == ("high", "medium")
    assert len(found.checks) > 50
    assert len(GOOD.answer["headline"]) <= 300
    assert GOOD.planted == ()


def test_every_fault_that_was_planted_is_found_and_the_answer_is_capped() -> None:
    found = checked(PLANTED)
    failed = {each.name for each in found.checks if each.result is Result.FAILED}

    for said, name in FOUND.items():
        assert name in failed, said
    assert (found.confidence.said, found.confidence.shown) == ("high", "low")
    told = {said for said in [*FOUND, *NOT_OF_THE_CHECKS] for fault in PLANTED.planted if said in fault}
    assert told == {*FOUND, *NOT_OF_THE_CHECKS}
    assert len(PLANTED.planted) == len(told)


@pytest.mark.parametrize("written", [GOOD, PLANTED], ids=WRITTEN)
def test_an_answer_says_that_it_was_written_by_hand(written: WrittenAnswer) -> None:
    reasoning = " ".join(written.answer["primary"]["reasoning"].split())

    assert "Written by hand for the demo" in reasoning
    assert "not by Claude" in reasoning
    assert "by hand" in written.title


def test_what_the_checks_made_of_an_answer_is_told_from_its_record() -> None:
    told = PLANTED.after_checks({"diagnosis_record": record_of(checked(PLANTED))})

    assert told[0] == "Confidence: high was said, low is shown."
    assert told.count("  The diagnosis cites L57, which is not in the evidence") == 1
    assert any(line.startswith("Checks: ") and " failed, " in line for line in told)
    assert "Chain:" in PLANTED.in_short()
    assert [line for line in PLANTED.in_short() if line.startswith("Planted: ")]


def test_both_are_answers_to_one_incident_under_two_tickets() -> None:
    assert GOOD.ticket_id != PLANTED.ticket_id
    assert GOOD.ticket["message"] == PLANTED.ticket["message"]
    for one, other in ((GOOD, PLANTED), (PLANTED, GOOD)):
        assert one.as_fault().match in str(one.ticket["violation_key"])
        assert one.as_fault().match not in str(other.ticket)
