"""The cases: what each says is right can be known from what is sent, and what is sent holds what it must."""

from pathlib import Path

import pytest

from tests.evals.asked import Asked
from tests.evals.case import CASES, cases
from tests.evals.without_key import as_an_incident, sent

KINDS = ("incident", "healthy", "recovered", "false alarm")


def test_there_are_incidents_enough_and_some_that_are_none() -> None:
    kinds = [case.kind for case in cases()]

    assert kinds.count("incident") >= 12
    assert {"healthy", "recovered", "false alarm"} <= set(kinds) <= set(KINDS)


def test_every_prompt_holds_the_words_that_it_must(every: list[Asked]) -> None:
    assert {each.case.name: sent(each).missing for each in every if sent(each).missing} == {}


def test_every_ticket_is_usable_whole_and_none_is_cut(every: list[Asked]) -> None:
    assert {each.case.name: each.ticket.unusable for each in every if each.ticket.unusable} == {}
    assert {each.case.name: each.prompt.cuts for each in every if each.prompt.cuts} == {}


def test_a_word_that_is_not_sent_is_named(by_name: dict[str, Asked]) -> None:
    asked = by_name["load-test"]
    prompt = asked.prompt.user.replace("CHG-2291", "a change")
    standing = asked.prompt.standing.replace("CHG-2291", "a change")
    changed = type(asked.prompt)(asked.prompt.system, prompt, asked.prompt.evidence, (), standing)

    assert sent(Asked(asked.case, asked.ticket, changed)).missing == ("CHG-2291",)


def test_every_component_that_is_expected_or_innocent_is_named_in_the_evidence(every: list[Asked]) -> None:
    for each in every:
        text = f"{each.prompt.standing}{each.prompt.user}"
        names = (*each.case.expected.components, *each.case.expected.innocent)
        assert [name for name in names if name not in text] == [], each.case.name
        assert not set(each.case.expected.components) & set(each.case.expected.innocent), each.case.name


def test_no_evidence_says_what_is_forbidden_or_gives_the_answer_away(every: list[Asked]) -> None:
    for each in every:
        text = f"{each.prompt.standing}{each.prompt.user}".casefold()
        assert [claim for claim in each.case.expected.forbidden if claim.casefold() in text] == []
        assert "root cause" not in text


def test_every_case_that_is_well_says_no_action_and_has_a_wrong_answer(every: list[Asked]) -> None:
    well = [each for each in every if each.case.is_well]

    assert len(well) >= 3
    for each in well:
        assert each.case.expected.verdicts == ("no_action",)
        assert each.case.blamed
        answer = as_an_incident(each, each.case.blamed)
        assert (answer.verdict, answer.primary.confidence) == ("action_required", "high")
        assert answer.primary.chain


def test_what_a_source_could_not_see_is_said_in_the_prompt(by_name: dict[str, Asked]) -> None:
    user = by_name["little-is-known"].prompt.user

    assert "could not look: metrics: not allowed: cloudwatch:GetMetricData" in user
    assert "not asked: the subject's record (not configured); logs (no log group is known)" in user


def test_changes_stand_as_their_source_ranks_and_tells_them(by_name: dict[str, Asked]) -> None:
    evidence = by_name["bad-deployment"].prompt.evidence

    assert evidence["H1"].startswith("2026-06-09T14:09:40Z (-20 s) service search-api")
    assert "next to it (Systems Manager)" in evidence["H2"]


@pytest.mark.parametrize("text", ["kind: incident\n", "[", "kind: incident\nticket: 1\nnow: 2\n"])
def test_a_file_that_is_no_case_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text)

    with pytest.raises(ValueError, match=r"odd\.yaml is no case"):
        cases(tmp_path)


def test_the_cases_are_files_of_this_repository() -> None:
    assert len(list(CASES.glob("*.yaml"))) == len(cases()) >= 15
