"""A run from its claim to its end: token, lease, what is counted, and answers that were lost on the way."""

from typing import TYPE_CHECKING

import pytest

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
    RAISING,
    STANDS,
    Item,
    standing,
)
from tests.integration.tickets.tables import disturbed, get, put
from tests.support.fake_clock import FakeClock
from tests.support.ticket_store import TicketStore
from tickets.table import MoveRefusedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def test_a_claim_leases_the_ticket_and_returns_its_newest_image(table: "Table", store: TicketStore) -> None:
    put(table)

    claim = store.runs.claim("T-1", EVENT, LEASE)

    assert claim.item == get(table)
    assert (claim.item["claim_token"], claim.item["claim_event"]) == (claim.token, EVENT)
    assert claim.item["lease_until"] == NOW + LEASE
    assert (claim.generation, claim.attempts, claim.troubles) == (0, 1, 0)
    assert claim.attempt_seconds is None
    assert claim.item["waiting_since"] == NOW
    assert claim.cuts == []


def test_claims_after_the_first_keep_when_it_began_and_count(
    table: "Table", store: TicketStore, clock: FakeClock
) -> None:
    put(table)
    first = store.runs.claim("T-1", EVENT, LEASE)
    clock.advance(LEASE + 1)
    store.recovery.bring_back(get(table))

    second = store.runs.claim("T-1", "event-2", LEASE)

    assert (second.attempts, second.generation) == (2, 1)
    assert second.token != first.token
    assert second.item["waiting_since"] == NOW


def test_a_claim_reads_what_earlier_runs_noted(table: "Table", store: TicketStore) -> None:
    put(table, STANDS["pending"], attempts=1, troubles=4, attempt_seconds=20)

    claim = store.runs.claim("T-1", EVENT, LEASE)

    assert (claim.attempts, claim.troubles, claim.attempt_seconds) == (2, 4, 20.0)


def test_a_running_ticket_is_claimed_by_no_other_event_even_when_its_lease_is_over(
    table: "Table", store: TicketStore, clock: FakeClock
) -> None:
    put(table)
    store.runs.claim("T-1", EVENT, LEASE)
    clock.advance(LEASE + 1)

    with pytest.raises(MoveRefusedError, match="running"):
        store.runs.claim("T-1", "event-2", LEASE)


def test_a_retried_event_passes_its_own_claim_only_once_the_lease_is_over(
    table: "Table", store: TicketStore, clock: FakeClock
) -> None:
    put(table)
    first = store.runs.claim("T-1", EVENT, LEASE)

    clock.advance(LEASE)
    with pytest.raises(MoveRefusedError):
        store.runs.claim("T-1", EVENT, LEASE)
    clock.advance(0.5)
    second = store.runs.claim("T-1", EVENT, LEASE)

    assert second.token != first.token
    assert (second.attempts, second.generation) == (2, 0)


def test_a_released_claim_can_be_taken_again_by_the_same_event_at_once(
    table: "Table", store: TicketStore
) -> None:
    put(table)
    store.runs.release(store.runs.claim("T-1", EVENT, LEASE), 12.5)

    again = store.runs.claim("T-1", EVENT, LEASE)
    assert (again.attempts, again.attempt_seconds) == (2, 12.5)


def test_an_attempt_that_is_not_to_count_does_not(table: "Table", store: TicketStore) -> None:
    put(table)
    store.runs.release(store.runs.claim("T-1", EVENT, LEASE), None)

    again = store.runs.claim("T-1", EVENT, LEASE)
    assert (again.attempts, again.attempt_seconds) == (1, None)


@pytest.mark.parametrize("move", ["release", "complete", "fail", "defer"])
def test_only_the_holder_of_the_token_ends_a_run(table: "Table", store: TicketStore, move: str) -> None:
    before = put(table, STANDS["running"], claim_token="another's")

    with pytest.raises(MoveRefusedError):
        MOVES[move](store, before)

    assert get(table)["diagnosis_status"] == "running"


def test_whoever_was_recovered_from_cannot_write_any_more(
    table: "Table", store: TicketStore, clock: FakeClock
) -> None:
    put(table)
    slow = store.runs.claim("T-1", EVENT, LEASE)
    clock.advance(LEASE + 1)
    store.recovery.bring_back(get(table))
    quick = store.runs.claim("T-1", "event-2", LEASE)
    store.runs.complete(quick, FOUND)

    with pytest.raises(MoveRefusedError):
        store.runs.complete(slow, {**FOUND, "diagnosis": "too late"})

    assert get(table)["diagnosis"] == FOUND["diagnosis"]


def test_a_claim_whose_answer_was_lost_is_a_claim(table: "Table", clock: FakeClock) -> None:
    put(table)

    claim = disturbed(table, clock, answers_lost=True).runs.claim("T-1", EVENT, LEASE)

    assert claim.item == get(table)
    assert (claim.item["claim_token"], claim.attempts) == (claim.token, 1)


@pytest.mark.parametrize("move", ["complete", "fail", "defer"])
@pytest.mark.parametrize("asked", [{}, ASKED])
def test_an_ending_whose_answer_was_lost_has_happened_once(
    table: "Table", store: TicketStore, clock: FakeClock, move: str, asked: Item
) -> None:
    put(table, asked)
    claim = store.runs.claim("T-1", EVENT, LEASE)
    endings = {
        "complete": lambda at: at.complete(claim, FOUND),
        "fail": lambda at: at.fail(claim, ERROR),
        "defer": lambda at: at.defer(claim, NOW + 60, {}),
    }

    endings[move](disturbed(table, clock, answers_lost=True).runs)

    after = get(table)
    assert after["diagnosis_status"] == LANDS[move]["running"]
    assert after["generation"] == 0


@pytest.mark.parametrize("move", RAISING)
def test_a_way_back_whose_answer_was_lost_raises_the_generation_once(
    table: "Table", clock: FakeClock, move: str
) -> None:
    for start in LANDS[move]:
        before = put(table, standing(start, move))

        with pytest.raises(MoveRefusedError):
            MOVES[move](disturbed(table, clock, answers_lost=True), before)

        # A forgotten ticket may stop half way, deferred and overdue: sweep's next run goes on from there.
        after = get(table)
        assert after["generation"] - before.get("generation", 0) == (after["diagnosis_status"] == "pending")
        assert after["diagnosis_status"] in ("pending", "deferred")


def test_a_diagnosis_is_written_with_the_status_and_the_run_is_cleared_away(
    table: "Table", store: TicketStore
) -> None:
    put(table, STANDS["pending"], diagnosis_error={"kind": "old"}, troubles=1, trouble_seconds=1)

    store.runs.complete(store.runs.claim("T-1", EVENT, LEASE), FOUND)

    after = get(table)
    assert after["status"] == "diagnosed"
    assert {name: after[name] for name in FOUND} == FOUND
    assert after["generation"] == GENERATION
    gone = {"lease_until", "attempts", "waiting_since", "troubles", "diagnosis_error"}
    assert not gone & after.keys()
    assert not {"trouble_seconds", "noticed_at"} & after.keys()


def test_a_failure_is_written_and_leaves_the_status_to_people(table: "Table", store: TicketStore) -> None:
    put(table)

    store.runs.fail(store.runs.claim("T-1", EVENT, LEASE), ERROR)

    after = get(table)
    assert (after["status"], after["diagnosis_status"]) == ("open", "failed")
    assert after["diagnosis_error"] == ERROR["diagnosis_error"]
    assert not {"lease_until", "attempts", "waiting_since"} & after.keys()


def test_a_failed_ticket_leaves_the_index_of_similar_ones(table: "Table", store: TicketStore) -> None:
    put(table, STANDS["done"], ASKED, status="diagnosed", diagnosis_feedback={"verdict": "wrong"})
    store.requests.rediagnose(get(table))

    store.runs.fail(store.runs.claim("T-1", EVENT, LEASE), ERROR)

    assert store.queries.similar_to("store_up", "another") == []
    gone = {"similar_key", "diagnosed_at", "diagnosis_record", "diagnosis_summary", "diagnosis_feedback"}
    assert not {*gone, "diagnosis_charts"} & get(table).keys()


def test_a_deferred_ticket_waits_with_its_reason_and_its_series(table: "Table", store: TicketStore) -> None:
    put(table)
    claim = store.runs.claim("T-1", EVENT, LEASE)

    store.runs.defer(claim, NOW + 90.5, {"deferred_for": "fault", "troubles": 1})

    after = get(table)
    assert (after["diagnosis_status"], after["status"]) == ("deferred", "open")
    assert (after["not_before"], after["deferred_for"]) == (NOW + 90.5, "fault")
    assert (after["attempts"], after["troubles"], after["waiting_since"]) == (0, 1, NOW)
    assert not {"lease_until", "attempt_seconds"} & after.keys()


def test_a_deferred_ticket_comes_back_with_its_troubles(table: "Table", store: TicketStore) -> None:
    put(table)
    store.runs.defer(store.runs.claim("T-1", EVENT, LEASE), NOW + 60, {"troubles": 1})
    store.recovery.bring_back(get(table))

    claim = store.runs.claim("T-1", "event-2", LEASE)

    assert (claim.generation, claim.attempts, claim.troubles) == (1, 1, 1)


def test_a_redriven_ticket_starts_again(table: "Table", store: TicketStore) -> None:
    put(table, STANDS["failed"], attempts=4, troubles=3, attempt_seconds=3)

    store.recovery.redrive("T-1", GENERATION)

    claim = store.runs.claim("T-1", EVENT, LEASE)
    assert (claim.attempts, claim.troubles, claim.attempt_seconds) == (1, 0, None)
