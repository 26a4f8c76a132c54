"""Rows of tickets: whatever somebody wrote on one, it is listed, and costs the others nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from views.listing import Choice, chosen

NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)
ODD: list[Any] = [None, "soon", [], {"a": 1}, True, b"x"]


@pytest.mark.parametrize("value", ODD, ids=str)
def test_an_odd_ticket_is_listed_with_the_others(value: Any) -> None:
    names = ("waiting_since", "noticed_at", "first_seen_at", "diagnosis_summary", "subject", "troubles")
    odd = {"ticket_id": "odd", "severity": "critical", **dict.fromkeys(names, value)}
    rows = chosen([{"ticket_id": "plain"}, odd], Choice(), NOW)
    assert [row.ticket_id for row in rows] == ["odd", "plain"]
    assert rows[0].age_seconds is None


def test_a_value_that_is_none_is_as_one_that_is_missing() -> None:
    [row] = chosen(
        [{"ticket_id": "t", "severity": None, "diagnosis_status": None, "subject": None}], Choice(), NOW
    )
    assert (row.severity, row.diagnosis_status, row.subject) == ("warning", "waiting", "")


def test_the_severest_come_first_then_the_oldest() -> None:
    items = [
        {"ticket_id": "young", "severity": " P1 ", "first_seen_at": "2027-01-15T07:59:00Z"},
        {"ticket_id": "low", "severity": "info", "first_seen_at": "2026-01-15T07:59:00Z"},
        {"ticket_id": "old", "severity": "Critical", "first_seen_at": "2027-01-15T07:00:00Z"},
    ]
    assert [row.ticket_id for row in chosen(items, Choice(), NOW)] == ["old", "young", "low"]
