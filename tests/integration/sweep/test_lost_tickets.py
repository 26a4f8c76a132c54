"""Tickets that nothing works on come back in bounded time."""

import pytest

from sweep.app import TicketsNotMovedError
from sweep.due import FORGOTTEN_SECONDS
from tests.integration.sweep.swept import counted, put_overdue, told
from tests.support.disturbances import throttled
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.stream_lag import BELIEVED_SECONDS


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


class TestDue:
    def test_a_deferred_ticket_whose_time_has_come_is_pending_again(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline)

        assert pipeline.sweep() == {"rearm": 1}
        assert pipeline.item()["diagnosis_status"] == "pending"

    def test_and_not_before(self, pipeline: InvokedPipeline) -> None:
        put_overdue(pipeline, not_before=int(pipeline.clock.now()) + 1)

        assert pipeline.sweep() == {}
        pipeline.clock.advance(1)
        assert pipeline.sweep() == {"rearm": 1}

    def test_a_deferred_ticket_of_no_known_time_is_due(self, pipeline: InvokedPipeline) -> None:
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
        told(pipeline, noticed_at + FORGOTTEN_SECONDS + 1)
        assert pipeline.sweep() == {"recover_forgotten": 1}

    def test_a_ticket_that_came_in_a_burst_is_not_even_marked_while_the_stream_works_off_what_came_before(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stream = pipeline.diagnose_ticket.stream
        pipeline.put()
        pipeline.clock.advance(100)
        fell_behind = pipeline.clock.now()
        for _ in range(5):
            stream.tell(fell_behind - 100)
            assert pipeline.sweep() == {}
            pipeline.clock.advance(300)
        assert counted(capsys, "OldestWaitingSeconds") == 1300

        stream.tell(fell_behind + 1)

        assert pipeline.sweep() == {"mark_waiting": 1}, "it may have been lost"

    def test_a_stream_that_is_read_no_longer_is_not_waited_for(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.sweep()
        told(pipeline, pipeline.clock.now() - 7200)
        pipeline.clock.advance(BELIEVED_SECONDS)
        assert pipeline.sweep() == {}

        pipeline.clock.advance(1)
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
            patched.setattr("tickets.recovery.make_pending", throttled)
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
