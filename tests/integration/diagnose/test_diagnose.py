"""The real handler: a ticket that is written comes back diagnosed, deferred, failed or left alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from io import StringIO
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from capacity.state import Gate
from diagnose.claude.attempt import QUICK_RETRY_SECONDS, ClaudeClient
from diagnose.diagnose_ticket import FAULTS_TO_FAIL
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt, prompt_version
from diagnose.evidence.sections import flatten
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.events import load_event, load_ticket, ticket_names
from runtime.clock import iso
from runtime.item_size import MAX_ITEM_BYTES, size_of
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline, invoked_pipeline
from tickets.wake_up import MAX_DELAY_SECONDS


@pytest.fixture
def pipeline(stand_in: StandIn) -> Iterator[InvokedPipeline]:
    with invoked_pipeline(stand_in) as opened:
        yield opened


@dataclass
class Meanwhile:
    """Claude, while somebody else does something to the ticket that it thinks about."""

    claude: ClaudeClient
    do: Callable[[], object]

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        answer = self.claude.ask(prompt, max_tokens, timeout)
        self.do()
        return answer

    def renew_key(self) -> bool:
        return self.claude.renew_key()


def meanwhile(pipeline: InvokedPipeline, do: Callable[[], object]) -> None:
    claude = Meanwhile(pipeline.diagnose_ticket.claude, do)
    pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)


def user_message(pipeline: InvokedPipeline, call: int = -1) -> str:
    text: str = pipeline.stand_in.calls[call].request["messages"][0]["content"]
    return text


def readings(item: dict[str, Any]) -> dict[str, str]:
    return {reading["name"]: reading["value"] for reading in item["diagnosis_record"]["metric_readings"]}


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
        assert readings(item) == {name: str(value) for name, value in flatten(written["metric_snapshot"])}
        assert item["diagnosis_record"]["doubts"] == []
        assert item["diagnosis"].startswith("## Diagnosis\n")
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

    def test_nothing_of_the_run_stays_on_the_ticket(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()

        pipeline.deliver()

        assert (
            pipeline.item()
            .keys()
            .isdisjoint(
                {
                    "lease_until",
                    "attempts",
                    "first_attempt_at",
                    "waiting_since",
                    "faults",
                    "not_before",
                    "noticed_at",
                }
            )
        )
        assert (pipeline.sent("RetryQueue"), pipeline.sent("DeadLetterQueue")) == ([], [])

    def test_the_stored_diagnosis_changes_when_a_metric_changes(self, pipeline: InvokedPipeline) -> None:
        for ticket_id, await_ms in (("t-1", "41.2"), ("t-2", "7.9")):
            pipeline.put(ticket_id, metric_snapshot={"disk": {"await_ms": Decimal(await_ms)}})
        pipeline.deliver()

        assert readings(pipeline.item("t-1")) == {"disk.await_ms": "41.2"}
        assert readings(pipeline.item("t-2")) == {"disk.await_ms": "7.9"}
        assert "| disk.await_ms | 7.9 |" in pipeline.item("t-2")["diagnosis"]

    def test_an_older_producers_ticket_is_read_as_it_is(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(component=None, store_id=7, metric_snapshot={"lag": 18412}, batch_key=Decimal(418200))

        pipeline.deliver()

        assert "component: 7\n" in user_message(pipeline)
        assert "batch: 418200\n" in user_message(pipeline)

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

        lines = [line for line in user_message(pipeline).splitlines() if line.startswith("[S")]
        assert [line.split()[1] for line in lines] == ["t-5:", "t-4:", "t-2:"]
        assert f"diagnosed {pipeline.item('t-5')['diagnosed_at']}" in lines[0]

    def test_what_was_cut_from_the_prompt_is_on_the_ticket(self, stand_in: StandIn) -> None:
        with invoked_pipeline(stand_in, PromptTokens="4000") as pipeline:
            pipeline.put(log_tail="\n".join(f"line {number} of a long log" for number in range(2000)))
            pipeline.deliver()
            item = pipeline.item()

        [note] = item["diagnosis_notes"]
        assert note.startswith("Log tail, oldest first: the oldest ")
        assert note in item["diagnosis"]

    def test_it_counts_what_it_did(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipeline.put(first_seen_at=iso(pipeline.clock.now() - 90))

        pipeline.deliver()

        [counted] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert counted["Diagnosed"] == [1]
        assert counted["TicketAgeSeconds"] == [90]
        assert counted.keys() >= {"DiagnosisSeconds", "InputTokens", "OutputTokens", "CostUsd"}


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
        meanwhile(pipeline, lambda: pipeline.put(message="written again"))

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item()["message"] == "written again"
        assert pipeline.stand_in.answered == 1

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
        pipeline.put()
        pipeline.deliver()
        room = MAX_ITEM_BYTES - size_of(pipeline.item()) - 200
        pipeline.update(diagnosis_history=[{"diagnosis": "x" * room}])
        pipeline.changes()

        pipeline.put(message="m" * 9_000)
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


class TestDeliveredAgain:
    def test_the_same_event_twice_is_diagnosed_once(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()

        pipeline.diagnose(record)
        pipeline.diagnose(record)

        assert pipeline.stand_in.answered == 1

    def test_the_same_event_during_the_run_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        meanwhile(pipeline, lambda: pipeline.diagnose(record))

        pipeline.diagnose(record)

        assert pipeline.stand_in.answered == 1
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_after_a_bug_of_our_own_the_next_delivery_finds_the_ticket_free(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        claude = pipeline.diagnose_ticket.claude
        meanwhile(pipeline, broken)
        with pytest.raises(RuntimeError, match="a bug"):
            pipeline.diagnose(record)
        pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)

        pipeline.diagnose(record)

        assert pipeline.item()["diagnosis_status"] == "done"

    def test_crashes_fail_a_ticket_once_another_got_through(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        claude = pipeline.diagnose_ticket.claude
        meanwhile(pipeline, broken)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                pipeline.diagnose(record)
            pipeline.clock.advance(5)
        pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)
        pipeline.put("t-2")
        pipeline.deliver()

        pipeline.diagnose(record)

        assert pipeline.item()["diagnosis_error"]["kind"] == "crashed"
        assert pipeline.item("t-2")["diagnosis_status"] == "done"

    def test_crashes_put_a_ticket_off_while_no_other_got_through(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        meanwhile(pipeline, broken)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                pipeline.diagnose(record)
            pipeline.clock.advance(5)

        pipeline.diagnose(record)

        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert pipeline.item()["deferred_reason"] == "3 attempts ended without an outcome"


def broken() -> NoReturn:
    raise RuntimeError("a bug of our own")


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
            "not_before": 0,
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
        monkeypatch.setattr(pipeline.store, "fail", throttled)

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

    def test_an_ambiguous_fault_is_the_tickets_once_others_are_answered(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=None, match="poison"))
        pipeline.put(message="poison")
        pipeline.deliver()
        for number in range(FAULTS_TO_FAIL):
            assert pipeline.item()["diagnosis_status"] == "deferred"
            pipeline.clock.advance(4000)
            pipeline.put(f"healthy-{number}")
            pipeline.deliver()
            pipeline.rearm(pipeline.sent("RetryQueue")[-1].body)
            pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "failed"
        assert pipeline.item()["diagnosis_error"]["kind"] == "ambiguous"
        assert "other tickets were answered" in pipeline.item()["diagnosis_error"]["message"]


def throttled(*_: object, **__: object) -> NoReturn:
    error: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    raise ClientError(error, "UpdateItem")


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
    (Fault(Kind.BAD_REQUEST), "fault"),
    (Fault(Kind.UNPROCESSABLE), "fault"),
    (Fault(Kind.SERVER_ERROR, times=2), "fault"),
    (Fault(Kind.UNAVAILABLE, times=2), "fault"),
    (Fault(Kind.DROP, times=2), "fault"),
]


class TestFaultsThatAreNotTheTickets:
    @pytest.mark.parametrize(("fault", "put_off_for"), PUT_OFF, ids=[fault.kind for fault, _ in PUT_OFF])
    def test_they_leave_the_ticket_waiting_with_a_message_on_the_retry_queue(
        self, pipeline: InvokedPipeline, fault: Fault, put_off_for: str
    ) -> None:
        pipeline.stand_in.script(fault)
        pipeline.put()

        assert pipeline.deliver() == 1

        item, [sent] = pipeline.item(), pipeline.sent("RetryQueue")
        assert (item["status"], item["diagnosis_status"]) == ("open", "deferred")
        assert item["deferred_for"] == put_off_for
        assert item["deferred_reason"]
        assert "lease_until" not in item
        assert sent.body["ticket_id"] == TICKET_ID
        assert (sent.body["generation"], sent.body["kind"]) == (0, "deferred")
        assert sent.body["not_before"] == pytest.approx(float(item["not_before"]), abs=1)
        assert sent.visible_from == pytest.approx(float(item["not_before"]), abs=2)
        assert item["not_before"] > pipeline.clock.now()
        assert pipeline.sent("DeadLetterQueue") == []

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

    def test_tickets_that_wait_come_back_one_after_the_other(self, pipeline: InvokedPipeline) -> None:
        pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + 500, "busy")
        for number in range(3):
            pipeline.put(f"t-{number}")

        pipeline.deliver()

        times = sorted(float(pipeline.item(f"t-{number}")["not_before"]) for number in range(3))
        assert times[1] - times[0] > 5
        assert times[2] - times[1] > 5

    def test_the_message_is_sent_before_the_ticket_is_put_off(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline.stand_in.script(Fault(Kind.FORBIDDEN))
        pipeline.put()
        monkeypatch.setattr(pipeline.store, "defer", throttled)

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

            assert pipeline.item()["diagnosis_status"] == "deferred"
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


class TestWritingBack:
    def test_a_diagnosis_that_the_table_does_not_take_is_written_again(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        complete, refusals = pipeline.store.complete, 3

        def take_it_in_the_end(*args: Any) -> None:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                throttled()
            complete(*args)

        monkeypatch.setattr(pipeline.store, "complete", take_it_in_the_end)
        pipeline.put()

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.stand_in.answered == 1

    def test_when_time_is_up_the_invocation_ends_and_the_ticket_is_free(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pipeline.store, "complete", throttled)
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
        monkeypatch.setattr(pipeline.store, "release", throttled)
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
