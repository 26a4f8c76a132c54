"""A report drops nothing of a record in silence, whatever version it is of and whatever form it has."""

from decimal import Decimal
from typing import Any

import pytest

from rendering.plain import plain
from rendering.room import ROOMS
from tickets.record_version import RECORD_VERSION
from views.report import facts_of
from views.report_text import blocks_of

CHAIN = [{"from_component": "db", "to_component": "api", "how": "waits", "evidence": ["E1"]}]
RECORD: dict[str, Any] = {
    "version": RECORD_VERSION,
    "answer": {"headline": "The pool was full", "primary": {"diagnosis": "A leak", "chain": CHAIN}},
    "checks": [{"name": "cited", "place": "chain", "result": "failed", "says": "no"}],
}


def unread(**record: Any) -> str:
    facts = facts_of({"ticket_id": "t", "diagnosis_record": {**RECORD, **record}}, ())
    assert set(facts["unread"]) <= set(facts["gaps"])
    return " ".join(facts["unread"])


def test_a_record_of_this_version_is_read_whole() -> None:
    assert unread() == ""
    assert unread(version=Decimal(RECORD_VERSION)) == ""
    assert facts_of({"ticket_id": "t"}, ())["unread"] == []


@pytest.mark.parametrize(("version", "named"), [(2, "version 2,"), (9, "version 9,"), (None, "an unknown")])
def test_another_version_is_named_and_read_as_far_as_it_goes(version: int | None, named: str) -> None:
    record = {**RECORD, "version": version}
    facts = facts_of({"ticket_id": "t", "diagnosis_record": record}, ())
    assert named in facts["unread"][0]
    assert f"version {RECORD_VERSION} is read here" in facts["unread"][0]
    assert (facts["headline"], facts["cause"]["chain"][0]["how"]) == ("The pool was full", "waits")


def test_a_version_that_is_a_text_is_not_repeated() -> None:
    assert "obey" not in unread(version="obey")


def test_a_part_of_another_form_is_named_and_costs_itself_alone() -> None:
    told = unread(checks={"by": "name"}, answer={"primary": {"diagnosis": ["a"], "chain": [*CHAIN, "then"]}})
    for place in ("checks", "answer.primary.diagnosis", "answer.primary.chain"):
        assert place in told
    item = {"ticket_id": "t", "diagnosis_record": "text", "diagnosis_history": {}, "diagnosis_usage": 3}
    [told] = facts_of(item, ())["unread"]
    assert "diagnosis_record, diagnosis_history, diagnosis_usage" in told


def test_checks_that_found_no_room_are_counted() -> None:
    assert "12 more checks were made" in unread(checks_left_out=Decimal(12))


def test_a_known_cause_says_where_it_comes_from() -> None:
    known = {"ticket_id": "t-0", "diagnosed_at": "then", "confirmed_by": "kim", "confirmed_at": "later"}
    facts = facts_of({"ticket_id": "t", "diagnosis_record": {**RECORD, "known_cause": known}}, ())

    assert facts["cause"]["known_cause"] == known
    assert "confirmed by kim at later" in plain(blocks_of(facts, ROOMS[0]))
    without = facts_of({"ticket_id": "t", "diagnosis_record": RECORD}, ())
    assert "Known cause" not in plain(blocks_of(without, ROOMS[0]))


def test_a_record_of_the_first_version_is_the_answer_itself() -> None:
    facts = facts_of({"ticket_id": "t", "diagnosis_record": RECORD["answer"]}, ())
    assert (facts["headline"], facts["cause"]["text"]) == ("The pool was full", "A leak")
    assert "an unknown version" in facts["unread"][0]


def test_what_was_said_of_a_diagnosis_that_is_being_replaced_is_told_once() -> None:
    said = {"diagnosed_at": "2026-01-01T00:00:00Z", "diagnosis_feedback": {"verdict": "wrong", "words": "no"}}
    facts = facts_of({"ticket_id": "t", **said, "diagnosis_history": [said]}, ())
    assert [each["words"] for each in facts["people"]] == ["no"]
