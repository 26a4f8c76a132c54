"""What sweep reads, page by page, and tickets that were forgotten."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from runtime.unreadable import Unreadable
from tests.integration.tickets.standing import (
    ASKED,
    MOVES,
    NOW,
    STANDS,
    TICKET,
    Item,
)
from tests.integration.tickets.tables import Disturbed, all_pages, get, put
from tests.support.fake_clock import FakeClock
from tests.support.ticket_store import TicketStore
from tickets.states import DiagnosisStatus, Status
from tickets.table import MoveRefusedError, TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def test_every_ticket_of_a_status_is_on_some_page(table: "Table", store: TicketStore) -> None:
    large = "x" * 2000  # an index's page ends at a megabyte
    with table.batch_writer() as batch:
        for number in range(600):
            batch.put_item(Item={**TICKET, "ticket_id": f"T-{number}", "rediagnose": large})
        batch.put_item(Item={**TICKET, "ticket_id": "R-1", "status": "resolved"})

    pages = all_pages(partial(store.queries.page, Status.OPEN))
    requests = all_pages(store.queries.page_of_requests)

    for found in (pages, requests):
        assert len(found) > 1
        ids = [item["ticket_id"] for page in found for item in page]
        assert sorted(ids) == sorted(f"T-{number}" for number in range(600))


def test_what_cannot_be_read_under_a_name_of_the_pipelines_is_removed(
    table: "Table", store: TicketStore
) -> None:
    put(table, generation="three", noticed_at="noon")

    store.repairs.remove_invalid("T-1", {"generation": Unreadable("Q"), "noticed_at": "noon"})

    assert get(table) == TICKET


def test_a_page_shows_what_sweep_decides_by(table: "Table", store: TicketStore) -> None:
    stands = {
        **STANDS["deferred"],
        **ASKED,
        "lease_until": NOW,
        "noticed_at": NOW,
    }
    put(table, stands)

    page, after = store.queries.page(Status.OPEN, None)
    requests, _ = store.queries.page_of_requests(None)

    needed = {"diagnosis_status", "generation", "lease_until", "not_before", "deferred_for", "noticed_at"}
    expected = {name: get(table)[name] for name in (*needed, "waiting_since", "rediagnose", "ticket_id")}
    assert after is None
    assert page == [{**expected, "status": "open", "invariant_name": "store_up"}]
    assert requests == [{**expected, "status": "open"}]


def test_no_ticket_no_page(store: TicketStore) -> None:
    assert store.queries.page(Status.OPEN, None) == ([], None)
    assert store.queries.page_of_requests(None) == ([], None)


def test_only_open_requests_are_read_for_requests(table: "Table", store: TicketStore) -> None:
    put(table, STANDS["done"])
    put(table, STANDS["done"], ASKED, ticket_id="T-2", status="resolved")

    requests, _ = store.queries.page_of_requests(None)

    assert [item["ticket_id"] for item in requests] == ["T-2"]


def test_a_ticket_is_read_as_it_is_and_a_missing_one_is_none(table: "Table", store: TicketStore) -> None:
    put(table, raw=b"\x00\x01", tags={"a", "b"}, nested={"raw": [b"\x02"]})

    assert store.queries.get("T-1") == {
        **TICKET,
        "raw": b"\x00\x01",
        "tags": {"a", "b"},
        "nested": {"raw": [b"\x02"]},
    }
    assert store.queries.get("T-2") is None


@pytest.mark.parametrize("status", DiagnosisStatus)
def test_a_refusal_says_where_the_ticket_stands(
    table: "Table", store: TicketStore, status: DiagnosisStatus
) -> None:
    put(table, STANDS[status])

    with pytest.raises(MoveRefusedError, match=f"^ticket is {status}$"):
        MOVES["bring_back"](store, {})


@pytest.mark.parametrize("start", [None, "pending"])
def test_a_waiting_ticket_is_stamped_once(
    table: "Table", store: TicketStore, clock: FakeClock, start: str | None
) -> None:
    put(table, {name: value for name, value in STANDS[start].items() if name != "noticed_at"})

    store.recovery.mark_waiting("T-1")
    clock.advance(300)
    with pytest.raises(MoveRefusedError):
        store.recovery.mark_waiting("T-1")

    assert get(table)["noticed_at"] == NOW


@pytest.mark.parametrize(
    ("start", "since"),
    [
        (None, {"noticed_at": NOW - 999}),
        ("pending", {"noticed_at": NOW - 999}),
        ("running", {"lease_until": NOW + 300}),
        (None, {"diagnosis_status": "a word of a producer's"}),
    ],
    ids=["marked again", "pending again", "claimed again", "overwritten"],
)
def test_a_ticket_that_has_moved_on_since_the_index_was_read_is_left_alone(
    table: "Table", store: TicketStore, start: str | None, since: Item
) -> None:
    seen = put(table, STANDS[start])
    put(table, STANDS[start], since)
    stored = get(table)

    with pytest.raises(MoveRefusedError):
        MOVES["bring_back"](store, seen)

    assert get(table) == stored


def test_a_status_that_is_none_of_ours_is_brought_back(table: "Table", store: TicketStore) -> None:
    seen = put(table, diagnosis_status="paused")

    MOVES["bring_back"](store, seen)

    assert get(table)["diagnosis_status"] == "pending"


def test_a_forgotten_pending_ticket_goes_by_way_of_deferred(table: "Table", store: TicketStore) -> None:
    before = put(table, STANDS["pending"])
    written: list[Item] = []

    class Watched(Disturbed):
        def update_item(self, **request: Any) -> Any:
            answer = super().update_item(**request)
            written.append(answer["Attributes"])
            return answer

    MOVES["bring_back"](TicketStore(TicketTable(cast("Table", Watched(table))), FakeClock(NOW)), before)

    assert [item["diagnosis_status"] for item in written] == ["deferred", "pending"]
