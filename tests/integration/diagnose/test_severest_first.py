"""Which ticket a late record wakes: the severest that intake has opened; none is lost, or paid for twice."""

import json
from dataclasses import replace
from io import StringIO
from typing import Any
from unittest import mock

import pytest

from diagnose.backlog import Backlog
from local.aws.stream_mapping import Record
from tests.support.disturbances import broken, meanwhile, throttled
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.pending import opened_pending
from tickets.queries import TicketQueries
from tickets.table import TicketTable

LATE_SECONDS = 90.0


def opened(pipeline: InvokedPipeline, ticket_id: str, severity: str, **others: Any) -> None:
    """A ticket as intake opens it."""
    now = int(pipeline.clock.now())
    pipeline.put(ticket_id, severity=severity, **{**opened_pending(now), **others})


def records_of(pipeline: InvokedPipeline) -> dict[str, Record]:
    """The newest record that waits in the stream, by its ticket."""
    return {record["dynamodb"]["Keys"]["ticket_id"]["S"]: record for record in pipeline.transitions()}


def states(pipeline: InvokedPipeline, *ticket_ids: str) -> list[str]:
    return [str(pipeline.item(ticket_id).get("diagnosis_status")) for ticket_id in ticket_ids]


def forget_what_went_ahead(pipeline: InvokedPipeline) -> None:
    """The next record is another execution environment's."""
    backlog = Backlog(TicketQueries(TicketTable(pipeline.tickets)), pipeline.clock)
    order = replace(pipeline.diagnose_ticket.order, backlog=backlog)
    pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, order=order)


ENVIRONMENTS = pytest.mark.parametrize(
    "another", [False, True], ids=["in the same environment", "in another environment"]
)


@pytest.fixture
def late(pipeline: InvokedPipeline) -> dict[str, Record]:
    """Of two tickets that intake has opened the less severe one came first; both their records are late."""
    opened(pipeline, "low", "info")
    pipeline.clock.advance(1)
    opened(pipeline, "high", "critical")
    records = records_of(pipeline)
    pipeline.clock.advance(LATE_SECONDS)
    return records


def test_a_late_record_wakes_the_severest_and_that_ones_record_who_was_passed_over(
    pipeline: InvokedPipeline, late: dict[str, Record], logged: StringIO
) -> None:
    pipeline.diagnose(late["low"])
    assert states(pipeline, "low", "high") == ["pending", "done"]
    last = json.loads(logged.getvalue().splitlines()[-1])
    assert (last["outcome"], last["ticket_id"], last["woken_by"]) == ("done", "high", "low")

    pipeline.diagnose(late["high"])
    assert states(pipeline, "low", "high") == ["done", "done"]
    assert pipeline.stand_in.answered == 2


@pytest.mark.parametrize(
    ("first", "second", "late_by"),
    [
        pytest.param("info", "critical", 0.0, id="the stream is on time"),
        pytest.param("warning", "warning", LATE_SECONDS, id="they are as severe, so the older one"),
        pytest.param("critical", "info", LATE_SECONDS, id="its own is the severest"),
    ],
)
def test_a_record_wakes_its_own_where(
    pipeline: InvokedPipeline, first: str, second: str, late_by: float
) -> None:
    opened(pipeline, "first", first)
    pipeline.clock.advance(1)
    opened(pipeline, "second", second)
    records = records_of(pipeline)
    pipeline.clock.advance(late_by)

    pipeline.diagnose(records["first"])

    assert states(pipeline, "first", "second") == ["done", "pending"]


def test_tickets_written_by_hand_come_in_the_order_of_the_stream(pipeline: InvokedPipeline) -> None:
    pipeline.put("by hand", severity="info")
    opened(pipeline, "opened", "warning")
    pipeline.put("by hand, too", severity="critical")
    records = records_of(pipeline)
    pipeline.clock.advance(LATE_SECONDS)

    pipeline.diagnose(records["by hand"])
    pipeline.diagnose(records["opened"])

    assert states(pipeline, "by hand", "opened", "by hand, too") == ["done", "done", "None"]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({"status": "resolved"}, id="resolved"),
        pytest.param(
            {"status": "acknowledged", "diagnosis_status": "running", "lease_until": 0}, id="running"
        ),
        pytest.param({"diagnosis_status": "deferred", "deferred_for": "gate"}, id="put off"),
        pytest.param(
            {"diagnosis_status": "set_aside", "incident_id": "low", "member_since": "?"}, id="a member"
        ),
        pytest.param({"generation": None}, id="overwritten by who copies one attribute of ours"),
        pytest.param({"troubles": 1}, id="in trouble"),
    ],
)
def test_none_is_woken_ahead_that_is(pipeline: InvokedPipeline, others: dict[str, Any]) -> None:
    opened(pipeline, "low", "info")
    opened(pipeline, "high", "critical", **others)
    before = pipeline.item("high")
    records = records_of(pipeline)
    pipeline.clock.advance(LATE_SECONDS)

    pipeline.diagnose(records["low"])

    assert states(pipeline, "low") == ["done"]
    assert pipeline.item("high") == before


def test_what_a_person_has_asked_for_keeps_its_place(pipeline: InvokedPipeline) -> None:
    opened(pipeline, "asked", "info", status="diagnosed", rediagnose="new logs", generation=3)
    opened(pipeline, "high", "critical")
    records = records_of(pipeline)
    pipeline.clock.advance(LATE_SECONDS)

    pipeline.diagnose(records["asked"])

    assert states(pipeline, "asked", "high") == ["done", "pending"]


def test_an_acknowledged_one_is(pipeline: InvokedPipeline, late: dict[str, Record]) -> None:
    pipeline.update("high", status="acknowledged")

    pipeline.diagnose(late["low"])

    assert states(pipeline, "low", "high") == ["pending", "done"]


@pytest.mark.parametrize("is_same", [True, False], ids=["the same incident", "another"])
def test_one_that_is_overwritten_whole_waits_for_the_record_of_that(
    pipeline: InvokedPipeline, late: dict[str, Record], *, is_same: bool
) -> None:
    pipeline.put("high", severity="critical", **({} if is_same else {"message": "another fault"}))
    overwrites = records_of(pipeline)

    pipeline.diagnose(late["low"])
    pipeline.diagnose(late["high"])
    assert states(pipeline, "low", "high") == ["done", "None"]

    pipeline.diagnose(overwrites["high"])
    item = pipeline.item("high")
    assert (item["diagnosis_status"], item["generation"]) == ("done", 0 if is_same else 1)
    pipeline.deliver()
    assert pipeline.stand_in.answered == 2


@ENVIRONMENTS
def test_one_that_is_overwritten_after_it_went_ahead_is_restored_and_not_paid_for_again(
    pipeline: InvokedPipeline, late: dict[str, Record], *, another: bool
) -> None:
    pipeline.diagnose(late["low"])
    pipeline.put("high", severity="critical")
    overwrites = records_of(pipeline)
    if another:
        forget_what_went_ahead(pipeline)

    pipeline.diagnose(late["high"])
    pipeline.diagnose(overwrites["high"])

    assert states(pipeline, "low", "high") == ["done", "done"]
    assert pipeline.item("high")["diagnosis_record"]
    assert pipeline.stand_in.answered == 2


def test_one_that_was_overwritten_since_the_index_was_read_is_left_alone(
    pipeline: InvokedPipeline, late: dict[str, Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = TicketQueries.waiting

    def overwritten(queries: TicketQueries, *asked: Any) -> Any:
        found = shown(queries, *asked)
        pipeline.put("high", severity="critical")
        return found

    monkeypatch.setattr(TicketQueries, "waiting", overwritten)
    pipeline.diagnose(late["low"])

    assert states(pipeline, "low", "high") == ["done", "None"]


def test_a_ticket_that_is_overwritten_again_and_again_is_diagnosed_all_the_same(
    pipeline: InvokedPipeline,
) -> None:
    opened(pipeline, "t-1", "warning", diagnosis_history=["of old"])
    pipeline.put("t-1")
    own, overwrites = pipeline.transitions()
    pipeline.put("t-1")
    pipeline.clock.advance(LATE_SECONDS)

    pipeline.diagnose(own)
    pipeline.diagnose(overwrites)

    assert states(pipeline, "t-1") == ["done"]
    assert pipeline.item()["diagnosis_history"] == ["of old"]


@ENVIRONMENTS
def test_a_record_whose_ticket_went_ahead_wakes_another_although_it_is_on_time(
    pipeline: InvokedPipeline, *, another: bool
) -> None:
    opened(pipeline, "low", "info")
    pipeline.clock.advance(LATE_SECONDS)
    opened(pipeline, "high", "critical")
    records = records_of(pipeline)
    pipeline.diagnose(records["low"])
    assert states(pipeline, "low", "high") == ["pending", "done"]
    if another:
        forget_what_went_ahead(pipeline)

    pipeline.diagnose(records["high"])

    assert states(pipeline, "low", "high") == ["done", "done"]


def test_when_the_records_are_lost_sweep_finds_who_was_passed_over(
    pipeline: InvokedPipeline, late: dict[str, Record]
) -> None:
    pipeline.diagnose(late["low"])
    waited = 0
    while states(pipeline, "low") != ["done"]:
        pipeline.clock.advance(300)
        waited += 300
        pipeline.sweep()
        pipeline.deliver()

    assert waited <= 1800
    assert pipeline.stand_in.answered == 2


def test_a_bug_with_the_one_that_went_ahead_costs_the_passed_over_nothing(
    pipeline: InvokedPipeline, late: dict[str, Record]
) -> None:
    claude = pipeline.diagnose_ticket.claude
    meanwhile(pipeline, broken)
    with pytest.raises(RuntimeError, match="a bug"):
        pipeline.diagnose(late["low"])
    pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)
    assert pipeline.item("high")["attempt_seconds"] is not None

    pipeline.diagnose(late["low"])

    assert states(pipeline, "low", "high") == ["done", "running"]
    assert "troubles" not in pipeline.item("low")
    pipeline.clock.advance(300)
    assert pipeline.sweep() == {"recover_abandoned": 1}
    pipeline.deliver()
    assert states(pipeline, "low", "high") == ["done", "done"]


@pytest.mark.parametrize("fails", ["the index cannot be read", "the claim fails"])
def test_what_fails_before_the_claim_leaves_the_record_to_its_own(
    pipeline: InvokedPipeline, late: dict[str, Record], monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    if fails == "the claim fails":
        pipeline.update("high", attempts="three of five")
        pipeline.diagnose(late["low"])
    else:
        with mock.patch.object(TicketQueries, "waiting", throttled):
            pipeline.diagnose(late["low"])

    assert states(pipeline, "low", "high") == ["done", "pending"]


def test_behind_a_closed_gate_each_record_puts_one_ticket_off(
    pipeline: InvokedPipeline, late: dict[str, Record]
) -> None:
    pipeline.diagnose(late["low"])
    pipeline.capacity.account_fault(pipeline.capacity.read(), "no credit")

    pipeline.diagnose(late["high"])

    assert states(pipeline, "low", "high") == ["deferred", "done"]
    assert pipeline.item("low")["deferred_for"] == "gate"
