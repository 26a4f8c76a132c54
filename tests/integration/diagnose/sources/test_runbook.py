"""A subject's runbook and instructions: guidance, kept apart from what was observed."""

from dataclasses import replace
from typing import Any

from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import Found
from diagnose.evidence.sources.runbook import Runbook
from subjects.subject import Subject
from tests.support.incidents import incident
from tests.support.looking import empty, lines, look, not_asked


def affected(**record: Any) -> Incident:
    return replace(incident(), subject=Subject.from_item({"subject_id": "orders", **record}))


def test_each_line_is_an_item_that_is_marked_as_guidance() -> None:
    looked = look(
        Runbook(),
        affected(runbook="1. look at the pool\n2. restart", instructions=["never fail over by hand"]),
    )

    assert lines(looked) == [
        'instruction: ["never fail over by hand"]',
        "runbook: 1. look at the pool",
        "runbook: 2. restart",
    ]
    [found] = looked
    assert isinstance(found, Found)
    assert [section.prefix for section in found.sections] == ["G"]


def test_secrets_in_a_runbook_are_out() -> None:
    [line] = lines(look(Runbook(), affected(runbook="psql postgres://admin:hunter2-Zq9!x@db/orders")))

    assert "hunter2" not in line


def test_a_record_without_either_was_looked_at() -> None:
    assert empty(look(Runbook(), affected())) == ["runbook and instructions of orders"]


def test_without_a_record_there_is_none_to_look_at() -> None:
    assert not_asked(look(Runbook(), incident())) == {"runbook": "the subject has no record"}
