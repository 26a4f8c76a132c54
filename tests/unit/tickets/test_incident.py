"""Whether two writes of a ticket tell of one incident, and whether a prompt would say the same of both."""

from typing import Any

import pytest

from tickets.incident import PROMPTED, has_same_evidence, is_same_incident

TICKET = {
    "message": "await 41 ms",
    "invariant_name": "disk_latency",
    "component": "tikv-4",
    "log_tail": "one",
}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"message": " await 1,200.5 ms"},
        {"message": None},
        {"log_tail": "two"},
        {"severity": "critical"},
        {"first_seen_at": 5},
    ],
    ids=str,
)
def test_the_same_incident(other: dict[str, Any]) -> None:
    assert is_same_incident(TICKET, {**TICKET, **other})


@pytest.mark.parametrize(
    "other",
    [
        {"message": "await 41 s"},
        {"invariant_name": "store_up"},
        {"component": "tikv-5"},
        {"component": ["a"]},
    ],
    ids=str,
)
def test_another_incident(other: dict[str, Any]) -> None:
    assert not is_same_incident(TICKET, {**TICKET, **other})


def test_the_component_may_have_its_former_name() -> None:
    older = {name: value for name, value in TICKET.items() if name != "component"}

    assert is_same_incident(TICKET, {**older, "store_id": "tikv-4"})
    assert not is_same_incident(TICKET, {**older, "store_id": "tikv-5"})
    assert is_same_incident(TICKET, older)


@pytest.mark.parametrize("name", PROMPTED)
def test_whatever_goes_into_the_prompt_is_evidence(name: str) -> None:
    assert not has_same_evidence(TICKET, {**TICKET, name: "other"})


@pytest.mark.parametrize("name", ["occurrence_count", "last_seen_at", "status", "held", "runbook"])
def test_what_a_monitor_counts_up_is_not(name: str) -> None:
    assert has_same_evidence(TICKET, {**TICKET, name: "other"})
