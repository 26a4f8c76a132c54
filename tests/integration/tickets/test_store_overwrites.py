"""Producers that overwrite the whole ticket: the run ends on it, and what was erased comes back."""

from typing import TYPE_CHECKING

import pytest

from runtime.items import storable
from tests.integration.tickets.standing import (
    ERROR,
    EVENT,
    FOUND,
    GENERATION,
    LANDS,
    LEASE,
    NOW,
    STANDS,
    TICKET,
)
from tests.integration.tickets.tables import get, put
from tests.support.ticket_store import TicketStore
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.table import MoveRefusedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.mark.parametrize("move", ["complete", "fail", "defer"])
def test_a_run_whose_ticket_was_overwritten_still_ends_on_it(
    table: "Table", store: TicketStore, move: str
) -> None:
    put(table, STANDS["pending"])
    claim = store.runs.claim("T-1", EVENT, LEASE)
    put(table, status="acknowledged", occurrence_count=4)
    endings = {
        "complete": lambda: store.runs.complete(claim, FOUND),
        "fail": lambda: store.runs.fail(claim, ERROR),
        "defer": lambda: store.runs.defer(claim, NOW + 60, {"deferred_for": "gate"}),
    }

    endings[move]()

    after = get(table)
    assert after["diagnosis_status"] == LANDS[move]["running"]
    assert after["status"] == ("diagnosed" if move == "complete" else "acknowledged")
    assert (after["generation"], after["claim_token"]) == (GENERATION, claim.token)
    assert after["occurrence_count"] == 4


def test_a_run_does_not_end_on_an_overwritten_ticket_that_another_has_claimed(
    table: "Table", store: TicketStore
) -> None:
    put(table)
    first = store.runs.claim("T-1", EVENT, LEASE)
    put(table)
    second = store.runs.claim("T-1", "event-2", LEASE)

    with pytest.raises(MoveRefusedError):
        store.runs.complete(first, FOUND)

    assert get(table)["claim_token"] == second.token


@pytest.mark.parametrize("start", [status for status in STANDS if status])
def test_an_overwritten_ticket_gets_back_what_the_pipeline_had_written(
    table: "Table", store: TicketStore, start: str
) -> None:
    said = {"verdict": "confirmed", "words": "it was the disk"}
    erased = storable(put(table, STANDS[start], status="acknowledged", diagnosis_feedback=said))
    put(table, occurrence_count=4)

    store.repairs.restore("T-1", erased, "open")

    after = get(table)
    assert {name: after.get(name) for name in PIPELINE_ATTRIBUTES} == {
        name: erased.get(name) for name in PIPELINE_ATTRIBUTES
    }
    assert (after["status"], after["occurrence_count"]) == ("open", 4)


@pytest.mark.parametrize(
    ("before", "overwritten", "after"),
    [("diagnosed", "open", "diagnosed"), ("open", "open", "open"), ("acknowledged", "open", "open")],
)
def test_an_overwritten_ticket_is_diagnosed_again_only_if_it_was(
    table: "Table", store: TicketStore, before: str, overwritten: str, after: str
) -> None:
    erased = put(table, STANDS["done"], status=before)
    put(table, status=overwritten)

    store.repairs.restore("T-1", erased, "open")

    assert get(table)["status"] == after


@pytest.mark.parametrize("status", ["resolved", "diagnosed"])
def test_an_overwritten_ticket_that_is_over_is_not_restored(
    table: "Table", store: TicketStore, status: str
) -> None:
    put(table, status=status)

    with pytest.raises(MoveRefusedError):
        store.repairs.restore("T-1", STANDS["running"], "open")

    assert "diagnosis_status" not in get(table)


def test_restoring_writes_no_attribute_of_a_producers(table: "Table", store: TicketStore) -> None:
    erased = put(table, STANDS["done"], message="an older message", runbook="an old link")
    put(table)

    store.repairs.restore("T-1", erased, "open")

    assert get(table)["message"] == TICKET["message"]
    assert "runbook" not in get(table)


def test_what_another_incident_begins_anew_is_not_set_back_by_an_older_overwrite(
    table: "Table", store: TicketStore
) -> None:
    """The older overwrite's record comes again, before anything claims the ticket."""
    older = storable(put(table, STANDS["done"], generation=1))
    newer = storable(put(table, STANDS["done"], generation=2))
    put(table, message="the network is down")
    store.repairs.begin_anew("T-1", newer)
    begun = get(table)

    store.repairs.begin_anew("T-1", older)
    with pytest.raises(MoveRefusedError):
        store.repairs.restore("T-1", older, "open")

    assert begun["generation"] == 3
    assert get(table) == begun


def test_a_record_that_is_tried_again_begins_the_ticket_anew_once(table: "Table", store: TicketStore) -> None:
    erased = storable(put(table, STANDS["done"]))
    put(table, message="the network is down")

    store.repairs.begin_anew("T-1", erased)
    begun = get(table)
    store.repairs.begin_anew("T-1", erased)

    assert (begun["generation"], len(begun["diagnosis_history"])) == (GENERATION + 1, 1)
    assert get(table) == begun


def test_a_run_does_not_end_on_a_ticket_that_was_begun_anew(table: "Table", store: TicketStore) -> None:
    """A person resolved it during the run, and it was overwritten as open long after its last diagnosis."""
    put(table, STANDS["pending"])
    claim = store.runs.claim("T-1", EVENT, LEASE)
    erased = get(table)
    put(table)
    store.repairs.begin_anew("T-1", erased)

    with pytest.raises(MoveRefusedError):
        store.runs.complete(claim, FOUND)

    assert get(table)["generation"] == GENERATION + 1
