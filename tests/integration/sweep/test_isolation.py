"""No ticket and no index that is in trouble stops another."""

import json
from io import StringIO
from typing import Any

import pytest

from sweep.app import TicketsNotMovedError
from tests.integration.sweep.swept import counted, put_overdue
from tests.support.disturbances import throttled, throttled_for
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline
from tickets.states import Status


class TestOneTicketDoesNotStopAnother:
    def test_a_ticket_whose_move_fails_is_counted_and_the_others_move(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_overdue(pipeline, name)
        recovery = pipeline.sweep_tickets.recovery
        monkeypatch.setattr(recovery, "bring_back", throttled_for("t-2", recovery.bring_back))

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


def test_an_empty_table_is_swept_without_a_word_of_trouble(
    pipeline: InvokedPipeline, logged: StringIO
) -> None:
    assert pipeline.sweep() == {}

    assert {json.loads(line)["level"] for line in logged.getvalue().splitlines()} == {"INFO"}
