"""What people write: by buttons, the command line and the board alike."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from runtime.clock import iso
from tests.integration.tickets.standing import GENERATION, NOW, STANDS, TICKET
from tests.integration.tickets.tables import get, put
from tests.support.fake_clock import FakeClock
from tickets.feedback import Verdict, feedback_of
from tickets.people import MAX_REQUEST_BYTES, MAX_WORDS_BYTES, Outcome, People
from tickets.table import TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DIAGNOSED = {**TICKET, **STANDS["done"], "status": "diagnosed"}
HOSTILE = "<!channel> \x1b[31m*bold*\x00 \u202eevil\u200b " + "words " * 1000
WRITES: dict[str, Callable[[People, str, int | None], Outcome]] = {
    "acknowledge": lambda people, ticket, seen: people.acknowledge(ticket, generation=seen),
    "resolve": lambda people, ticket, seen: people.resolve(ticket, generation=seen),
    "hold": lambda people, ticket, seen: people.hold(ticket, generation=seen),
    "rediagnose": lambda people, ticket, seen: people.rediagnose(ticket, generation=seen),
    "confirmed": lambda people, ticket, seen: people.feedback(ticket, Verdict.CONFIRMED, generation=seen),
    "wrong": lambda people, ticket, seen: people.feedback(ticket, Verdict.WRONG, generation=seen),
    "detach": lambda people, ticket, seen: people.detach(ticket, generation=seen),
}
WRITTEN = {
    "acknowledge": {"acknowledged_at", "acknowledged_by"},
    "resolve": {"status"},
    "hold": {"held"},
    "rediagnose": {"rediagnose"},
    "confirmed": {"diagnosis_feedback"},
    "wrong": {"diagnosis_feedback"},
    "detach": {"detach"},
}


@pytest.fixture
def people(table: "Table", clock: FakeClock) -> People:
    return People(TicketTable(table), clock)


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_changes_its_own_attributes_and_the_second_time_nothing(
    table: "Table", people: People, write: str
) -> None:
    put(table, DIAGNOSED, incident_id="T-0")
    before = get(table)

    assert WRITES[write](people, "T-1", GENERATION) is Outcome.DONE
    after = get(table)
    assert changed(before, after) == WRITTEN[write]
    assert WRITES[write](people, "T-1", GENERATION) is Outcome.ALREADY
    assert get(table) == after


@pytest.mark.parametrize("write", WRITES)
def test_a_deleted_ticket_is_not_brought_back(table: "Table", people: People, write: str) -> None:
    assert WRITES[write](people, "T-1", None) is Outcome.UNKNOWN
    assert get(table) == {}


@pytest.mark.parametrize("write", WRITES)
def test_what_was_meant_for_an_earlier_diagnosis_is_not_written(
    table: "Table", people: People, write: str
) -> None:
    put(table, DIAGNOSED, incident_id="T-0", generation=GENERATION + 1)
    before = get(table)

    assert WRITES[write](people, "T-1", GENERATION) is Outcome.STALE
    assert get(table) == before
    assert WRITES[write](people, "T-1", GENERATION + 1) is Outcome.DONE


def test_a_ticket_that_was_never_made_pending_is_of_generation_0(table: "Table", people: People) -> None:
    put(table)

    assert people.acknowledge("T-1", generation=1) is Outcome.STALE
    assert people.acknowledge("T-1", generation=0) is Outcome.DONE


def test_an_open_ticket_is_acknowledged(table: "Table", people: People) -> None:
    put(table)

    assert people.acknowledge("T-1", "ada") is Outcome.DONE
    after = get(table)
    assert (after["status"], after["acknowledged_by"]) == ("acknowledged", "ada")
    assert after["acknowledged_at"] == iso(NOW)


def test_to_acknowledge_a_diagnosed_ticket_opens_it_for_no_second_diagnosis(
    table: "Table", people: People
) -> None:
    put(table, DIAGNOSED)

    assert people.acknowledge("T-1") is Outcome.DONE
    assert get(table)["status"] == "diagnosed"


def test_a_fresh_diagnosis_can_be_acknowledged_anew(table: "Table", people: People) -> None:
    put(table, DIAGNOSED, acknowledged_at="2026-01-01T00:00:00.000Z", diagnosed_at=iso(NOW - 60))

    assert people.acknowledge("T-1") is Outcome.DONE
    assert people.acknowledge("T-1") is Outcome.ALREADY


def test_a_resolved_ticket_is_not_opened_by_acknowledging_it(table: "Table", people: People) -> None:
    put(table, DIAGNOSED, status="resolved")

    assert people.acknowledge("T-1") is Outcome.ALREADY
    assert get(table)["status"] == "resolved"


def test_holding_can_be_undone(table: "Table", people: People) -> None:
    put(table)

    assert people.unhold("T-1") is Outcome.ALREADY
    people.hold("T-1")
    assert people.unhold("T-1") is Outcome.DONE
    assert get(table)["held"] is False


def test_another_verdict_takes_the_place_of_the_first(table: "Table", people: People) -> None:
    put(table, DIAGNOSED)
    people.feedback("T-1", Verdict.CONFIRMED, "it was the disk", "ada")

    assert people.feedback("T-1", Verdict.WRONG) is Outcome.DONE
    said = feedback_of(get(table))
    assert (said.verdict, said.words) == (Verdict.WRONG, "")


def test_a_verdict_without_words_leaves_those_of_the_same_verdict(table: "Table", people: People) -> None:
    put(table, DIAGNOSED)
    people.feedback("T-1", Verdict.CONFIRMED, "it was the disk", "ada")

    assert people.feedback("T-1", Verdict.CONFIRMED) is Outcome.ALREADY
    assert people.feedback("T-1", Verdict.CONFIRMED, "and its cable") is Outcome.DONE
    assert feedback_of(get(table)).words == "and its cable"


@pytest.mark.parametrize("start", [start for start in STANDS if start != "done"])
def test_only_a_diagnosis_that_stands_is_judged(table: "Table", people: People, start: str | None) -> None:
    put(table, STANDS[start])

    assert people.feedback("T-1", Verdict.CONFIRMED) is Outcome.NOT_DIAGNOSED
    assert "diagnosis_feedback" not in get(table)


def test_a_request_that_waits_is_left_as_it_is(table: "Table", people: People) -> None:
    put(table, DIAGNOSED, rediagnose="the disk was replaced")

    assert people.rediagnose("T-1", "something else") is Outcome.ALREADY
    assert get(table)["rediagnose"] == "the disk was replaced"


def test_during_a_run_another_one_can_be_asked_for(table: "Table", people: People) -> None:
    put(table, STANDS["running"], rediagnose="the disk was replaced")

    assert people.rediagnose("T-1", "the disk was replaced") is Outcome.ALREADY
    assert people.rediagnose("T-1", "new logs") is Outcome.DONE
    assert get(table)["rediagnose"] == "new logs"


def test_what_is_no_member_cannot_be_detached(table: "Table", people: People) -> None:
    put(table, DIAGNOSED)

    assert people.detach("T-1") is Outcome.NO_MEMBER
    assert "detach" not in get(table)


def test_texts_are_cleaned_and_cut(table: "Table", people: People) -> None:
    put(table, DIAGNOSED, incident_id="T-0")
    people.rediagnose("T-1", HOSTILE + "é" * 5000)
    people.feedback("T-1", Verdict.WRONG, HOSTILE, HOSTILE)
    people.detach("T-1", HOSTILE)

    after = get(table)
    texts = [after["rediagnose"], after["detach"], *after["diagnosis_feedback"].values()]
    assert all(text.isprintable() and "\x1b" not in text for text in texts)
    assert all(len(text.encode()) <= MAX_WORDS_BYTES == MAX_REQUEST_BYTES for text in texts)


def test_of_empty_texts_something_is_written_all_the_same(table: "Table", people: People) -> None:
    """An index refuses an empty key."""
    put(table, DIAGNOSED, incident_id="T-0")

    assert people.rediagnose("T-1", " \x00 ") is Outcome.DONE
    assert people.detach("T-1", "") is Outcome.DONE
    assert get(table)["rediagnose"]
    assert get(table)["generation"] == Decimal(GENERATION)
