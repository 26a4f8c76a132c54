"""Similar tickets: diagnosed ones of the same invariant, newest first."""

from typing import TYPE_CHECKING, Any

from tests.integration.tickets.standing import (
    FOUND,
    STANDS,
)
from tests.integration.tickets.tables import put
from tests.support.ticket_store import TicketStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def diagnosed(table: "Table", ticket_id: str, minute: int, **attributes: Any) -> None:
    at = f"2027-01-15T08:{minute:02}:00.000Z"
    put(table, STANDS["done"], ticket_id=ticket_id, diagnosed_at=at, **{"component": "tikv-4", **attributes})


def test_similar_tickets_come_newest_first_and_are_short(table: "Table", store: TicketStore) -> None:
    for minute in (3, 1, 5, 2, 4):
        diagnosed(table, f"S-{minute}", minute)

    found = store.queries.similar_to("store_up", "T-1")

    assert [item["ticket_id"] for item in found] == ["S-5", "S-4", "S-3", "S-2", "S-1"]
    assert found[0]["diagnosis_summary"] == FOUND["diagnosis_summary"]
    assert "diagnosis_record" not in found[0]
    assert (found[0]["component"], found[0]["diagnosed_at"]) == ("tikv-4", "2027-01-15T08:05:00.000Z")


def test_a_ticket_is_not_similar_to_itself(table: "Table", store: TicketStore) -> None:
    for minute in range(4):
        diagnosed(table, f"S-{minute}", minute)

    found = store.queries.similar_to("store_up", "S-3")

    assert [item["ticket_id"] for item in found] == ["S-2", "S-1", "S-0"]


def test_what_people_said_of_it_and_the_violation_come_with_it(table: "Table", store: TicketStore) -> None:
    said = {"verdict": "confirmed", "words": "it was the disk"}
    diagnosed(table, "S-1", 1, diagnosis_feedback=said, violation_key="store_up:4")

    [found] = store.queries.similar_to("store_up", "T-1")

    assert (found["diagnosis_feedback"], found["violation_key"]) == (said, "store_up:4")


def test_failures_other_invariants_and_undiagnosed_tickets_are_not_similar(
    table: "Table", store: TicketStore
) -> None:
    diagnosed(table, "S-1", 1)
    diagnosed(table, "S-2", 2, similar_key="disk_latency")
    put(table, STANDS["failed"], ticket_id="S-3")
    put(table, STANDS["pending"], ticket_id="S-4")

    assert [item["ticket_id"] for item in store.queries.similar_to("store_up", "T-1")] == ["S-1"]


def test_there_may_be_no_similar_ticket(store: TicketStore) -> None:
    assert store.queries.similar_to("store_up", "T-1") == []
