"""What is the ticket's own fault ends failed, with the reason, once its remedy has not helped."""

import json

import pytest
from botocore.exceptions import ClientError

from local.claude.faults import Fault, Kind
from runtime.clock import iso
from tests.support.disturbances import throttled
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline

ENDS: list[tuple[list[Kind], str]] = [
    ([Kind.REFUSAL], "refusal"),
    ([Kind.EMPTY_REFUSAL], "refusal"),
    ([Kind.TRUNCATED] * 2, "truncated"),
    ([Kind.CONTEXT_WINDOW] * 2, "truncated"),
    ([Kind.NOT_JSON] * 2, "not_the_schema"),
    ([Kind.MISFIT] * 2, "not_the_schema"),
    ([Kind.PROMPT_TOO_LONG] * 2, "prompt_too_long"),
    ([Kind.TOO_LARGE] * 2, "prompt_too_long"),
    ([Kind.NOT_JSON, Kind.REFUSAL], "refusal"),
]


class TestTheTicketsOwnFaults:
    @pytest.mark.parametrize(("kinds", "named"), ENDS, ids=["+".join(kinds) for kinds, _ in ENDS])
    def test_they_end_failed_when_the_remedy_does_not_help(
        self, pipeline: InvokedPipeline, kinds: list[Kind], named: str
    ) -> None:
        pipeline.stand_in.script(*map(Fault, kinds))
        pipeline.put()

        assert pipeline.deliver() == 1

        item, calls = pipeline.item(), pipeline.stand_in.calls
        assert len(calls) == len(kinds)
        assert (item["status"], item["diagnosis_status"]) == ("open", "failed")
        error = item["diagnosis_error"]
        assert (error["kind"], error["request_id"]) == (named, calls[-1].request_id)
        assert error["at"] == iso(pipeline.clock.now())
        assert item["diagnosis"].startswith("## Diagnosis error\n")
        assert "similar_key" not in item
        [dead] = pipeline.sent("DeadLetterQueue")
        assert dead.body == {
            "ticket_id": TICKET_ID,
            "generation": 0,
            "kind": "failed",
            "reason": named,
        }
        assert pipeline.sent("RetryQueue") == []

    @pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.NOT_JSON, Kind.MISFIT, Kind.PROMPT_TOO_LONG])
    def test_they_end_done_when_it_does(self, pipeline: InvokedPipeline, kind: Kind) -> None:
        pipeline.stand_in.script(Fault(kind))
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        paid = sum(call.output_tokens for call in pipeline.stand_in.calls)
        assert pipeline.item()["diagnosis_usage"]["output_tokens"] == paid

    def test_a_refusals_words_are_on_the_ticket(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.REFUSAL))
        pipeline.put()

        pipeline.deliver()

        assert "I cannot help with this ticket." in pipeline.item()["diagnosis_error"]["message"]
        assert "I cannot help with this ticket." in pipeline.item()["diagnosis"]

    def test_the_message_is_sent_before_the_ticket_is_failed(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.REFUSAL))
        pipeline.put()
        monkeypatch.setattr(pipeline.diagnose_ticket.runs, "fail", throttled)

        with pytest.raises(ClientError):
            pipeline.deliver()

        assert len(pipeline.sent("DeadLetterQueue")) == 1
        assert pipeline.item()["diagnosis_status"] == "running"

    def test_failures_are_counted_by_kind(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.REFUSAL))
        pipeline.put()

        pipeline.deliver()

        counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert {"FailedByKind", "Failed"} <= {name for line in counted for name in line}
        [by_kind] = [line for line in counted if "FailedByKind" in line]
        assert by_kind["kind"] == "refusal"
