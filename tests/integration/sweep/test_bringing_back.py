"""How many tickets a run brings back, and which: the gate, the pace, and tickets in trouble."""

import json

import pytest

from local.claude.faults import Fault, Kind
from sweep.sweep_tickets import KEEP_FAILING_TROUBLES, TROUBLE_SHARE
from tests.integration.sweep.swept import limited, names, put_overdue, told
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.stream_lag import BELIEVED_SECONDS


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
