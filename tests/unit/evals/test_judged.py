"""What counts as right, as wrong, as sure, and as healthy."""

from typing import Any

import pytest

from diagnose.diagnosis.checked import Check, Checked, Confidence, Level, Result
from diagnose.diagnosis.schema import Alternative, Component, Diagnosis, Hop
from tests.evals.asked import Asked
from tests.evals.judged import judge
from tests.support.answers import DIAGNOSIS

RIGHT = "v112 of search-api throws a NullPointerException when facets are asked for."
HOP = Hop(from_component="search-api", to_component="web-shop", how="5xx", since="unknown", evidence=["L3"])


def answer(
    diagnosis: str = RIGHT,
    cause: str = "search-api",
    verdict: Any = "action_required",
    chain: tuple[Hop, ...] = (HOP,),
    alternatives: tuple[str, ...] = (),
) -> Diagnosis:
    primary = DIAGNOSIS.primary.model_copy(update={"diagnosis": diagnosis, "chain": list(chain)})
    others = [
        Alternative(
            diagnosis=each,
            supporting=[],
            contradicting=[],
            conclusion="",
            deciding_observation="",
            deciding_command="",
        )
        for each in alternatives
    ]
    return DIAGNOSIS.model_copy(
        update={
            "verdict": verdict,
            "headline": "Look at search-api.",
            "components": [Component(name=cause, role="cause")],
            "primary": primary,
            "alternatives": others,
        }
    )


def checked(diagnosis: Diagnosis, shown: Level = "medium", *checks: Check) -> Checked:
    return Checked(diagnosis, checks, Confidence("high", shown, ()), [], [])


@pytest.fixture
def bad_deployment(by_name: dict[str, Asked]) -> Asked:
    return by_name["bad-deployment"]


def test_every_case_has_an_answer_that_is_right_and_each_of_its_verdicts_is(every: list[Asked]) -> None:
    for each in every:
        expected = each.case.expected
        words = " ".join(group[0] for group in expected.cause)
        causes = [name for name in expected.components if name not in expected.innocent] or ["nothing"]
        for verdict in expected.verdicts:
            said = answer(words, causes[0], verdict).model_copy(update={"headline": ""})
            assert judge(each.case, checked(said)).right_cause, f"{each.case.name}: {verdict}"


def test_a_right_answer_is_right(bad_deployment: Asked) -> None:
    judged = judge(bad_deployment.case, checked(answer(), "high"))

    assert (judged.right_cause, judged.among_three, judged.sure_and_wrong) == (True, True, False)
    assert (judged.said, judged.shown, judged.wrong_claims) == ("high", "high", ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"diagnosis": "search-api has too little memory."},
        {"cause": "price-cache"},
        {"verdict": "no_action"},
        {"diagnosis": f"{RIGHT} Also search-index is overloaded."},
    ],
    ids=["words", "component", "verdict", "claim"],
)
def test_a_wrong_answer_is_wrong_and_worse_when_it_is_shown_as_sure(
    bad_deployment: Asked, wrong: dict[str, Any]
) -> None:
    unsure = judge(bad_deployment.case, checked(answer(**wrong), "low"))
    sure = judge(bad_deployment.case, checked(answer(**wrong), "high"))

    assert (unsure.right_cause, unsure.sure_and_wrong) == (False, False)
    assert (sure.right_cause, sure.sure_and_wrong) == (False, True)


def test_an_innocent_component_called_the_cause_is_a_wrong_claim(bad_deployment: Asked) -> None:
    judged = judge(bad_deployment.case, checked(answer(cause="search-index")))

    assert judged.wrong_claims == ("search-index is the cause",)


@pytest.mark.parametrize(("place", "among"), [(0, True), (1, True), (2, False)])
def test_a_cause_counts_among_three_when_one_of_two_alternatives_says_it(
    bad_deployment: Asked, place: int, among: bool
) -> None:
    others = ["something else"] * 3
    others[place] = RIGHT
    judged = judge(bad_deployment.case, checked(answer("memory", alternatives=tuple(others))))

    assert (judged.right_cause, judged.among_three) == (False, among)


@pytest.mark.parametrize(
    ("place", "result", "grounded"),
    [
        ("primary.chain[0]", Result.FAILED, False),
        ("primary.chain[0]", Result.UNKNOWN, True),
        ("primary.chain[0]", Result.PASSED, True),
        ("metric_readings[0]", Result.FAILED, True),
    ],
)
def test_a_chain_is_grounded_when_no_check_of_it_failed(
    bad_deployment: Asked, place: str, result: Result, grounded: bool
) -> None:
    check = Check("edge", place, result, "names no edge")

    assert judge(bad_deployment.case, checked(answer(), "low", check)).grounded is grounded


@pytest.mark.parametrize(
    ("verdict", "grounded"), [("no_action", None), ("inconclusive", None), ("action_required", False)]
)
def test_only_an_answer_that_names_no_cause_needs_no_chain(
    bad_deployment: Asked, verdict: str, grounded: bool | None
) -> None:
    said = answer(verdict=verdict, chain=())

    assert judge(bad_deployment.case, checked(said)).grounded is grounded


@pytest.mark.parametrize(("verdict", "called"), [("no_action", True), ("action_suggested", False)])
def test_an_incident_that_is_none_is_called_healthy_by_its_verdict(
    by_name: dict[str, Asked], bad_deployment: Asked, verdict: str, called: bool
) -> None:
    said = checked(answer(verdict=verdict))

    assert judge(by_name["load-test"].case, said).well_called_well is called
    assert judge(bad_deployment.case, said).well_called_well is None
