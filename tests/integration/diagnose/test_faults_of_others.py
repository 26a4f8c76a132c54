"""What is not the ticket's fault puts it off: shared limits, the account, and what may be the provider's."""

import json
from io import StringIO

import pytest
from botocore.exceptions import ClientError

from capacity.capacity import USUAL_CALL_SECONDS
from capacity.state import Gate
from diagnose.claude.attempt import QUICK_RETRY_SECONDS
from diagnose.claude.deadline import CALL_MARGIN_SECONDS
from diagnose.claude.turns import LOOK_SECONDS
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from tests.support.disturbances import throttled
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline
from tickets.wake_up import MAX_DELAY_SECONDS

PUT_OFF: list[tuple[Fault, str]] = [
    (Fault(Kind.RATE_LIMIT, retry_after=600), "gate"),
    (Fault(Kind.OVERLOADED, retry_after=600), "gate"),
    (Fault(Kind.SPEND_LIMIT), "gate"),
    (Fault(Kind.UNAUTHORISED), "gate"),
    (Fault(Kind.PAYMENT_REQUIRED), "gate"),
    (Fault(Kind.FORBIDDEN), "gate"),
    (Fault(Kind.MODEL_NOT_FOUND), "gate"),
    (Fault(Kind.CREDIT_BALANCE), "gate"),
    (Fault(Kind.USAGE_LIMITS), "gate"),
    (Fault(Kind.BAD_REQUEST), "trouble"),
    (Fault(Kind.UNPROCESSABLE), "trouble"),
    (Fault(Kind.SERVER_ERROR, times=2), "trouble"),
    (Fault(Kind.UNAVAILABLE, times=2), "trouble"),
    (Fault(Kind.DROP, times=2), "trouble"),
]


class TestFaultsThatAreNotTheTickets:
    @pytest.mark.parametrize(("fault", "put_off_for"), PUT_OFF, ids=[fault.kind for fault, _ in PUT_OFF])
    def test_they_leave_the_ticket_waiting_for_the_gates_message_or_for_sweep(
        self, pipeline: InvokedPipeline, fault: Fault, put_off_for: str
    ) -> None:
        pipeline.stand_in.script(fault)
        pipeline.put()

        assert pipeline.deliver() == 1

        item, sent = pipeline.item(), pipeline.sent("RetryQueue")
        assert (item["status"], item["diagnosis_status"]) == ("open", "deferred")
        assert item["deferred_for"] == put_off_for
        assert item["deferred_reason"]
        assert "lease_until" not in item
        assert [message.body["kind"] for message in sent] == ["gate"] * (put_off_for == "gate")
        for message in sent:
            assert message.visible_from == pytest.approx(float(item["not_before"]), abs=2)
        assert item["not_before"] > pipeline.clock.now()
        assert pipeline.sent("DeadLetterQueue") == []

    @pytest.mark.parametrize("kind", [Kind.RATE_LIMIT, Kind.CREDIT_BALANCE])
    def test_a_ticket_that_is_put_off_remembers_the_answers_that_were_of_no_use(
        self, pipeline: InvokedPipeline, kind: Kind
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.MISFIT), Fault(kind, retry_after=600))
        pipeline.put()

        pipeline.deliver()

        item = pipeline.item()
        assert (item["diagnosis_status"], item["answers_unused"]) == ("deferred", 1)

    def test_a_short_limit_is_waited_out_in_the_same_invocation(self, pipeline: InvokedPipeline) -> None:
        started = pipeline.clock.now()
        pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=30))
        pipeline.put()

        assert pipeline.deliver() == 1

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.clock.now() - started >= 30

    def test_a_server_error_is_tried_once_more_at_once(self, pipeline: InvokedPipeline) -> None:
        started = pipeline.clock.now()
        pipeline.stand_in.script(Fault(Kind.SERVER_ERROR))
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.clock.now() - started == QUICK_RETRY_SECONDS

    def test_a_wait_longer_than_a_message_may_take_is_left_to_sweep(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=3 * MAX_DELAY_SECONDS))
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert pipeline.item()["not_before"] >= pipeline.clock.now() + 3 * MAX_DELAY_SECONDS
        assert pipeline.sent("RetryQueue") == []

    def test_behind_a_closed_gate_no_call_is_made(self, pipeline: InvokedPipeline) -> None:
        pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + 500, "busy")
        pipeline.put()

        pipeline.deliver()

        assert pipeline.stand_in.calls == ()
        assert pipeline.item()["deferred_reason"] == "busy"

    def test_who_finds_the_gate_closed_is_put_off_unclaimed_and_without_a_message_of_its_own(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + 500, "busy")
        for number in range(3):
            pipeline.put(f"t-{number}")

        pipeline.deliver()

        items = [pipeline.item(f"t-{number}") for number in range(3)]
        assert {(item["diagnosis_status"], item["deferred_for"]) for item in items} == {("deferred", "gate")}
        assert all("claim_token" not in item for item in items)
        assert pipeline.sent("RetryQueue") == []

    def test_when_the_gate_opens_the_severest_of_those_that_wait_are_diagnosed_first(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=600))
        for severity in ("low", "warning", "critical", "high"):
            pipeline.put(severity, severity=severity)
            pipeline.deliver()
            pipeline.clock.advance(1)
        [sent] = pipeline.sent("RetryQueue")
        pipeline.clock.advance(sent.visible_from - pipeline.clock.now())

        pipeline.rearm(sent.body)

        woken = [record["dynamodb"]["Keys"]["ticket_id"]["S"] for record in pipeline.transitions()]
        assert woken == ["critical"], "the gate is half-open: one tries"
        pipeline.update("critical", diagnosis_status="deferred", deferred_for="gate", not_before=0)
        pipeline.update("critical", diagnosis_status="pending")
        pipeline.deliver()
        [_, opened] = pipeline.sent(
            "RetryQueue"
        )  # one for when it opens, and one now that somebody was answered
        pipeline.rearm(opened.body)
        woken = [record["dynamodb"]["Keys"]["ticket_id"]["S"] for record in pipeline.transitions()]
        assert woken == ["high", "warning", "low"]

    def test_an_invocation_that_sleeps_notices_within_seconds_that_the_gate_was_opened_by_hand(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + 75, "busy")
        pipeline.put()
        started, sleep = pipeline.clock.now(), pipeline.clock.sleep

        def opened_after_twenty_seconds(seconds: float) -> None:
            sleep(seconds)
            if pipeline.clock.now() - started >= 20:
                pipeline.capacity.open()

        monkeypatch.setattr(pipeline.clock, "sleep", opened_after_twenty_seconds)
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.clock.now() - started <= 20 + LOOK_SECONDS

    def test_what_calls_take_is_kept_for_the_call_before_waiting_in_place(
        self, pipeline: InvokedPipeline
    ) -> None:
        wait = 300 - CALL_MARGIN_SECONDS - USUAL_CALL_SECONDS + 1
        pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + wait, "busy")
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert pipeline.stand_in.calls == ()

    def test_the_message_is_sent_before_the_ticket_is_put_off(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.FORBIDDEN))
        pipeline.put()
        monkeypatch.setattr(pipeline.diagnose_ticket.runs, "defer", throttled)

        with pytest.raises(ClientError):
            pipeline.deliver()

        assert len(pipeline.sent("RetryQueue")) == 1

    def test_a_deferred_ticket_that_comes_back_is_diagnosed(self, pipeline: InvokedPipeline) -> None:
        pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=600))
        pipeline.put()
        pipeline.deliver()
        [sent] = pipeline.sent("RetryQueue")
        pipeline.clock.advance(sent.visible_from - pipeline.clock.now() + 1)

        pipeline.rearm(sent.body)
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item()["generation"] == 1

    def test_at_the_days_spend_cap_the_next_ticket_waits_for_the_next_day(self, stand_in: StandIn) -> None:
        with invoked_pipeline(stand_in, DailySpendCapUsd="0.001") as pipeline:
            pipeline.put("t-1")
            pipeline.put("t-2")
            pipeline.deliver()

            assert pipeline.item("t-1")["diagnosis_status"] == "done"
            assert pipeline.item("t-2")["diagnosis_status"] == "deferred"
            assert "day's spend reached" in pipeline.item("t-2")["deferred_reason"]

    def test_an_answer_of_no_use_counts_towards_the_cap_even_when_the_ticket_has_to_wait(
        self, stand_in: StandIn
    ) -> None:
        with invoked_pipeline(stand_in, DailySpendCapUsd="0.001") as pipeline:
            stand_in.script(Fault(Kind.NOT_JSON), Fault(Kind.BAD_REQUEST))
            pipeline.put()
            pipeline.deliver()

            assert pipeline.item()["deferred_for"] == "trouble"
            assert pipeline.capacity.read().gate == Gate.SPEND


class TestAccount:
    def test_a_replaced_key_is_read_and_the_call_repeated(self, pipeline: InvokedPipeline) -> None:
        pipeline.set_key("bad-key")
        pipeline.put("t-1")
        pipeline.deliver()
        assert pipeline.item("t-1")["diagnosis_status"] == "deferred"
        pipeline.capacity.open()
        pipeline.set_key("sk-new")
        pipeline.put("t-2")

        pipeline.deliver()

        assert pipeline.item("t-2")["diagnosis_status"] == "done"
        assert [call.status for call in pipeline.stand_in.calls] == [401, 401, 200]

    @pytest.mark.parametrize("secret", [" ", "{}", '{"api_key": 5}', '{"api_key"', "two words"], ids=str)
    def test_an_unusable_secret_puts_every_ticket_off_and_names_the_secret(
        self, pipeline: InvokedPipeline, secret: str, logged: StringIO
    ) -> None:
        pipeline.set_key(secret)
        pipeline.put("t-1")
        pipeline.put("t-2")

        pipeline.deliver()

        assert pipeline.stand_in.calls == ()
        assert {pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2")} == {"deferred"}
        assert pipeline.stack.ref("AnthropicApiKey") in pipeline.item("t-1")["deferred_reason"]
        assert "Claude cannot be used until a person acts" in logged.getvalue()

    def test_a_secret_that_is_gone_puts_tickets_off(self, pipeline: InvokedPipeline) -> None:
        pipeline.stack.secrets.delete_secret(
            SecretId=pipeline.stack.ref("AnthropicApiKey"), ForceDeleteWithoutRecovery=True
        )
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert "cannot be read" in pipeline.item()["deferred_reason"]

    def test_it_rings_for_a_person(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.CREDIT_BALANCE))
        pipeline.put()

        pipeline.deliver()

        counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert any(line.get("AccountFault") == [1] for line in counted)
