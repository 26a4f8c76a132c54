"""The template's filter for notify lets through all that is news, and hardly anything else."""

from itertools import product
from typing import Any

import pytest
from moto.events.models import EventPattern

from local.aws.mappings import stream_settings
from local.aws.template import Template
from local.demo.events import load_event
from notify.telling import news_of
from tests.support.told import record
from tickets.states import DiagnosisStatus
from tickets.stream_record import StreamRecord

PATTERNS: list[Any] = [
    EventPattern.load(pattern)
    for pattern in stream_settings(Template.read().resource("NotifyFunction")).patterns
]
DIAGNOSIS_STATUSES = (None, "set_aside", *DiagnosisStatus)
STATUSES = ("open", "acknowledged", "diagnosed", "resolved", "Resolved", "RESOLVED")


def passes(raw: dict[str, Any]) -> bool:
    return any(pattern.matches_event(raw) for pattern in PATTERNS)


def image(status: str, diagnosis_status: str | None) -> dict[str, Any]:
    found = {"ticket_id": "t-1", "status": status}
    return {**found, "diagnosis_status": diagnosis_status} if diagnosis_status else found


def changes() -> list[dict[str, Any]]:
    states = list(product(STATUSES, DIAGNOSIS_STATUSES))
    return [record(image(*new), image(*old)) for old, new in product(states, states)]


def test_all_that_is_news_passes_and_what_passes_is_news_but_for_storms() -> None:
    told = [(passes(raw), news_of(StreamRecord.from_event(raw)) is not None) for raw in changes()]

    assert {pair for pair in told if pair[0] != pair[1]} == set()
    assert sum(passed for passed, _ in told) > 100


@pytest.mark.parametrize(("status", "diagnosis_status"), list(product(STATUSES, DIAGNOSIS_STATUSES)))
def test_an_edit_that_moves_nothing_wakes_nothing(status: str, diagnosis_status: str | None) -> None:
    old = image(status, diagnosis_status)

    assert not passes(record({**old, "notified": {"diagnosed": 3}, "occurrence_count": 7}, old))
    assert not passes(record(None, old))


@pytest.mark.parametrize("name", ["notify-diagnosed", "notify-resolved"])
def test_the_shipped_events_pass(name: str) -> None:
    [raw] = load_event(name)["Records"]

    assert passes(raw)
    assert news_of(StreamRecord.from_event(raw))
