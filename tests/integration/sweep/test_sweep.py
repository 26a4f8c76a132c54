"""The search for tickets that nothing works on: each comes back in bounded time, and none stops another."""

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from sweep.app import TicketsNotMovedError
from sweep.due import FORGOTTEN_SECONDS, OVERDUE_SECONDS
from sweep.sweep_tickets import KEEP_FAILING_TROUBLES, LAG_MARGIN_SECONDS, TROUBLE_SHARE
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline, invoked_pipeline
from tickets.states import Status
from tickets.stream_lag import BELIEVED_SECONDS, StreamLag


def put_overdue(pipeline: InvokedPipeline, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    deferred = {
        "diagnosis_status": "deferred",
        "generation": 0,
        "not_before": int(pipeline.clock.now()) - 1000,
    }
    pipeline.put(ticket_id, **{**deferred, **attributes})


def told(pipeline: InvokedPipeline, delivers: float) -> None:
    """The stream has just delivered what was written then (epoch seconds)."""
    StreamLag(pipeline.diagnose_ticket.stream._table, pipeline.clock).tell(delivers)


def counted(capsys: pytest.CaptureFixture[str], name: str) -> float:
    """The last value of a metric, as the embedded format prints it."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [value] = next(line[name] for line in reversed(lines) if name in line)
    return float(value)


class TestAbandoned:
    def test_a_run_whose_lease_is_over_is_pending_again(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="running", generation=2, lease_until=int(pipeline.clock.now()) - 1)

        assert pipeline.sweep() == {"recover_abandoned": 1}

        assert pipeline.item()["diagnosis_status"] == "pending"
        assert pipeline.item()["generation"] == 3

    def test_a_run_that_is_still_alive_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="running", generation=2, lease_until=int(pipeline.clock.now()) + 60)

        assert pipeline.sweep() == {}

    def test_it_is_diagnosed_after_that(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="running", generation=0, lease_until=int(pipeline.clock.now()) - 1)
        pipeline.changes()

        pipeline.sweep()
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"


class TestOverdue:
    def test_a_deferred_ticket_whose_message_did_not_come_is_pending_again(
        self, pipeline: InvokedPipeline
    ) -> None:
        put_overdue(pipeline)

        assert pipeline.sweep() == {"rearm": 1}
        assert pipeline.item()["diagnosis_status"] == "pending"

    @pytest.mark.parametrize("seconds_ago", [-500, 0, OVERDUE_SECONDS - 1])
    def test_its_message_gets_its_time_first(self, pipeline: InvokedPipeline, seconds_ago: float) -> None:
        put_overdue(pipeline, not_before=int(pipeline.clock.now() - seconds_ago))

        assert pipeline.sweep() == {}

    def test_a_deferred_ticket_of_no_known_time_is_overdue(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline, not_before=None)

        assert pipeline.sweep() == {"rearm": 1}

    @pytest.mark.parametrize("status", ["open", "acknowledged"])
    def test_in_every_status_that_wants_a_diagnosis(self, pipeline: InvokedPipeline, status: str) -> None:
        put_overdue(pipeline, status=status)

        assert pipeline.sweep() == {"rearm": 1}

    @pytest.mark.parametrize("status", ["resolved", "opne"])
    def test_and_in_no_other(self, pipeline: InvokedPipeline, status: str) -> None:
        put_overdue(pipeline, status=status)

        assert pipeline.sweep() == {}


class TestForgotten:
    @pytest.mark.parametrize("diagnosis_status", [None, "pending"])
    def test_a_ticket_that_nothing_has_touched_is_noticed_and_only_then_forgotten(
        self, pipeline: InvokedPipeline, diagnosis_status: str | None
    ) -> None:
        pipeline.put(diagnosis_status=diagnosis_status)

        assert pipeline.sweep() == {"mark_waiting": 1}
        assert pipeline.item()["noticed_at"] == pipeline.clock.now()
        pipeline.clock.advance(FORGOTTEN_SECONDS - 1)
        assert pipeline.sweep() == {}
        pipeline.clock.advance(2)
        assert pipeline.sweep() == {"recover_forgotten": 1}

        item = pipeline.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 1)
        assert item["noticed_at"] == pipeline.clock.now()

    def test_a_ticket_made_pending_is_noticed_with_that(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline)
        pipeline.sweep()

        assert pipeline.sweep() == {}, "it is not marked as well"
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        assert pipeline.sweep() == {"recover_forgotten": 1}

    def test_a_ticket_that_waits_its_turn_in_a_long_stream_is_not_written_to(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        pipeline.sweep()
        noticed_at = pipeline.clock.now()
        for _ in range(12):
            pipeline.clock.advance(FORGOTTEN_SECONDS)
            told(pipeline, noticed_at - 100)
            assert pipeline.sweep() == {}

        pipeline.clock.advance(FORGOTTEN_SECONDS)
        told(pipeline, noticed_at + LAG_MARGIN_SECONDS + 1)
        assert pipeline.sweep() == {"recover_forgotten": 1}

    def test_a_stream_that_is_read_no_longer_is_not_waited_for(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.sweep()
        told(pipeline, pipeline.clock.now() - 7200)
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        assert pipeline.sweep() == {}

        pipeline.clock.advance(BELIEVED_SECONDS)
        assert pipeline.sweep() == {"recover_forgotten": 1}

    def test_being_noticed_wakes_nothing(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.changes()

        pipeline.sweep()

        assert pipeline.transitions() == []

    @pytest.mark.parametrize("diagnosis_status", [None, "pending"])
    def test_the_filter_sees_a_transition_when_it_comes_back(
        self, pipeline: InvokedPipeline, diagnosis_status: str | None
    ) -> None:
        pipeline.put(diagnosis_status=diagnosis_status)
        pipeline.sweep()
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        pipeline.changes()

        pipeline.sweep()

        assert pipeline.deliver() == 1
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_a_pending_ticket_goes_by_way_of_deferred(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="pending", generation=3)
        pipeline.sweep()
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        pipeline.changes()

        pipeline.sweep()

        ways = [change["dynamodb"]["NewImage"]["diagnosis_status"]["S"] for change in pipeline.changes()]
        assert ways == ["deferred", "pending"]

    def test_after_a_crash_between_the_two_it_is_found_again(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.put(diagnosis_status="pending", generation=3)
        pipeline.sweep()
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        with monkeypatch.context() as patched:
            patched.setattr(pipeline.sweep_tickets.recovery, "_make_pending", throttled)
            with pytest.raises(TicketsNotMovedError):
                pipeline.sweep()
        assert pipeline.item()["diagnosis_status"] == "deferred"

        assert pipeline.sweep() == {"rearm": 1}

    def test_a_ticket_that_was_claimed_meanwhile_starts_anew(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.sweep()
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        pipeline.deliver()

        assert pipeline.sweep() == {}
        assert "noticed_at" not in pipeline.item()


class TestRequests:
    @pytest.mark.parametrize("diagnosis_status", ["done", "failed"])
    @pytest.mark.parametrize("status", ["open", "diagnosed", "resolved"])
    def test_a_lost_request_for_a_fresh_diagnosis_is_served(
        self, pipeline: InvokedPipeline, status: str, diagnosis_status: str
    ) -> None:
        pipeline.put(
            status=status, diagnosis_status=diagnosis_status, generation=1, diagnosis="old", rediagnose="now"
        )

        assert pipeline.sweep()["rediagnose"] == 1

        assert pipeline.item()["diagnosis_status"] == "pending"
        assert ("diagnosis_history" in pipeline.item()) is (diagnosis_status == "done")

    def test_a_finished_ticket_without_a_request_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="done", generation=1)

        assert pipeline.sweep() == {}

    def test_a_request_that_was_never_met_on_a_resolved_ticket_is_forgotten_in_time(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put(status="resolved", rediagnose="now")

        assert pipeline.sweep() == {"mark_waiting": 1}
        pipeline.clock.advance(FORGOTTEN_SECONDS + 1)
        assert pipeline.sweep() == {"recover_forgotten": 1}

    def test_a_request_deleted_meanwhile_is_left_alone(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.put(diagnosis_status="done", generation=1, rediagnose="now")
        get = pipeline.sweep_tickets.queries.get

        def deleted_first(ticket_id: str) -> Mapping[str, Any] | None:
            pipeline.delete()
            return get(ticket_id)

        monkeypatch.setattr(pipeline.sweep_tickets.queries, "get", deleted_first)

        assert pipeline.sweep() == {}
        assert pipeline.item() == {}


class TestOneTicketDoesNotStopAnother:
    def test_a_ticket_whose_move_fails_is_counted_and_the_others_move(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_overdue(pipeline, name)
        rearm = pipeline.sweep_tickets.recovery.rearm

        def fails_for_one(ticket_id: str, generation: int) -> None:
            if ticket_id == "t-2":
                throttled()
            rearm(ticket_id, generation)

        monkeypatch.setattr(pipeline.sweep_tickets.recovery, "rearm", fails_for_one)

        with pytest.raises(TicketsNotMovedError, match="1 tickets or indexes could not be moved"):
            pipeline.sweep()

        found = [pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2", "t-3")]
        assert found == ["pending", "deferred", "pending"]
        assert '"ticket_id":"t-2"' in logged.getvalue()

    def test_a_ticket_that_has_moved_on_is_left_alone(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        put_overdue(pipeline)
        seen, _ = pipeline.sweep_tickets.queries.page(Status.OPEN, None)
        pipeline.update(diagnosis_status="done")
        monkeypatch.setattr(pipeline.sweep_tickets.queries, "page", lambda status, after: (seen, None))

        assert pipeline.sweep() == {}

        assert pipeline.item()["diagnosis_status"] == "done"
        assert "left alone" in logged.getvalue()

    @pytest.mark.parametrize("odd", [None, "v1", {"a": 1}], ids=str)
    @pytest.mark.parametrize(
        "name", ["generation", "lease_until", "not_before", "noticed_at", "waiting_since"]
    )
    def test_a_producers_attribute_under_one_of_our_names_is_dropped(
        self, pipeline: InvokedPipeline, name: str, odd: Any
    ) -> None:
        pipeline.tickets.put_item(
            Item={"ticket_id": "t-1", "status": "open", "diagnosis_status": "deferred", name: odd}
        )
        put_overdue(pipeline, "t-2")

        assert pipeline.sweep() == {"remove_invalid": 1, "rearm": 1}

        assert name not in pipeline.item("t-1")
        assert pipeline.item("t-2")["diagnosis_status"] == "pending"
        assert pipeline.sweep()["rearm"] == 1
        assert pipeline.item("t-1")["diagnosis_status"] == "pending"

    def test_a_status_that_is_no_text_is_dropped_as_well(self, pipeline: InvokedPipeline) -> None:
        pipeline.tickets.put_item(Item={"ticket_id": TICKET_ID, "status": "open", "diagnosis_status": None})

        assert pipeline.sweep() == {"remove_invalid": 1}
        assert pipeline.sweep() == {"mark_waiting": 1}

    def test_a_status_that_nobody_knows_is_mended(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="banana")
        pipeline.changes()

        assert pipeline.sweep() == {"recover_unknown": 1}

        pipeline.deliver()
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_a_run_without_a_lease_is_mended(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="running")

        assert pipeline.sweep() == {"recover_abandoned": 1}

    @pytest.mark.parametrize("unreadable", ["requests", "open", "acknowledged"])
    def test_an_index_that_cannot_be_read_stops_neither_the_others_nor_the_metrics(
        self,
        pipeline: InvokedPipeline,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        unreadable: str,
    ) -> None:
        put_overdue(pipeline, "open")
        put_overdue(pipeline, "acknowledged", status="acknowledged")
        put_overdue(pipeline, "requests", status="resolved", rediagnose="now")
        queries = pipeline.sweep_tickets.queries
        page, requests = queries.page, queries.page_of_requests
        monkeypatch.setattr(
            queries, "page", lambda status, at: throttled() if status == unreadable else page(status, at)
        )
        monkeypatch.setattr(
            queries, "page_of_requests", lambda at: throttled() if unreadable == "requests" else requests(at)
        )

        with pytest.raises(TicketsNotMovedError):
            pipeline.sweep()

        assert counted(capsys, "SweepRuns") == 1
        still = {item["ticket_id"] for item in pipeline.items() if item["diagnosis_status"] == "deferred"}
        assert still == {unreadable}


def throttled(*_: object, **__: object) -> NoReturn:
    error: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    raise ClientError(error, "UpdateItem")


class TestPages:
    """The pages are made small; a page has `size` tickets."""

    @staticmethod
    def paged(pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
        table = pipeline.sweep_tickets.queries._table.table
        query = table.query
        monkeypatch.setattr(table, "query", lambda **asked: query(**asked, Limit=size))

    def test_one_run_reads_all_of_them(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(7):
            put_overdue(pipeline, f"t-{number}")
        self.paged(pipeline, monkeypatch, size=2)

        assert pipeline.sweep() == {"rearm": 7}

    def test_without_time_it_goes_on_from_there_in_the_next_run(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            pipeline.put(f"t-{number}")
        self.paged(pipeline, monkeypatch, size=2)
        mark_waiting = pipeline.sweep_tickets.recovery.mark_waiting

        def slowly(ticket_id: str) -> None:
            pipeline.clock.advance(26)
            mark_waiting(ticket_id)

        monkeypatch.setattr(pipeline.sweep_tickets.recovery, "mark_waiting", slowly)

        moved = [pipeline.sweep().get("mark_waiting", 0) for _ in range(2)]

        assert moved == [4, 2]
        assert all("noticed_at" in pipeline.item(name) for name in names(6))

    def test_a_cursor_that_points_to_a_ticket_that_is_gone_still_leads_on(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in names(6):
            put_overdue(pipeline, name)
        self.paged(pipeline, monkeypatch, size=2)
        looks = iter([True, True, True, True, False])
        pipeline.sweep_tickets.sweep(lambda: next(looks, False))
        pipeline.delete("t-1")
        for name in names(2):
            put_overdue(pipeline, name)

        pipeline.sweep()

        assert {pipeline.item(name)["diagnosis_status"] for name in names(6)[2:]} == {"pending"}

    def test_those_brought_back_are_the_severest_and_then_the_longest_waiting_of_all_pages(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in names(6):
            put_overdue(pipeline, name, waiting_since=int(pipeline.clock.now()) - 5000)
        put_overdue(pipeline, "t-8", severity="critical")
        put_overdue(pipeline, "t-9", waiting_since=int(pipeline.clock.now()) - 9000)
        self.paged(pipeline, monkeypatch, size=2)
        limited(pipeline, monkeypatch, budget=2)

        pipeline.sweep()

        back = {item["ticket_id"] for item in pipeline.items() if item["diagnosis_status"] == "pending"}
        assert back == {"t-8", "t-9"}


def names(count: int) -> list[str]:
    return [f"t-{number}" for number in range(count)]


def limited(pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    """Claude's pace is such that a run may bring back no more than so many."""
    pace = pipeline.sweep_tickets.interval_seconds / budget
    monkeypatch.setattr(pipeline.sweep_tickets.capacity, "pace", lambda state: pace)


class TestBudget:
    def test_a_run_brings_back_no_more_than_is_diagnosed_until_the_next(
        self, pipeline: InvokedPipeline
    ) -> None:
        for name in names(25):
            put_overdue(pipeline, name)

        assert pipeline.sweep()["rearm"] == 20  # one every 15 s, until the next run in 300 s
        assert pipeline.sweep()["rearm"] == 5

    def test_noticing_costs_nothing_of_it(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limited(pipeline, monkeypatch, budget=1)
        for name in names(3):
            pipeline.put(name)
        put_overdue(pipeline, "t-overdue")

        assert pipeline.sweep() == {"mark_waiting": 3, "rearm": 1}

    def test_there_is_always_room_for_one(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_overdue(pipeline)
        monkeypatch.setattr(pipeline.sweep_tickets.capacity, "pace", lambda state: 3600.0)

        assert pipeline.sweep() == {"rearm": 1}

    def test_behind_a_closed_gate_nothing_is_brought_back(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline)
        pipeline.put("t-2")
        pipeline.capacity.account_fault(pipeline.capacity.read(), "no credit")

        assert pipeline.sweep() == {"mark_waiting": 1}
        pipeline.clock.advance(4000)
        assert pipeline.sweep() == {"rearm": 1}


class TestTicketsInTrouble:
    def test_they_come_after_those_that_are_not(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_overdue(pipeline, "t-0", severity="critical", troubles=1, trouble_seconds=10)
        put_overdue(pipeline, "t-1", severity="low")
        limited(pipeline, monkeypatch, budget=1)

        pipeline.sweep()

        assert pipeline.item("t-0")["diagnosis_status"] == "deferred"
        assert pipeline.item("t-1")["diagnosis_status"] == "pending"

    def test_they_take_no_more_than_their_share_of_time(self, pipeline: InvokedPipeline) -> None:
        for name in names(20):
            put_overdue(pipeline, name, troubles=2, trouble_seconds=280)
        back, hours = 0, 6

        for _ in range(hours * 12):
            back += pipeline.sweep().get("rearm", 0)
            pipeline.clock.advance(300)

        assert 1 < back * 280 <= TROUBLE_SHARE * hours * 3600 + 280

    def test_they_are_counted_and_those_that_keep_failing_beside_them(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        later = int(pipeline.clock.now()) + 5000
        for troubles in range(KEEP_FAILING_TROUBLES + 2):
            put_overdue(pipeline, f"t-{troubles}", troubles=troubles, not_before=later)

        pipeline.sweep()

        out = capsys.readouterr().out
        line = next(json.loads(line) for line in out.splitlines() if "TicketsInTrouble" in line)
        assert line["TicketsInTrouble"] == [KEEP_FAILING_TROUBLES + 1]
        assert line["TicketsThatKeepFailing"] == [2]


class TestTroubleBehindAStream:
    def test_tickets_in_trouble_come_back_only_while_no_others_wait_in_the_stream(
        self, pipeline: InvokedPipeline
    ) -> None:
        put_overdue(pipeline, troubles=1)
        told(pipeline, pipeline.clock.now() - 600)
        assert pipeline.sweep() == {}

        pipeline.clock.advance(BELIEVED_SECONDS + 1)

        assert pipeline.sweep() == {"rearm": 1}


class TestOddStatuses:
    def test_what_is_meant_is_respelt_and_diagnosed(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status=" open")
        assert pipeline.deliver() == 0

        assert pipeline.sweep() == {"respell": 1}
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item()["status"] == "diagnosed"

    def test_a_ticket_in_capitals_whose_record_was_lost_comes_back(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status="Open")
        pipeline.changes()

        assert pipeline.sweep() == {"respell": 1}
        for _ in range(5):
            pipeline.clock.advance(300)
            pipeline.sweep()
            pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"

    def test_what_is_not_understood_is_counted_and_named(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str], logged: StringIO
    ) -> None:
        pipeline.put("t-new", status=" new")
        pipeline.put("t-mended", status="OPEN", diagnosis_status="done")
        pipeline.put("t-closed", status="Resolved")

        assert pipeline.sweep() == {"respell": 1}

        assert pipeline.item("t-new")["status"] == " new"
        assert pipeline.item("t-closed")["status"] == "Resolved"
        out = capsys.readouterr().out
        line = next(json.loads(line) for line in out.splitlines() if "StatusNotUnderstood" in line)
        assert (line["StatusNotUnderstood"], line["StatusRespelt"]) == ([1], [1])
        said = [json.loads(line) for line in logged.getvalue().splitlines() if "not understood" in line]
        assert [each["ticket_id"] for each in said] == ["t-new"]


class TestOpenGate:
    def test_a_person_opens_the_gate_and_those_put_off_for_it_come_back_at_once(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.CREDIT_BALANCE))
        pipeline.put()
        pipeline.deliver()
        assert pipeline.sweep() == {}

        assert pipeline.sweep(open_gate=True) == {"rearm": 1}

        assert pipeline.capacity.read().gate_until == 0
        pipeline.deliver()
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_a_ticket_in_trouble_keeps_waiting(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline, not_before=int(pipeline.clock.now()) + 500, deferred_for="trouble", troubles=1)

        assert pipeline.sweep(open_gate=True) == {}

    @pytest.mark.parametrize("value", [False, "true", 1, None])
    def test_only_true_opens_it(self, pipeline: InvokedPipeline, value: object) -> None:
        until = pipeline.capacity.account_fault(pipeline.capacity.read(), "no credit")

        pipeline.sweep(open_gate=value)

        assert pipeline.capacity.read().gate_until == until


class TestMetrics:
    def test_it_counts_its_runs(self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]) -> None:
        pipeline.sweep()

        assert counted(capsys, "SweepRuns") == 1

    def test_the_longest_wait_is_told(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for ago in (10, 700, 40):
            waiting_since = int(pipeline.clock.now()) - ago
            put_overdue(
                pipeline, f"t-{ago}", waiting_since=waiting_since, not_before=int(pipeline.clock.now()) + 100
            )

        pipeline.sweep()

        assert counted(capsys, "OldestWaitingSeconds") == 700

    def test_a_ticket_never_claimed_waits_since_it_was_noticed(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.put()
        pipeline.sweep()
        pipeline.clock.advance(500)

        pipeline.sweep()

        assert counted(capsys, "OldestWaitingSeconds") == 500

    def test_finished_tickets_wait_for_nothing(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.put(diagnosis_status="failed", waiting_since=5)

        pipeline.sweep()

        assert counted(capsys, "OldestWaitingSeconds") == 0

    def test_the_spend_cap_is_told_while_it_holds(
        self, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with invoked_pipeline(stand_in, DailySpendCapUsd="0.001") as pipeline:
            pipeline.put()
            pipeline.deliver()
            pipeline.sweep()
            assert counted(capsys, "SpendCapReached") == 1
            pipeline.clock.advance(24 * 3600)
            pipeline.sweep()
            assert counted(capsys, "SpendCapReached") == 0

    def test_metrics_are_sent_even_when_a_move_failed(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_overdue(pipeline)
        monkeypatch.setattr(pipeline.sweep_tickets.recovery, "rearm", throttled)

        with pytest.raises(TicketsNotMovedError):
            pipeline.sweep()

        assert counted(capsys, "SweepRuns") == 1


def test_an_empty_table_is_swept_without_a_word_of_trouble(
    pipeline: InvokedPipeline, logged: StringIO
) -> None:
    assert pipeline.sweep() == {}

    assert {json.loads(line)["level"] for line in logged.getvalue().splitlines()} == {"INFO"}


class TestWithdrawnRequests:
    @pytest.mark.parametrize("waits", ["pending", "deferred"])
    def test_the_former_diagnosis_stands_again(self, pipeline: InvokedPipeline, waits: str) -> None:
        pipeline.put()
        pipeline.deliver()
        before = pipeline.item()
        pipeline.update(rediagnose="look at the disks, too")
        if waits == "deferred":
            pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=7200))
            pipeline.deliver()
        else:
            assert pipeline.sweep() == {"rediagnose": 1}
        assert pipeline.item()["diagnosis_status"] == waits
        pipeline.tickets.update_item(Key={"ticket_id": TICKET_ID}, UpdateExpression="REMOVE rediagnose")

        assert pipeline.sweep() == {"withdraw": 1}

        after = pipeline.item()
        assert (after["status"], after["diagnosis_status"]) == ("diagnosed", "done")
        assert after["diagnosis"] == before["diagnosis"]
        assert after["diagnosis_history"] == []
        assert not after.keys() & {"not_before", "deferred_for", "noticed_at", "waiting_since"}
        assert pipeline.sweep() == {}
