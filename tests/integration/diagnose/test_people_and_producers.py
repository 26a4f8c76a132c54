"""People and producers write to tickets while, before and after they are diagnosed."""

import itertools
from io import StringIO
from typing import Any

import pytest

from runtime.item_size import MAX_ITEM_BYTES, size_of
from tests.support.disturbances import meanwhile
from tests.support.invoked_pipeline import InvokedPipeline


def readings(item: dict[str, Any]) -> dict[str, str]:
    return {
        reading["name"]: reading["value"] for reading in item["diagnosis_record"]["answer"]["metric_readings"]
    }


class TestPeopleMeanwhile:
    @pytest.mark.parametrize("status", ["acknowledged", "resolved", "diagnosed"])
    def test_a_status_that_a_person_sets_is_never_undone(
        self, pipeline: InvokedPipeline, status: str
    ) -> None:
        pipeline.put()
        meanwhile(pipeline, lambda: pipeline.update(status=status))

        pipeline.deliver()

        assert pipeline.item()["status"] == status
        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.stand_in.answered == 1

    def test_an_acknowledged_ticket_is_diagnosed_as_well(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status="acknowledged")

        pipeline.deliver()

        assert pipeline.item()["status"] == "diagnosed"

    def test_a_ticket_deleted_during_its_run_does_not_come_back(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        pipeline.put()
        meanwhile(pipeline, pipeline.delete)

        pipeline.deliver()

        assert pipeline.item() == {}
        assert "ticket is deleted" in logged.getvalue()

    def test_a_ticket_deleted_while_queued_is_ignored(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        pipeline.delete()

        pipeline.diagnose(record)

        assert pipeline.item() == {}
        assert pipeline.stand_in.calls == ()
        assert "ignored: ticket is deleted" in logged.getvalue()

    def test_a_ticket_resolved_while_queued_is_ignored(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        pipeline.update(status="resolved")

        pipeline.diagnose(record)

        assert "diagnosis_status" not in pipeline.item()
        assert pipeline.stand_in.calls == ()

    def test_a_producers_bump_during_the_run_is_kept(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(occurrence_count=1)
        meanwhile(pipeline, lambda: pipeline.update(occurrence_count=2))

        assert pipeline.deliver() == 1

        assert pipeline.item()["occurrence_count"] == 2


class TestOverwrites:
    def test_an_overwritten_diagnosis_is_restored_without_a_paid_call(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        pipeline.deliver()
        before = pipeline.item()

        pipeline.put(occurrence_count=9)
        pipeline.deliver()

        assert pipeline.item() == {**before, "occurrence_count": 9}
        assert pipeline.stand_in.answered == 1

    def test_a_producer_that_writes_null_for_what_it_does_not_know_erases_no_diagnosis(
        self, pipeline: InvokedPipeline
    ) -> None:
        ticket = pipeline.put()
        pipeline.deliver()
        before = pipeline.item()

        for count in (2, 3):
            pipeline.tickets.put_item(
                Item={**ticket, "occurrence_count": count, "diagnosis_status": None, "generation": None}
            )
            pipeline.deliver()

        assert pipeline.item() == {**before, "occurrence_count": 3}
        assert pipeline.stand_in.answered == 1

    def test_an_overwrite_in_the_middle_of_a_run_costs_no_second_diagnosis(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        meanwhile(pipeline, lambda: pipeline.put(occurrence_count=2))

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item()["occurrence_count"] == 2
        assert pipeline.stand_in.answered == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"message": "store 4 is down"},
            {"invariant_name": "store_up"},
            {"component": "tikv-5"},
            {"log_tail": "another night"},
            {"first_seen_at": 1_795_000_000},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("how", ["overwritten", "deleted and made anew", "resolved and overwritten"])
    def test_what_is_written_in_the_middle_of_a_run_is_not_given_the_diagnosis_of_something_else(
        self, pipeline: InvokedPipeline, other: dict[str, Any], how: str
    ) -> None:
        pipeline.put(component="tikv-4")
        written: list[str] = []

        def write_another_incident() -> None:
            if written:
                return
            written.append("once")
            if how == "deleted and made anew":
                pipeline.delete()
            if how == "resolved and overwritten":
                pipeline.update(status="resolved")
            pipeline.put(**{"component": "tikv-4", **other})

        meanwhile(pipeline, write_another_incident)

        pipeline.deliver()

        item = pipeline.item()
        assert (item["diagnosis_status"], item["status"]) == ("done", "diagnosed")
        assert pipeline.stand_in.answered == 2
        value = "2026-11-18T11:06:40" if "first_seen_at" in other else str(next(iter(other.values())))
        assert value in pipeline.asked()

    def test_a_producer_that_overwrites_with_ever_new_evidence_costs_one_more_diagnosis(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        lines = itertools.count(1)
        meanwhile(pipeline, lambda: pipeline.put(log_tail=f"line {next(lines)}"))

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.stand_in.answered == 2

    @pytest.mark.parametrize(
        "other",
        [{"message": "store 4 is down"}, {"invariant_name": "store_up"}, {"component": "tikv-5"}],
        ids=str,
    )
    @pytest.mark.parametrize("resolved", [False, True])
    def test_an_overwrite_of_a_diagnosed_ticket_with_another_incident_is_diagnosed_and_the_former_kept(
        self, pipeline: InvokedPipeline, other: dict[str, Any], resolved: bool
    ) -> None:
        pipeline.put(component="tikv-4")
        pipeline.deliver()
        former = pipeline.item()
        if resolved:
            pipeline.update(status="resolved")

        pipeline.put(**{"component": "tikv-4", **other})
        pipeline.deliver()

        item = pipeline.item()
        assert (item["diagnosis_status"], item["status"]) == ("done", "diagnosed")
        assert pipeline.stand_in.answered == 2
        assert [old["diagnosis"] for old in item["diagnosis_history"]] == [former["diagnosis"]]
        assert item["generation"] > former["generation"]

    def test_figures_in_the_message_that_move_on_are_no_new_incident(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(message="await 41.2 ms > 10 ms")
        pipeline.deliver()

        pipeline.put(message="await 1,200 ms > 10 ms")
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.stand_in.answered == 1

    def test_a_status_that_a_person_wrote_after_the_overwrite_is_not_put_back(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        pipeline.deliver()
        pipeline.put(occurrence_count=2)
        [record] = pipeline.transitions()
        pipeline.update(status="acknowledged")

        pipeline.diagnose(record)

        assert (pipeline.item()["diagnosis_status"], pipeline.item()["status"]) == ("done", "acknowledged")

    def test_an_overwrite_of_a_resolved_ticket_is_a_new_incident(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.deliver()
        pipeline.update(status="resolved")

        pipeline.put(message="again")
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.stand_in.answered == 2

    def test_a_diagnosis_is_restored_beside_a_longer_ticket(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.deliver()
        diagnosis = pipeline.item()["diagnosis"]

        pipeline.put(log_tail="y" * 405_000)
        pipeline.deliver()

        assert pipeline.item()["diagnosis"] == diagnosis
        assert pipeline.stand_in.answered == 1

    def test_what_cannot_be_restored_for_lack_of_room_is_diagnosed_once_more(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put(message="await 1 ms")
        pipeline.deliver()
        room = MAX_ITEM_BYTES - size_of(pipeline.item()) - 200
        pipeline.update(diagnosis_history=[{"diagnosis": "x" * room}])
        pipeline.changes()

        pipeline.put(message=f"await {'1' * 9_000} ms")
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert "diagnosis_history" not in pipeline.item()
        assert pipeline.stand_in.answered == 2


class TestRediagnose:
    def test_a_persons_request_brings_a_fresh_diagnosis_and_keeps_the_old_one(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put(metric_snapshot={"await": 41})
        pipeline.deliver()
        old = pipeline.item()

        pipeline.update(rediagnose="after the deploy", metric_snapshot={"await": 7})
        pipeline.deliver()

        item = pipeline.item()
        assert readings(item) == {"await": "7"}
        assert item["diagnosis_status"] == "done"
        assert "rediagnose" not in item
        assert item["generation"] == 1
        [past] = item["diagnosis_history"]
        assert past == {
            "diagnosed_at": old["diagnosed_at"],
            "diagnosis_model": old["diagnosis_model"],
            "prompt_version": old["prompt_version"],
            "diagnosis": old["diagnosis"],
            "rediagnose": "after the deploy",
        }
        assert pipeline.stand_in.answered == 2

    def test_a_failed_ticket_can_be_asked_for_again_and_loses_its_error(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put(message=None)
        pipeline.deliver()
        assert pipeline.item()["diagnosis_status"] == "failed"

        pipeline.update(rediagnose="mended", message="await 41 ms")
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert "diagnosis_error" not in pipeline.item()

    def test_a_resolved_ticket_is_diagnosed_again_and_stays_resolved(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        pipeline.deliver()
        pipeline.update(status="resolved")

        pipeline.update(rediagnose="for the review")
        pipeline.deliver()

        assert pipeline.stand_in.answered == 2
        assert pipeline.item()["status"] == "resolved"
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_a_request_written_during_the_run_is_served_after_it(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        asked: list[str] = []

        def ask_once() -> None:
            if not asked:
                asked.append("once")
                pipeline.update(rediagnose="it is worse now")

        meanwhile(pipeline, ask_once)

        pipeline.deliver()

        assert pipeline.stand_in.answered == 2
        assert "rediagnose" not in pipeline.item()

    def test_a_request_on_a_ticket_that_is_gone_is_ignored(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        pipeline.put()
        pipeline.deliver()
        pipeline.update(rediagnose="please")
        [record] = pipeline.transitions()
        pipeline.delete()

        pipeline.diagnose(record)

        assert "ignored: ticket is deleted" in logged.getvalue()


@pytest.mark.parametrize("written", ["Open", "OPEN", "Acknowledged", "ACKNOWLEDGED"])
def test_a_status_in_capitals_is_respelt_and_counted_and_its_ticket_diagnosed_at_once(
    pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    pipeline.put(status=written)

    assert pipeline.deliver() == 1

    item = pipeline.item()
    assert (item["diagnosis_status"], item["status"]) == ("done", "diagnosed")
    assert '"StatusRespelt":[1' in capsys.readouterr().out.replace(" ", "")


def test_a_ticket_overwritten_in_capitals_keeps_its_diagnosis(pipeline: InvokedPipeline) -> None:
    pipeline.put(status="Open")
    pipeline.deliver()

    pipeline.put(status="Open", occurrence_count=2)
    pipeline.deliver()

    assert pipeline.stand_in.answered == 1
    assert (pipeline.item()["diagnosis_status"], pipeline.item()["status"]) == ("done", "diagnosed")


class TestOpenedAgain:
    @pytest.mark.parametrize("status", ["open", "acknowledged", "OPEN"])
    def test_a_resolved_ticket_that_is_opened_again_is_diagnosed_afresh_and_the_former_kept(
        self, pipeline: InvokedPipeline, status: str
    ) -> None:
        pipeline.put()
        pipeline.deliver()
        former = pipeline.item()
        pipeline.update(status="resolved")
        pipeline.clock.advance(3601)

        pipeline.update(status=status)
        pipeline.deliver()

        item = pipeline.item()
        assert (item["diagnosis_status"], item["status"]) == ("done", "diagnosed")
        assert pipeline.stand_in.answered == 2
        assert [old["diagnosis"] for old in item["diagnosis_history"]] == [former["diagnosis"]]

    @pytest.mark.parametrize("how", ["updated", "overwritten"])
    def test_a_young_diagnosis_stands(self, pipeline: InvokedPipeline, how: str) -> None:
        pipeline.put()
        pipeline.deliver()
        former = pipeline.item()
        pipeline.update(status="resolved")
        pipeline.clock.advance(3500)

        (pipeline.update if how == "updated" else pipeline.put)(status="open")
        pipeline.deliver()

        assert pipeline.item()["diagnosis"] == former["diagnosis"]
        assert (pipeline.item()["diagnosis_status"], pipeline.item()["status"]) == ("done", "open")
        assert pipeline.stand_in.answered == 1

    def test_a_ticket_that_failed_is_tried_afresh_at_once(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(message=None)
        pipeline.deliver()
        pipeline.update(status="resolved")

        pipeline.update(message="await 41 ms", status="open")
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"

    def test_one_that_a_person_takes_back_from_diagnosed_is_left_alone(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        pipeline.deliver()
        pipeline.clock.advance(5000)

        pipeline.update(status="acknowledged")
        pipeline.deliver()

        assert pipeline.item()["status"] == "acknowledged"
        assert pipeline.stand_in.answered == 1
