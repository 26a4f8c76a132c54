"""Requests for a fresh diagnosis that the stream lost, or that were taken back."""

from collections.abc import Mapping
from typing import Any

import pytest

from local.claude.faults import Fault, Kind
from sweep.due import FORGOTTEN_SECONDS
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline


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
