"""What a run of sweep counts."""

import pytest

from local.claude.server import StandIn
from sweep.app import TicketsNotMovedError
from tests.integration.sweep.swept import counted, put_overdue
from tests.support.disturbances import throttled
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline


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
        monkeypatch.setattr(pipeline.sweep_tickets.recovery, "bring_back", throttled)

        with pytest.raises(TicketsNotMovedError):
            pipeline.sweep()

        assert counted(capsys, "SweepRuns") == 1
