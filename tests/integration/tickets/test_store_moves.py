"""Every move of a ticket: where it may start, where it ends, and that it changes nothing when refused."""

from typing import TYPE_CHECKING

import pytest

from tests.integration.tickets.standing import (
    ALLOWED,
    ASKED,
    EVENT,
    GENERATION,
    LANDS,
    LEASE,
    MOVES,
    RAISING,
    REFUSED,
    REPEATED,
    STANDS,
    TICKET,
    standing,
)
from tests.integration.tickets.tables import get, items, put
from tests.support.ticket_store import TicketStore
from tickets.table import MoveRefusedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.mark.parametrize(("move", "start"), ALLOWED)
def test_a_move_ends_where_the_table_says(
    table: "Table", store: TicketStore, move: str, start: str | None
) -> None:
    before = put(table, standing(start, move))

    MOVES[move](store, before)

    after = get(table)
    assert after.get("diagnosis_status") == LANDS[move][start]
    assert {name: after[name] for name in TICKET if name != "status"} == {
        name: value for name, value in TICKET.items() if name != "status"
    }


@pytest.mark.parametrize(("move", "start"), REFUSED)
def test_a_move_from_anywhere_else_is_refused_and_changes_nothing(
    table: "Table", store: TicketStore, move: str, start: str | None
) -> None:
    before = put(table, standing(start, move))
    stored = get(table)

    with pytest.raises(MoveRefusedError) as refused:
        MOVES[move](store, before)

    assert get(table) == stored
    assert refused.value.item == stored


@pytest.mark.parametrize(("move", "start"), REPEATED)
def test_an_ending_that_was_already_written_is_not_written_again(
    table: "Table", store: TicketStore, move: str, start: str
) -> None:
    before = put(table, standing(start, move))
    stored = get(table)

    MOVES[move](store, before)

    assert get(table) == stored


@pytest.mark.parametrize("move", MOVES)
def test_no_move_brings_a_deleted_ticket_back(table: "Table", store: TicketStore, move: str) -> None:
    with pytest.raises(MoveRefusedError, match="deleted") as refused:
        MOVES[move](store, {**STANDS["running"], **ASKED})

    assert items(table) == []
    assert refused.value.item == {}


@pytest.mark.parametrize("move", RAISING)
def test_every_way_back_to_pending_raises_the_generation_by_one(
    table: "Table", store: TicketStore, move: str
) -> None:
    for start in LANDS[move]:
        before = put(table, standing(start, move))

        MOVES[move](store, before)

        assert get(table)["generation"] == before.get("generation", 0) + 1


@pytest.mark.parametrize("move", RAISING)
@pytest.mark.parametrize("moved_on", [GENERATION - 1, GENERATION + 1])
def test_a_way_back_is_refused_in_another_generation(
    table: "Table", store: TicketStore, move: str, moved_on: int
) -> None:
    for start in LANDS[move]:
        if start is None:
            continue  # a ticket that the pipeline has not met has no generation
        before = put(table, standing(start, move))
        put(table, before, generation=moved_on)

        with pytest.raises(MoveRefusedError):
            MOVES[move](store, before)

        assert get(table)["generation"] == moved_on


@pytest.mark.parametrize("move", RAISING)
def test_a_way_back_leaves_no_mark_of_the_wait(table: "Table", store: TicketStore, move: str) -> None:
    for start in LANDS[move]:
        before = put(table, standing(start, move))

        MOVES[move](store, before)

        assert not {"not_before", "deferred_for", "deferred_reason"} & get(table).keys()


@pytest.mark.parametrize("status", ["resolved", "diagnosed", "opne", ""])
@pytest.mark.parametrize(
    ("move", "start"),
    [
        ("claim", None),
        ("claim", "pending"),
        ("bring_back", None),
        ("bring_back", "pending"),
        ("bring_back", "running"),
        ("bring_back", "deferred"),
    ],
)
def test_a_ticket_that_waits_for_no_diagnosis_is_not_brought_back(
    table: "Table", store: TicketStore, move: str, start: str | None, status: str
) -> None:
    before = put(table, STANDS[start], status=status or "resolved")

    with pytest.raises(MoveRefusedError):
        MOVES[move](store, before)

    assert get(table).get("diagnosis_status") == start


@pytest.mark.parametrize("status", ["resolved", "opne"])
def test_a_ticket_that_is_finished_for_people_is_not_redriven(
    table: "Table", store: TicketStore, status: str
) -> None:
    put(table, STANDS["failed"], status=status)

    with pytest.raises(MoveRefusedError):
        store.recovery.redrive("T-1", GENERATION)

    assert get(table)["diagnosis_status"] == "failed"


def test_a_diagnosed_ticket_whose_fresh_diagnosis_failed_is_redriven(
    table: "Table", store: TicketStore
) -> None:
    put(table, STANDS["failed"], status="diagnosed")

    store.recovery.redrive("T-1", GENERATION)

    after = get(table)
    assert (after["status"], after["diagnosis_status"]) == ("diagnosed", "pending")
    assert after["rediagnose"], "without an open request neither claim nor sweep would look at it"


def test_a_ticket_without_a_status_is_not_claimed(table: "Table", store: TicketStore) -> None:
    table.put_item(Item={"ticket_id": "T-1", "invariant_name": "store_up", "message": "down"})

    with pytest.raises(MoveRefusedError):
        store.runs.claim("T-1", EVENT, LEASE)


@pytest.mark.parametrize("status", ["resolved", "diagnosed"])
@pytest.mark.parametrize(
    ("move", "start"),
    [
        ("claim", "pending"),
        ("bring_back", "pending"),
        ("bring_back", "running"),
        ("bring_back", "deferred"),
        ("redrive", "failed"),
        ("rediagnose", "done"),
        ("rediagnose", "failed"),
    ],
)
def test_a_finished_ticket_is_worked_on_when_a_person_asks(
    table: "Table", store: TicketStore, move: str, start: str, status: str
) -> None:
    before = put(table, STANDS[start], ASKED, status=status)

    MOVES[move](store, before)

    after = get(table)
    assert after["diagnosis_status"] == LANDS[move][start]
    assert (after["status"], after["rediagnose"]) == (status, ASKED["rediagnose"])
