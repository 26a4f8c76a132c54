"""The real handler: a ticket that is written comes back diagnosed, and what is none is left alone."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from diagnose.diagnosis.record import DiagnosisRecord
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import prompt_version
from diagnose.evidence.sections import flatten
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.events import load_event, load_ticket, ticket_names
from runtime.clock import iso
from tests.support.disturbances import broken, meanwhile, throttled
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline
from tickets.attributes import SERIES
from tickets.plain import plain


def readings(item: dict[str, Any]) -> dict[str, str]:
    return {
        reading["name"]: reading["value"] for reading in item["diagnosis_record"]["answer"]["metric_readings"]
    }


class TestMainRoad:
    @pytest.mark.parametrize("name", ticket_names())
    def test_a_ticket_that_is_written_comes_back_diagnosed(
        self, pipeline: InvokedPipeline, name: str
    ) -> None:
        written = load_ticket(name)
        pipeline.tickets.put_item(Item=written)

        assert pipeline.deliver() == 1

        item = pipeline.item(written["ticket_id"])
        assert (item["status"], item["diagnosis_status"]) == ("diagnosed", "done")
        assert readings(item) == {
            name: str(value) for name, value in flatten(written.get("metric_snapshot", {}))
        }
        assert DiagnosisRecord.model_validate(plain(item["diagnosis_record"])).doubts == []
        assert "\n## What to do\n" in item["diagnosis"]
        assert written.items() <= {**item, "status": written["status"]}.items()

    def test_what_is_written_back(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(invariant_name="i" * 600)

        pipeline.deliver()

        item, [call] = pipeline.item(), pipeline.stand_in.calls
        usage = item["diagnosis_usage"]
        assert item["claude_request_id"] == call.request_id
        assert item["prompt_version"] == prompt_version(Diagnosis.model_json_schema())
        assert item["diagnosed_at"] == iso(pipeline.clock.now())
        assert item["diagnosis_model"] == "claude-sonnet-5-5"
        assert item["similar_key"] == "i" * 512
        assert (usage["input_tokens"], usage["output_tokens"]) == (call.input_tokens, call.output_tokens)
        assert usage["cost_usd"] > 0
        assert item["diagnosis_notes"] == []
        assert "diagnosis_error" not in item

    def test_what_can_be_drawn_is_kept(self, pipeline: InvokedPipeline) -> None:
        points = [{"timestamp": f"2026-11-20T09:{at:02}:00Z", "value": at} for at in range(10)]
        pipeline.put(metric_snapshot={"connections": points}, first_seen_at="2026-11-20T09:05:00Z")

        pipeline.deliver()

        charts = plain(pipeline.item()["diagnosis_charts"])
        assert [(each["name"], each["values"]) for each in charts["series"]] == [
            ("connections", list(range(10)))
        ]
        assert charts["onset"] == "2026-11-20T09:01:00.000Z"  # when they left their baseline

    def test_nothing_of_the_run_stays_on_the_ticket(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item().keys().isdisjoint({"lease_until", "not_before", "noticed_at", *SERIES})
        assert (pipeline.sent("RetryQueue"), pipeline.sent("DeadLetterQueue")) == ([], [])

    def test_the_stored_diagnosis_changes_when_a_metric_changes(self, pipeline: InvokedPipeline) -> None:
        for ticket_id, await_ms in (("t-1", "41.2"), ("t-2", "7.9")):
            pipeline.put(ticket_id, metric_snapshot={"disk": {"await_ms": Decimal(await_ms)}})
        pipeline.deliver()

        assert readings(pipeline.item("t-1")) == {"disk.await_ms": "41.2"}
        assert readings(pipeline.item("t-2")) == {"disk.await_ms": "7.9"}
        assert "- `disk.await_ms` = 7.9" in pipeline.item("t-2")["diagnosis"]

    def test_an_older_producers_ticket_is_read_as_it_is(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(component=None, store_id=7, metric_snapshot={"lag": 18412}, batch_key=Decimal(418200))

        pipeline.deliver()

        assert "component: 7\n" in pipeline.asked()
        assert "batch: 418200\n" in pipeline.asked()

    def test_similar_tickets_are_told_newest_first_and_without_failures(
        self, pipeline: InvokedPipeline
    ) -> None:
        for number in range(1, 6):
            pipeline.put(f"t-{number}")
            if number == 3:
                pipeline.stand_in.script(Fault(Kind.REFUSAL))
            pipeline.deliver()
            pipeline.clock.advance(60)
        pipeline.put("other", invariant_name="another invariant")
        pipeline.put("new")

        pipeline.deliver()

        lines = [line for line in pipeline.asked().splitlines() if line.startswith("[S")]
        unconfirmed = "unconfirmed: nobody has said whether it was right"
        for line, ticket_id in zip(lines, ("t-5", "t-4", "t-2"), strict=False):
            assert line.split("] ")[1].startswith(f"{unconfirmed}; {ticket_id}, ")
        assert lines[3:] == ["[S4] 1 more were found, less alike or older: none confirmed or found wrong"]
        assert f"diagnosed {pipeline.item('t-5')['diagnosed_at'].replace('.000Z', 'Z')}" in lines[0]

    def test_what_was_cut_from_the_prompt_is_on_the_ticket(self, stand_in: StandIn) -> None:
        with invoked_pipeline(stand_in, PromptTokens="4000") as pipeline:
            pipeline.put(log_tail="\n".join(f"line {number} of a long log" for number in range(2000)))
            pipeline.deliver()
            item = pipeline.item()

        [note] = item["diagnosis_notes"]
        assert note.startswith("Log tail, as it came: its lines say no order: ")
        assert note in item["diagnosis"]

    def test_it_counts_what_it_did(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.put(first_seen_at=iso(pipeline.clock.now() - 90))

        pipeline.deliver()

        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        [counted] = [line for line in told if "Diagnosed" in line]
        assert counted["Diagnosed"] == [1]
        assert counted["TicketAgeSeconds"] == [90]
        assert counted.keys() >= {"DiagnosisSeconds", "InputTokens", "OutputTokens", "CostUsd"}
        assert counted.keys() >= {"CachedTokens", "EstimatedTokens"}
        assert counted["Doubts"] == [0]
        assert not counted.keys() & {"ConfidenceCapped", "AskedAgain"}


class TestWritingBack:
    def test_a_diagnosis_that_the_table_does_not_take_is_written_again(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        complete, refusals = pipeline.diagnose_ticket.runs.complete, 3

        def take_it_in_the_end(*args: Any) -> None:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                throttled()
            complete(*args)

        monkeypatch.setattr(pipeline.diagnose_ticket.runs, "complete", take_it_in_the_end)
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.stand_in.answered == 1

    def test_when_time_is_up_the_invocation_ends_and_the_ticket_is_free(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pipeline.diagnose_ticket.runs, "complete", throttled)
        pipeline.put()
        [record] = pipeline.transitions()
        started = pipeline.clock.now()

        with pytest.raises(ClientError):
            pipeline.diagnose(record)

        assert 290 < pipeline.clock.now() - started < 300
        assert pipeline.item()["lease_until"] == 0

    def test_a_claim_that_cannot_be_given_up_ends_by_itself(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        pipeline.put()
        monkeypatch.setattr(pipeline.diagnose_ticket.runs, "release", throttled)
        meanwhile(pipeline, broken)

        with pytest.raises(RuntimeError):
            pipeline.deliver()

        assert "its lease will end by itself" in logged.getvalue()


class TestIgnored:
    def test_a_removed_ticket(self, pipeline: InvokedPipeline, logged: StringIO) -> None:
        pipeline.diagnose(*load_event("diagnose-remove")["Records"])

        assert "ignored: deleted, or a record without a new image" in logged.getvalue()

    def test_a_record_without_a_new_image(self, pipeline: InvokedPipeline, logged: StringIO) -> None:
        [record] = load_event("diagnose-insert")["Records"]
        del record["dynamodb"]["NewImage"]

        pipeline.diagnose(record)

        assert "ignored: deleted, or a record without a new image" in logged.getvalue()

    @pytest.mark.parametrize("record", [{}, {"dynamodb": {}}, {"eventID": "e"}, None], ids=str)
    def test_what_is_no_record_of_the_stream(
        self, pipeline: InvokedPipeline, record: Any, logged: StringIO
    ) -> None:
        pipeline.diagnose(record)

        assert "not a record of the tickets' stream" in logged.getvalue()

    def test_an_event_without_records(self, pipeline: InvokedPipeline, logged: StringIO) -> None:
        pipeline.diagnose()

        assert "ignored: no records in the event" in logged.getvalue()

    def test_one_bad_record_does_not_cost_the_next_one(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()

        pipeline.diagnose({}, *pipeline.transitions())

        assert pipeline.item()["diagnosis_status"] == "done"

    @pytest.mark.parametrize(
        "attributes",
        [
            {"occurrence_count": 2},
            {"last_seen_at": "2027-01-15T08:00:00Z"},
            {"status": "acknowledged"},
            {"note": "x"},
        ],
        ids=str,
    )
    def test_a_bump_or_an_edit_of_a_waiting_ticket_wakes_nothing(
        self, pipeline: InvokedPipeline, attributes: dict[str, Any]
    ) -> None:
        pipeline.put()
        pipeline.changes()

        pipeline.update(**attributes)

        assert pipeline.transitions() == []

    @pytest.mark.parametrize("status", ["resolved", "diagnosed", "opne", None])
    def test_a_ticket_in_no_status_that_wants_a_diagnosis_wakes_nothing(
        self, pipeline: InvokedPipeline, status: str | None
    ) -> None:
        pipeline.put(status=status)

        assert pipeline.transitions() == []
