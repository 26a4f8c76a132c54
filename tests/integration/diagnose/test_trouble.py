"""A ticket whose attempts come to nothing waits, each time twice as long, and says why; it never fails."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from capacity.state import Gate
from diagnose.deferrals import LONGEST_TROUBLE_WAIT_SECONDS
from local.claude.faults import Fault, Kind
from runtime.clock import iso
from tests.support.disturbances import broken, meanwhile, throttled
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.attributes import SERIES


def wait_of(pipeline: InvokedPipeline, ticket_id: str = "t-1") -> float:
    """How long the ticket now waits (seconds)."""
    return round(float(pipeline.item(ticket_id)["not_before"]) - pipeline.clock.now(), 3)


def bring_back(pipeline: InvokedPipeline, ticket_id: str = "t-1") -> None:
    """Lets the ticket's time come, and sweep and diagnose work on it."""
    pipeline.clock.advance(wait_of(pipeline, ticket_id) + 200)
    pipeline.sweep()
    pipeline.deliver()


class TestAmbiguousFaults:
    def test_the_wait_doubles_up_to_a_day_and_the_ticket_never_fails(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=None))
        pipeline.put()
        pipeline.deliver()
        waits = [wait_of(pipeline)]
        for _ in range(14):
            bring_back(pipeline)
            assert pipeline.item()["diagnosis_status"] == "deferred"
            waits.append(wait_of(pipeline))

        assert waits[:4] == [60, 120, 240, 480]
        assert waits[-1] == LONGEST_TROUBLE_WAIT_SECONDS
        assert pipeline.item()["troubles"] == 15
        assert pipeline.sent("DeadLetterQueue") == []

    def test_the_first_wait_is_ten_times_what_the_attempt_took(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST))
        claude = pipeline.diagnose_ticket.claude

        class Slow:
            def ask(self, *arguments: object) -> object:
                pipeline.clock.advance(150)
                return claude.ask(*arguments)  # type: ignore[arg-type]

            def renew_key(self) -> bool:
                return claude.renew_key()

        pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=Slow())  # type: ignore[arg-type]
        pipeline.put()

        pipeline.deliver()

        assert wait_of(pipeline) == 1500

    def test_a_slow_attempt_after_quick_ones_does_not_multiply_the_wait(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST))
        pipeline.put(troubles=5, trouble_seconds=100, trouble_wait=960)

        pipeline.deliver()

        assert wait_of(pipeline) == 2 * 960

    def test_what_it_waited_for_the_gate_does_not_count(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST))
        pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + 70, "busy")
        pipeline.put()

        pipeline.deliver()

        assert wait_of(pipeline) == 60

    def test_sweep_brings_it_back_without_a_message(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST))
        pipeline.put()
        pipeline.deliver()
        assert pipeline.sent("RetryQueue") == []

        pipeline.clock.advance(59)
        assert pipeline.sweep() == {}
        pipeline.clock.advance(1)
        assert pipeline.sweep() == {"rearm": 1}

    def test_the_ticket_says_what_it_met_and_when_it_is_tried_again(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST))
        pipeline.put()

        pipeline.deliver()

        item, [call] = pipeline.item(), pipeline.stand_in.calls
        assert item["diagnosis"].startswith("## Diagnosis error\n")
        assert "The request could not be used." in item["diagnosis"]
        assert f"tried again at {iso(float(item['not_before']))}" in item["diagnosis"]
        assert item["diagnosis_error"]["request_id"] == call.request_id
        assert "The request could not be used." in item["deferred_reason"]
        assert item["status"] == "open"

    def test_nothing_of_it_stays_on_a_ticket_that_is_diagnosed_in_the_end(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=2))
        pipeline.put()
        pipeline.deliver()
        bring_back(pipeline)

        bring_back(pipeline)

        item = pipeline.item()
        assert item["diagnosis_status"] == "done"
        assert "\n## What to do\n" in item["diagnosis"]
        gone = {"diagnosis_error", "deferred_for", "deferred_reason", "not_before", *SERIES}
        assert item.keys().isdisjoint(gone)

    def test_one_fault_closes_nothing_and_a_second_tickets_fault_does(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=2))
        pipeline.put("t-1")
        pipeline.deliver()
        assert pipeline.capacity.read().gate_until == 0

        pipeline.put("t-2")
        pipeline.deliver()

        assert pipeline.capacity.read().gate == Gate.PROVIDER
        assert pipeline.capacity.read().gate_until > pipeline.clock.now()

    def test_the_faults_of_a_ticket_that_has_met_some_close_nothing(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=None))
        pipeline.put()
        pipeline.deliver()
        for _ in range(6):
            bring_back(pipeline)

        assert pipeline.item()["troubles"] == 7
        assert pipeline.capacity.read().gate_until == 0

    def test_an_answer_to_a_ticket_that_has_met_faults_opens_nothing(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=2))
        for name in ("t-1", "t-2"):
            pipeline.put(name)
            pipeline.deliver()
        pipeline.clock.advance(200)
        pipeline.sweep()

        pipeline.deliver()

        assert [pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2")] == ["done", "done"]
        assert pipeline.capacity.read().is_half_open

    def test_while_the_gate_is_half_open_another_ticket_tries_first(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=2))
        for name in ("t-1", "t-2"):
            pipeline.put(name)
            pipeline.deliver()
        pipeline.put("t-3", diagnosis_status="deferred", deferred_for="gate", generation=0)
        pipeline.clock.advance(200)
        pipeline.sweep()

        woken = [record["dynamodb"]["Keys"]["ticket_id"]["S"] for record in pipeline.transitions()]
        assert woken == ["t-3"]

    def test_it_is_counted_until_it_is_over(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=3))
        pipeline.put()
        pipeline.deliver()
        for _ in range(2):
            bring_back(pipeline)
        capsys.readouterr()

        pipeline.sweep()

        counted = capsys.readouterr().out
        assert '"TicketsInTrouble":[1' in counted.replace(" ", "")
        assert '"TicketsThatKeepFailing":[1' in counted.replace(" ", "")


class TestCrashes:
    def test_a_second_crash_in_a_row_makes_the_ticket_wait_and_no_third_call_is_made(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        meanwhile(pipeline, broken)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                pipeline.diagnose(record)
            pipeline.clock.advance(5)

        pipeline.diagnose(record)

        item = pipeline.item()
        assert (item["diagnosis_status"], item["deferred_for"]) == ("deferred", "trouble")
        assert item["deferred_reason"] == "2 attempts ended without an outcome"
        assert wait_of(pipeline) == 60
        assert item["diagnosis"].startswith("## Diagnosis error\n")
        assert len(pipeline.stand_in.calls) == 2

    def test_when_the_bug_is_mended_the_ticket_is_diagnosed_though_others_were_before(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        claude = pipeline.diagnose_ticket.claude
        meanwhile(pipeline, broken)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                pipeline.diagnose(record)
        pipeline.diagnose(record)
        pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)
        pipeline.put("t-2")
        pipeline.deliver()

        bring_back(pipeline)

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item("t-2")["diagnosis_status"] == "done"

    def test_trouble_of_aws_costs_the_ticket_nothing(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=5))
        pipeline.put()
        [record] = pipeline.transitions()
        with monkeypatch.context() as patched:
            patched.setattr(pipeline.diagnose_ticket.runs, "defer", throttled)
            for _ in range(5):
                with pytest.raises(ClientError):
                    pipeline.diagnose(record)
                pipeline.clock.advance(1)
        assert int(pipeline.item().get("attempts", 0)) == 0

        pipeline.diagnose(record)

        assert pipeline.item()["diagnosis_status"] == "done"
