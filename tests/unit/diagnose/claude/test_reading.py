"""The diagnosis in an answer: a bad character costs that character, and no text whatever is a crash."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.claude.errors import (
    AmbiguousError,
    ClaudeError,
    NotTheSchemaError,
    RefusedError,
    TruncatedError,
)
from diagnose.claude.reading import read_diagnosis
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Diagnosis
from tests.support.answers import ANSWER, DIAGNOSIS

ENDINGS = ["end_turn", "pause_turn", "refusal", "max_tokens", "model_context_window_exceeded", "new", None]
BAD = {
    "half an emoji": "\ud83d",
    "its other half": "\ude00",
    "half an emoji, escaped": r"\ud83d",
    "its other half, escaped": r"\ude00",
    "no character": "\uffff",
    "no character, escaped": r"\uffff",
    "a control character": "\x01",
    "a control character, escaped": r"\u0000",
    "one that turns the text round": "\u202e",
}


def answer(text: str, stop_reason: str | None = "end_turn") -> Answer:
    return replace(ANSWER, text=text, stop_reason=stop_reason)


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
def test_a_bad_character_costs_that_character(bad: str) -> None:
    found = read_diagnosis(answer(ANSWER.text.replace("a worn disk", f"a worn{bad} disk")))

    assert found == DIAGNOSIS


@pytest.mark.parametrize("bad", [bad for bad in BAD.values() if len(bad) == 1], ids=ascii)
def test_a_bad_character_between_the_values_does_not_cost_them(bad: str) -> None:
    assert read_diagnosis(answer(bad + ANSWER.text.replace(",", f",{bad}"))) == DIAGNOSIS


def test_whole_emojis_and_new_lines_stay() -> None:
    said = "worn 😀\nsince noon"
    escaped = json.dumps(said)[1:-1]

    for written in (said, escaped, said.replace("\n", r"\n")):
        found = read_diagnosis(answer(ANSWER.text.replace("a worn disk", written)))
        assert found.primary.diagnosis == said


@pytest.mark.parametrize("stop_reason", ["pause_turn", "tool_use", "new", None])
def test_an_answer_that_ended_in_another_way_is_taken_if_it_is_whole(stop_reason: str | None) -> None:
    assert read_diagnosis(answer(ANSWER.text, stop_reason)) == DIAGNOSIS


@pytest.mark.parametrize("stop_reason", ["pause_turn", "tool_use", "new", None])
def test_and_is_not_blamed_on_the_ticket_if_it_is_not(stop_reason: str | None) -> None:
    with pytest.raises(AmbiguousError) as caught:
        read_diagnosis(answer(ANSWER.text[:50], stop_reason))

    assert not caught.value.quick_retry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The disk is slow.", "the text: Expecting value"),
        ("[" * 100_000, "the text: nested too deeply"),
        ("{}", "verdict: Field required"),
        ('{"verdict": 5}', "verdict: Input should be"),
        ("[]", "the text: Input should be"),
        ("NaN", "the text: Input should be"),
    ],
    ids=["prose", "nested", "nothing in it", "another shape", "a list", "no number"],
)
def test_text_that_is_no_diagnosis_is_said_to_miss_what(text: str, said: str) -> None:
    with pytest.raises(NotTheSchemaError, match=said):
        read_diagnosis(answer(text))


@pytest.mark.parametrize(
    ("stop_reason", "kind"), [("refusal", RefusedError), ("max_tokens", TruncatedError)], ids=str
)
def test_an_empty_refusal_and_an_empty_cut_are_what_they_say(
    stop_reason: str, kind: type[ClaudeError]
) -> None:
    with pytest.raises(kind):
        read_diagnosis(answer("", stop_reason))


def saying(**changes: Any) -> Answer:
    """An answer with the least that the schema asks for, every text empty, and `changes`."""
    texts = {"headline": "", "recommended_action": "", "components": [], "verdict": "action_required"}
    primary = {"diagnosis": "", "confidence": "high", "reasoning": ""}
    for part in (texts, primary):
        part.update({name: value for name, value in changes.items() if name in part})
    missing = [{"what": what, "where": ""} for what in changes.get("missing", ())]
    said = {**DIAGNOSIS.model_dump(), **texts, "missing_data": missing}
    said["primary"] = {**said["primary"], **primary}
    return answer(json.dumps(said))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"headline": " \n", "diagnosis": "..."},
        {"confidence": "low", "verdict": "no_action"},
        {"confidence": "insufficient_data"},
        {"recommended_action": "wait", "reasoning": "r"},
    ],
    ids=["nothing", "blanks and dots", "low", "insufficient data and no why", "an action without a cause"],
)
def test_an_answer_in_the_schema_that_says_nothing_is_like_an_empty_one(changes: dict[str, str]) -> None:
    with pytest.raises(AmbiguousError, match="the answer says nothing") as caught:
        read_diagnosis(saying(**changes))

    assert not caught.value.quick_retry


@pytest.mark.parametrize(
    "changes",
    [
        {"headline": "Act."},
        {"diagnosis": "Insufficient data: no metrics.", "confidence": "insufficient_data"},
        {"reasoning": "no metrics", "confidence": "insufficient_data"},
        {"missing": ["the metrics"], "confidence": "insufficient_data"},
        {"diagnosis": "磁盘已满"},
    ],
    ids=["a headline", "insufficient data", "why it is", "what is missing", "another script"],
)
def test_one_that_says_something_is_taken_and_so_is_insufficient_data(changes: dict[str, Any]) -> None:
    assert read_diagnosis(saying(**changes)).verdict == "action_required"


NAMES = st.sampled_from(list(Diagnosis.model_fields)) | st.text()
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(list(Diagnosis.model_fields)) | st.text(), inner)
    ),
)


@given(text=st.text() | JSON_VALUES.map(json.dumps), stop_reason=st.sampled_from(ENDINGS))
def test_no_text_is_a_crash_and_every_error_can_be_stored(text: str, stop_reason: str | None) -> None:
    with pytest.raises(ClaudeError) as caught:
        read_diagnosis(answer(text, stop_reason))

    assert str(caught.value).encode()
    assert "\uffff" not in str(caught.value)
