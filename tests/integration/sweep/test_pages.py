"""Indexes of many pages are read on, from run to run."""

import pytest

from tests.integration.sweep.swept import limited, names, put_overdue
from tests.support.invoked_pipeline import InvokedPipeline


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
