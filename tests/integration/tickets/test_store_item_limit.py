"""Tickets near DynamoDB's item limit, on an emulator that keeps it: what is cut, and that it is said.

The limit is local/item_limit.py's, by DynamoDB's documents: no account was asked how it counts.
"""

from typing import TYPE_CHECKING, Any, cast

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError
from moto.dynamodb.models.dynamo_type import DynamoType

from local.aws.tables import expression_limit
from local.aws.tables.item_limit import LIMIT_BYTES, bytes_of
from runtime.items import storable
from tests.integration.tickets.standing import (
    ASKED,
    ERROR,
    EVENT,
    FOUND,
    GENERATION,
    LANDS,
    LEASE,
    MOVES,
    NOW,
    STANDS,
    TICKET,
    Item,
)
from tests.integration.tickets.tables import Disturbed, get, put
from tests.support.fake_clock import FakeClock
from tests.support.ticket_store import TicketStore
from tickets.claim import Claim
from tickets.table import WRITE_ATTEMPTS, ItemTooLargeError, MoveRefusedError, TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DIAGNOSIS = {**FOUND, "diagnosis": "d" * 60_000, "diagnosis_record": {"primary": "r" * 40_000}}


def counted(item: Item) -> int:
    serialize = TypeSerializer().serialize
    return sum(
        len(name.encode()) + bytes_of(DynamoType(cast("Any", serialize(storable(value)))))
        for name, value in item.items()
    )


def put_full(table: "Table", *parts: Item, filler: str = "log_tail", room: int = 0) -> Item:
    """Writes a ticket that is `room` bytes short of the limit, most of it in one text."""
    item = put(table, *parts, **{filler: ""})
    return put(
        table,
        item,
        **{filler: "".join(f"line {n}\n" for n in range(60_000))[counted(item) + room - LIMIT_BYTES :]},
    )


def test_the_fullest_ticket_that_fits_is_claimed_and_says_what_it_lost(
    table: "Table", store: TicketStore
) -> None:
    before = put_full(table)
    assert counted(before) == LIMIT_BYTES

    claim = store.runs.claim("T-1", EVENT, LEASE)

    after = get(table)
    assert claim.item == after
    assert after["diagnosis_status"] == "running"
    assert before["log_tail"].endswith(after["log_tail"])
    assert claim.cuts == after["diagnosis_notes"]
    lost = f"log_tail: cut from {len(before['log_tail'])} to {len(after['log_tail'])} bytes to make room"
    assert after["diagnosis_notes"] == [lost]


def test_a_ticket_that_has_room_for_its_claim_loses_nothing(table: "Table", store: TicketStore) -> None:
    before = put_full(table, room=500)

    claim = store.runs.claim("T-1", EVENT, LEASE)

    assert get(table)["log_tail"] == before["log_tail"]
    assert claim.cuts == []


@pytest.mark.parametrize("room", [0, 500, 50_000, 99_000])
def test_a_diagnosis_is_stored_whole_on_a_ticket_without_room_for_it(
    table: "Table", store: TicketStore, room: int
) -> None:
    before = put_full(table, room=room)
    claim = store.runs.claim("T-1", EVENT, LEASE)

    store.runs.complete(claim, {**DIAGNOSIS, "diagnosis_notes": [*claim.cuts, "not usable: held"]})

    after = get(table)
    assert (after["diagnosis_status"], after["status"]) == ("done", "diagnosed")
    assert after["diagnosis"] == DIAGNOSIS["diagnosis"]
    assert after["diagnosis_record"] == DIAGNOSIS["diagnosis_record"]
    assert before["log_tail"].endswith(after["log_tail"])
    at_the_claim = 0 if claim.cuts == [] else 1
    assert after["diagnosis_notes"][at_the_claim] == "not usable: held"
    assert after["diagnosis_notes"][at_the_claim + 1].startswith("log_tail: cut from ")
    assert {name: after[name] for name in TICKET if name != "status"} == {
        name: TICKET[name] for name in TICKET if name != "status"
    }


@pytest.mark.parametrize("filler", ["message", "runbook", "topology", "invariant_name"])
def test_a_diagnosis_is_stored_whole_whatever_fills_the_ticket(
    table: "Table", store: TicketStore, filler: str
) -> None:
    put_full(table, filler=filler)

    store.runs.complete(store.runs.claim("T-1", EVENT, LEASE), DIAGNOSIS)

    after = get(table)
    assert after["diagnosis"] == DIAGNOSIS["diagnosis"]
    assert after["message"]
    assert after["invariant_name"]
    assert any(note.startswith(f"{filler}: cut from ") for note in after["diagnosis_notes"])


def test_a_ticket_full_of_small_attributes_is_diagnosed(table: "Table", store: TicketStore) -> None:
    labels = {f"label_{number:04}": "x" * 89 for number in range(4_090)}
    put_full(table, labels)

    claim = store.runs.claim("T-1", EVENT, LEASE)
    store.runs.complete(claim, {**FOUND, "diagnosis": "d" * 5_000, "diagnosis_notes": claim.cuts})

    after = get(table)
    assert (after["diagnosis_status"], after["message"]) == ("done", TICKET["message"])
    assert after["diagnosis_notes"][-1].endswith(" small attributes removed to make room")


class Bounded:
    """One item that is updated within DynamoDB's limits; moto takes minutes for so many attributes."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.writes_left = 1000

    def get_item(self, **_: Any) -> Any:
        return {"Item": self.item}

    def update_item(self, **request: Any) -> Any:
        self.writes_left -= 1
        if self.writes_left < 0:
            raise ConnectionError
        assert len(request["UpdateExpression"]) <= expression_limit.LIMIT_BYTES
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        sets, _, removes = request["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
        removed = {names[placeholder] for placeholder in removes.split(", ")}
        item = {name: value for name, value in self.item.items() if name not in removed}
        for name, value in (each.split(" = ") for each in sets.split(", ")):
            item[names[name]] = values[value]
        if counted(item) > LIMIT_BYTES:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": TOO_LARGE}}, "UpdateItem")
        self.item = item
        return {"Attributes": item}


@pytest.mark.not_followed  # it runs the lines that a ticket full of small attributes runs, very often
def test_a_ticket_of_twenty_thousand_tiny_attributes_is_diagnosed_however_often_it_is_tried() -> None:
    tags = {f"tag_{number:05}": "x" * 11 for number in range(20_000)}
    running = {**TICKET, **STANDS["running"], **tags}
    bounded = Bounded(running)
    store = TicketStore(TicketTable(cast("Table", bounded)), FakeClock(NOW))
    claim = Claim("T-1", str(running["claim_token"]), running)
    found = {**DIAGNOSIS, "diagnosis_notes": []}

    bounded.writes_left = 4
    with pytest.raises(ConnectionError):
        store.runs.complete(claim, found)
    half = bounded.item
    bounded.writes_left = 1000
    store.runs.complete(claim, found)

    gone = len(tags.keys() - half.keys())
    assert gone > 0
    assert half["diagnosis_notes"] == [f"{gone} attributes removed to make room"]
    after = bounded.item
    assert (after["diagnosis_status"], after["diagnosis"]) == ("done", found["diagnosis"])
    assert {name: after[name] for name in TICKET if name != "status"} == {
        name: TICKET[name] for name in TICKET if name != "status"
    }
    assert len(after.keys() & tags.keys()) > 14_000


@pytest.mark.parametrize("move", ["fail", "defer", "restore", "bring_back", "mark_waiting"])
def test_no_other_move_fails_for_want_of_room(table: "Table", store: TicketStore, move: str) -> None:
    start = {"restore": None, "bring_back": "deferred", "mark_waiting": None}.get(move, "running")
    stands = {name: value for name, value in STANDS[start].items() if name != "noticed_at"}
    before = put_full(table, stands, filler="topology")

    MOVES[move](store, before)

    after = get(table)
    assert after.get("diagnosis_status") == LANDS[move][start]
    assert counted(after) <= LIMIT_BYTES


def test_an_error_is_written_on_a_full_ticket(table: "Table", store: TicketStore) -> None:
    before = put_full(table, STANDS["running"])
    large = {**ERROR, "diagnosis": "e" * 50_000}

    store.runs.fail(Claim("T-1", str(before["claim_token"]), before), large)

    after = get(table)
    assert (after["diagnosis_status"], after["diagnosis"]) == ("failed", large["diagnosis"])
    assert after["diagnosis_notes"][0].startswith("log_tail: cut from ")


def test_a_person_may_ask_again_on_a_full_ticket(table: "Table", store: TicketStore) -> None:
    put_full(table, STANDS["done"], DIAGNOSIS, ASKED)

    store.requests.rediagnose(get(table))

    after = get(table)
    assert [old["diagnosis"] for old in after["diagnosis_history"]] == [DIAGNOSIS["diagnosis"]]
    assert after["diagnosis"] == DIAGNOSIS["diagnosis"]


def test_a_history_too_large_to_keep_loses_its_oldest_diagnosis(table: "Table", store: TicketStore) -> None:
    history = [{"diagnosis": letter * 90_000} for letter in "ab"]
    put(
        table,
        STANDS["done"],
        ASKED,
        diagnosis_history=history,
        diagnosis="c" * 120_000,
        log_tail="l" * 90_000,
    )

    store.requests.rediagnose(get(table))

    after = get(table)
    assert [old["diagnosis"][0] for old in after["diagnosis_history"]] == ["b", "c"]
    assert after["diagnosis"] == "c" * 120_000
    assert after["generation"] == GENERATION + 1


def test_a_refused_move_cuts_nothing(table: "Table", store: TicketStore) -> None:
    before = put_full(table, {"status": "resolved"})

    with pytest.raises(MoveRefusedError):
        store.runs.claim("T-1", EVENT, LEASE)

    assert get(table) == before


TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


class Refusing(Disturbed):
    """boto3's table, but every write is refused with this message."""

    def __init__(self, table: "Table", message: str) -> None:
        super().__init__(table)
        self._message = message

    def update_item(self, **request: Any) -> Any:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": self._message}}, "UpdateItem")


def refusing(table: "Table", message: str) -> TicketStore:
    return TicketStore(TicketTable(cast("Table", Refusing(table, message))), FakeClock(NOW))


@pytest.mark.parametrize("room", [0, 200_000])
def test_a_ticket_that_is_refused_however_much_is_cut_is_given_up(table: "Table", room: int) -> None:
    before = put_full(table, room=room)

    with pytest.raises(ItemTooLargeError):
        refusing(table, TOO_LARGE).runs.claim("T-1", EVENT, LEASE)

    assert get(table) == before


class Growing(Refusing):
    """As Refusing, and with every write somebody adds another large attribute in place of the last."""

    writes = 0

    def update_item(self, **request: Any) -> Any:
        self.writes += 1
        put(self._table, {f"added_{self.writes}": "x" * 409_000})
        return super().update_item(**request)


def test_a_ticket_that_grows_as_fast_as_it_is_cut_is_given_up(table: "Table") -> None:
    growing = Growing(table, TOO_LARGE)

    with pytest.raises(ItemTooLargeError):
        TicketStore(TicketTable(cast("Table", growing)), FakeClock(NOW)).runs.claim("T-1", EVENT, LEASE)

    assert growing.writes == WRITE_ATTEMPTS


def test_a_request_that_no_cut_makes_room_for_is_given_up(table: "Table") -> None:
    put(table, STANDS["done"], ASKED)

    with pytest.raises(ItemTooLargeError):
        refusing(table, TOO_LARGE).requests.rediagnose(get(table))

    assert get(table)["diagnosis_status"] == "done"


@pytest.mark.parametrize(
    "message",
    [
        "An operand in the update expression has an incorrect data type",
        "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size",
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit",
    ],
)
def test_another_validation_error_is_not_taken_for_a_want_of_room(table: "Table", message: str) -> None:
    put_full(table)

    with pytest.raises(ClientError, match=message):
        refusing(table, message).runs.claim("T-1", EVENT, LEASE)
