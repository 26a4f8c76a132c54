"""People who write during a run, and who ask for a fresh diagnosis."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.integration.tickets.standing import (
    ASKED,
    ERROR,
    EVENT,
    FOUND,
    LEASE,
    MOVES,
    NOW,
    STANDS,
    Item,
)
from tests.integration.tickets.tables import Disturbed, disturbed, get, put
from tests.support.fake_clock import FakeClock
from tests.support.ticket_store import TicketStore
from tickets.history import HISTORY_LENGTH
from tickets.table import WRITE_ATTEMPTS, MoveRefusedError, TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.mark.parametrize("status", ["acknowledged", "resolved", "diagnosed", "misspelt"])
@pytest.mark.parametrize("when", ["before the write", "between the look and the write"])
def test_a_status_that_a_person_set_during_the_run_is_never_undone(
    table: "Table", store: TicketStore, clock: FakeClock, status: str, when: str
) -> None:
    put(table)
    claim = store.runs.claim("T-1", EVENT, LEASE)

    def person() -> None:
        table.update_item(
            Key={"ticket_id": "T-1"},
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": status},
        )

    if when == "before the write":
        person()
        store.runs.complete(claim, FOUND)
    else:
        disturbed(table, clock, person).runs.complete(claim, FOUND)

    after = get(table)
    assert (after["status"], after["diagnosis_status"]) == (status, "done")
    assert after["diagnosis"] == FOUND["diagnosis"]


class Restless(Disturbed):
    """boto3's table, on which a person changes both status and request just before every write."""

    writes = 0

    def update_item(self, **request: Any) -> Any:
        self.writes += 1
        odd = self.writes % 2
        put(
            self._table,
            get(self._table),
            status="acknowledged" if odd else "open",
            rediagnose=ASKED["rediagnose"] if odd else "something else",
        )
        return super().update_item(**request)


def test_a_person_who_never_stops_writing_does_not_hold_the_invocation_up(
    table: "Table", store: TicketStore, clock: FakeClock
) -> None:
    put(table, ASKED)
    claim = store.runs.claim("T-1", EVENT, LEASE)
    put(table, get(table), rediagnose="something else")
    restless = Restless(table)

    with pytest.raises(MoveRefusedError):
        TicketStore(TicketTable(cast("Table", restless)), clock).runs.complete(claim, FOUND)

    assert restless.writes == WRITE_ATTEMPTS
    assert get(table)["diagnosis_status"] == "running"  # until its lease is over, and sweep takes it up


@pytest.mark.parametrize("status", ["open", "acknowledged"])
def test_a_status_that_stood_before_the_run_becomes_diagnosed(
    table: "Table", store: TicketStore, status: str
) -> None:
    put(table, status=status)

    store.runs.complete(store.runs.claim("T-1", EVENT, LEASE), FOUND)

    assert get(table)["status"] == "diagnosed"


@pytest.mark.parametrize("status", ["resolved", "diagnosed"])
def test_a_finished_tickets_status_outlives_a_fresh_diagnosis(
    table: "Table", store: TicketStore, status: str
) -> None:
    put(table, STANDS["pending"], ASKED, status=status)

    store.runs.complete(store.runs.claim("T-1", EVENT, LEASE), FOUND)

    after = get(table)
    assert (after["status"], after["diagnosis_status"]) == (status, "done")
    assert "rediagnose" not in after


@pytest.mark.parametrize("move", ["complete", "fail", "defer"])
def test_what_people_and_monitors_wrote_during_the_run_stays(
    table: "Table", store: TicketStore, move: str
) -> None:
    before = put(table, STANDS["running"])
    put(
        table, before, occurrence_count=40, held=True, assignee="someone", last_seen_at="2027-01-15T08:00:00Z"
    )

    MOVES[move](store, before)

    after = get(table)
    assert (after["occurrence_count"], after["held"], after["assignee"]) == (40, True, "someone")


@pytest.mark.parametrize(("move", "served"), [("complete", True), ("fail", True), ("defer", False)])
def test_a_request_is_gone_once_it_is_served(
    table: "Table", store: TicketStore, move: str, served: bool
) -> None:
    put(table, STANDS["pending"], ASKED)
    claim = store.runs.claim("T-1", EVENT, LEASE)
    endings = {
        "complete": lambda: store.runs.complete(claim, FOUND),
        "fail": lambda: store.runs.fail(claim, ERROR),
        "defer": lambda: store.runs.defer(claim, NOW + 60, {}),
    }

    endings[move]()

    assert ("rediagnose" not in get(table)) == served


@pytest.mark.parametrize("asked", [{}, ASKED])
@pytest.mark.parametrize("move", ["complete", "fail"])
def test_a_request_made_during_the_run_waits_for_the_next(
    table: "Table", store: TicketStore, clock: FakeClock, move: str, asked: Item
) -> None:
    put(table, asked)
    claim = store.runs.claim("T-1", EVENT, LEASE)

    def person() -> None:
        table.update_item(
            Key={"ticket_id": "T-1"},
            UpdateExpression="SET rediagnose = :text",
            ExpressionAttributeValues={":text": "and now?"},
        )

    late = disturbed(table, clock, person).runs
    late.complete(claim, FOUND) if move == "complete" else late.fail(claim, ERROR)

    assert get(table)["rediagnose"] == "and now?"


def test_a_fresh_diagnosis_keeps_the_last_ones_in_a_short_history(table: "Table", store: TicketStore) -> None:
    put(table)
    for number in range(HISTORY_LENGTH + 2):
        claim = store.runs.claim("T-1", f"event-{number}", LEASE)
        store.runs.complete(claim, {**FOUND, "diagnosis": f"diagnosis {number}"})
        put(table, get(table), rediagnose=f"request {number}")
        store.requests.rediagnose(get(table))

    after = get(table)
    assert [old["diagnosis"] for old in after["diagnosis_history"]] == [
        "diagnosis 2",
        "diagnosis 3",
        "diagnosis 4",
    ]
    assert after["diagnosis_history"][-1] == {
        "diagnosis": "diagnosis 4",
        "diagnosed_at": FOUND["diagnosed_at"],
        "diagnosis_model": "claude-test",
        "prompt_version": "p1",
        "rediagnose": "request 4",
    }
    assert after["diagnosis"] == "diagnosis 4"  # until there is a newer one
    assert after["generation"] == HISTORY_LENGTH + 2


def test_what_was_said_of_the_old_diagnosis_goes_with_it_into_the_history(
    table: "Table", store: TicketStore
) -> None:
    said = {"verdict": "wrong", "words": "it was the fan"}
    put(table, STANDS["done"], ASKED, status="diagnosed", diagnosis_feedback=said)
    store.requests.rediagnose(get(table))

    store.runs.complete(store.runs.claim("T-1", EVENT, LEASE), FOUND)

    after = get(table)
    assert "diagnosis_feedback" not in after
    assert after["diagnosis_history"][-1]["diagnosis_feedback"] == said


def test_a_failure_is_no_diagnosis_to_keep(table: "Table", store: TicketStore) -> None:
    put(table, STANDS["failed"], ASKED, attempts=3, troubles=3)

    store.requests.rediagnose(get(table))

    after = get(table)
    assert "diagnosis_history" not in after
    assert not {"attempts", "troubles"} & after.keys()


def test_nothing_is_diagnosed_again_without_a_request(table: "Table", store: TicketStore) -> None:
    put(table, STANDS["done"])

    with pytest.raises(MoveRefusedError):
        store.requests.rediagnose({**get(table), **ASKED})

    assert get(table)["diagnosis_status"] == "done"
