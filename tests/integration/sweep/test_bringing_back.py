"""How many tickets a run brings back, and which: the gate, the pace, and tickets in trouble."""

import json

import pytest

from local.claude.faults import Fault, Kind
from sweep.sweep_tickets import KEEP_FAILING_TROUBLES
from tests.integration.sweep.swept import limited, names, put_overdue, put_waiting, told
from tests.support.invoked_pipeline import InvokedPipeline


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

    @pytest.mark.parametrize(("seconds", "count"), [(280, 1), (900, 1), (140, 2), (10, 20)])
    def test_a_run_brings_back_one_or_as_many_as_take_no_longer_than_until_the_next(
        self, pipeline: InvokedPipeline, seconds: int, count: int
    ) -> None:
        for name in names(25):
            put_overdue(pipeline, name, troubles=2, trouble_seconds=seconds)

        assert pipeline.sweep() == {"rearm": count}

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


class TestTroubleBehindOthers:
    def test_tickets_in_trouble_come_back_only_while_no_others_wait_to_be_claimed(
        self, pipeline: InvokedPipeline
    ) -> None:
        put_overdue(pipeline, "t-1", troubles=1)
        put_waiting(pipeline, "t-2")
        told(pipeline, pipeline.clock.now() - 100)
        assert pipeline.sweep() == {}

        pipeline.deliver()

        assert pipeline.sweep() == {"rearm": 1}

    def test_one_that_the_stream_has_long_passed_does_not_hold_them_up(
        self, pipeline: InvokedPipeline
    ) -> None:
        put_overdue(pipeline, "t-1", troubles=1)
        put_waiting(pipeline, "t-2")

        assert pipeline.sweep() == {"rearm": 1}

    def test_nor_while_they_wait_in_a_long_stream(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline, "t-1", troubles=1)
        pipeline.put("t-2")
        told(pipeline, pipeline.clock.now() - 100)

        assert pipeline.sweep() == {}

    def test_a_ticket_that_came_just_now_is_no_reason_to_wait(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline, "t-1", troubles=1)
        pipeline.put("t-2")

        assert pipeline.sweep() == {"mark_waiting": 1, "rearm": 1}


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
