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
from diagnose.claude.attempt import QUICK_RETRY_SECONDS, Asks
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
from tests.support.doors import TICKET_ID, Doors, doors
from tickets.wake_up import MAX_DELAY_SECONDS


@pytest.fixture
def road(stand_in: StandIn) -> Iterator[Doors]:
    with doors(stand_in) as opened:
        yield opened


@dataclass
class Meanwhile:
    """Claude, while somebody else does something to the ticket that it thinks about."""

    claude: Asks
    do: Callable[[], object]

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        answer = self.claude.ask(prompt, max_tokens, timeout)
        self.do()
        return answer

    def renew_key(self) -> bool:
        return self.claude.renew_key()


def meanwhile(road: Doors, do: Callable[[], object]) -> None:
    claude = Meanwhile(road.diagnosing.claude, do)
    road.diagnosing = replace(road.diagnosing, claude=claude)


def user_message(road: Doors, call: int = -1) -> str:
    text: str = road.stand_in.calls[call].request["messages"][0]["content"]
    return text


def readings(item: dict[str, Any]) -> dict[str, str]:
    return {reading["name"]: reading["value"] for reading in item["diagnosis_record"]["metric_readings"]}


class TestMainRoad:
    @pytest.mark.parametrize("name", ticket_names())
    def test_a_ticket_that_is_written_comes_back_diagnosed(self, road: Doors, name: str) -> None:
        written = load_ticket(name)
        road.tickets.put_item(Item=written)

        assert road.deliver() == 1

        item = road.item(written["ticket_id"])
        assert (item["status"], item["diagnosis_status"]) == ("diagnosed", "done")
        assert readings(item) == {name: str(value) for name, value in flatten(written["metric_snapshot"])}
        assert item["diagnosis_record"]["doubts"] == []
        assert item["diagnosis"].startswith("## Diagnosis\n")
        assert written.items() <= {**item, "status": written["status"]}.items()

    def test_what_is_written_back(self, road: Doors) -> None:
        road.put(invariant_name="i" * 600)

        road.deliver()

        item, [call] = road.item(), road.stand_in.calls
        usage = item["diagnosis_usage"]
        assert item["claude_request_id"] == call.request_id
        assert item["prompt_version"] == prompt_version(Diagnosis.model_json_schema())
        assert item["diagnosed_at"] == iso(road.clock.now())
        assert item["diagnosis_model"] == "claude-sonnet-5-5"
        assert item["similar_key"] == "i" * 512
        assert (usage["input_tokens"], usage["output_tokens"]) == (call.input_tokens, call.output_tokens)
        assert usage["cost_usd"] > 0
        assert item["diagnosis_notes"] == []
        assert "diagnosis_error" not in item

    def test_nothing_of_the_run_stays_on_the_ticket(self, road: Doors) -> None:
        road.put()

        road.deliver()

        assert (
            road.item()
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
        assert (road.sent("RetryQueue"), road.sent("DeadLetterQueue")) == ([], [])

    def test_the_stored_diagnosis_changes_when_a_metric_changes(self, road: Doors) -> None:
        for ticket_id, await_ms in (("t-1", "41.2"), ("t-2", "7.9")):
            road.put(ticket_id, metric_snapshot={"disk": {"await_ms": Decimal(await_ms)}})
        road.deliver()

        assert readings(road.item("t-1")) == {"disk.await_ms": "41.2"}
        assert readings(road.item("t-2")) == {"disk.await_ms": "7.9"}
        assert "| disk.await_ms | 7.9 |" in road.item("t-2")["diagnosis"]

    def test_an_older_producers_ticket_is_read_as_it_is(self, road: Doors) -> None:
        road.put(component=None, store_id=7, metric_snapshot={"lag": 18412}, batch_key=Decimal(418200))

        road.deliver()

        assert "component: 7\n" in user_message(road)
        assert "batch: 418200\n" in user_message(road)

    def test_similar_tickets_are_told_newest_first_and_without_failures(self, road: Doors) -> None:
        for number in range(1, 6):
            road.put(f"t-{number}")
            if number == 3:
                road.stand_in.script(Fault(Kind.REFUSAL))
            road.deliver()
            road.clock.advance(60)
        road.put("other", invariant_name="another invariant")
        road.put("new")

        road.deliver()

        lines = [line for line in user_message(road).splitlines() if line.startswith("[S")]
        assert [line.split()[1] for line in lines] == ["t-5:", "t-4:", "t-2:"]
        assert f"diagnosed {road.item('t-5')['diagnosed_at']}" in lines[0]

    def test_what_was_cut_from_the_prompt_is_on_the_ticket(self, stand_in: StandIn) -> None:
        with doors(stand_in, PromptTokens="4000") as road:
            road.put(log_tail="\n".join(f"line {number} of a long log" for number in range(2000)))
            road.deliver()
            item = road.item()

        [note] = item["diagnosis_notes"]
        assert note.startswith("Log tail, oldest first: the oldest ")
        assert note in item["diagnosis"]

    def test_it_counts_what_it_did(self, road: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        road.put(first_seen_at=iso(road.clock.now() - 90))

        road.deliver()

        [counted] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert counted["Diagnosed"] == [1]
        assert counted["TicketAgeSeconds"] == [90]
        assert counted.keys() >= {"DiagnosisSeconds", "InputTokens", "OutputTokens", "CostUsd"}


class TestPeopleMeanwhile:
    @pytest.mark.parametrize("status", ["acknowledged", "resolved", "diagnosed"])
    def test_a_status_that_a_person_sets_is_never_undone(self, road: Doors, status: str) -> None:
        road.put()
        meanwhile(road, lambda: road.update(status=status))

        road.deliver()

        assert road.item()["status"] == status
        assert road.item()["diagnosis_status"] == "done"
        assert road.stand_in.answered == 1

    def test_an_acknowledged_ticket_is_diagnosed_as_well(self, road: Doors) -> None:
        road.put(status="acknowledged")

        road.deliver()

        assert road.item()["status"] == "diagnosed"

    def test_a_ticket_deleted_during_its_run_does_not_come_back(self, road: Doors, logged: StringIO) -> None:
        road.put()
        meanwhile(road, road.delete)

        road.deliver()

        assert road.item() == {}
        assert "ticket is deleted" in logged.getvalue()

    def test_a_ticket_deleted_while_queued_is_ignored(self, road: Doors, logged: StringIO) -> None:
        road.put()
        [record] = road.transitions()
        road.delete()

        road.diagnose(record)

        assert road.item() == {}
        assert road.stand_in.calls == ()
        assert "ignored: ticket is deleted" in logged.getvalue()

    def test_a_ticket_resolved_while_queued_is_ignored(self, road: Doors) -> None:
        road.put()
        [record] = road.transitions()
        road.update(status="resolved")

        road.diagnose(record)

        assert "diagnosis_status" not in road.item()
        assert road.stand_in.calls == ()

    def test_a_producers_bump_during_the_run_is_kept(self, road: Doors) -> None:
        road.put(occurrence_count=1)
        meanwhile(road, lambda: road.update(occurrence_count=2))

        assert road.deliver() == 1

        assert road.item()["occurrence_count"] == 2


class TestOverwrites:
    def test_an_overwritten_diagnosis_is_restored_without_a_paid_call(self, road: Doors) -> None:
        road.put()
        road.deliver()
        before = road.item()

        road.put(occurrence_count=9)
        road.deliver()

        assert road.item() == {**before, "occurrence_count": 9}
        assert road.stand_in.answered == 1

    def test_a_producer_that_writes_null_for_what_it_does_not_know_erases_no_diagnosis(
        self, road: Doors
    ) -> None:
        ticket = road.put()
        road.deliver()
        before = road.item()

        for count in (2, 3):
            road.tickets.put_item(
                Item={**ticket, "occurrence_count": count, "diagnosis_status": None, "generation": None}
            )
            road.deliver()

        assert road.item() == {**before, "occurrence_count": 3}
        assert road.stand_in.answered == 1

    def test_an_overwrite_in_the_middle_of_a_run_costs_no_second_diagnosis(self, road: Doors) -> None:
        road.put()
        meanwhile(road, lambda: road.put(message="written again"))

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert road.item()["message"] == "written again"
        assert road.stand_in.answered == 1

    def test_an_overwrite_of_a_resolved_ticket_is_a_new_incident(self, road: Doors) -> None:
        road.put()
        road.deliver()
        road.update(status="resolved")

        road.put(message="again")
        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert road.stand_in.answered == 2

    def test_a_diagnosis_is_restored_beside_a_longer_ticket(self, road: Doors) -> None:
        road.put()
        road.deliver()
        diagnosis = road.item()["diagnosis"]

        road.put(log_tail="y" * 405_000)
        road.deliver()

        assert road.item()["diagnosis"] == diagnosis
        assert road.stand_in.answered == 1

    def test_what_cannot_be_restored_for_lack_of_room_is_diagnosed_once_more(self, road: Doors) -> None:
        road.put()
        road.deliver()
        room = MAX_ITEM_BYTES - size_of(road.item()) - 200
        road.update(diagnosis_history=[{"diagnosis": "x" * room}])
        road.changes()

        road.put(message="m" * 9_000)
        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert "diagnosis_history" not in road.item()
        assert road.stand_in.answered == 2


class TestRediagnose:
    def test_a_persons_request_brings_a_fresh_diagnosis_and_keeps_the_old_one(self, road: Doors) -> None:
        road.put(metric_snapshot={"await": 41})
        road.deliver()
        old = road.item()

        road.update(rediagnose="after the deploy", metric_snapshot={"await": 7})
        road.deliver()

        item = road.item()
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
        assert road.stand_in.answered == 2

    def test_a_failed_ticket_can_be_asked_for_again_and_loses_its_error(self, road: Doors) -> None:
        road.put(message=None)
        road.deliver()
        assert road.item()["diagnosis_status"] == "failed"

        road.update(rediagnose="mended", message="await 41 ms")
        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert "diagnosis_error" not in road.item()

    def test_a_resolved_ticket_is_diagnosed_again_and_stays_resolved(self, road: Doors) -> None:
        road.put()
        road.deliver()
        road.update(status="resolved")

        road.update(rediagnose="for the review")
        road.deliver()

        assert road.stand_in.answered == 2
        assert road.item()["status"] == "resolved"
        assert road.item()["diagnosis_status"] == "done"

    def test_a_request_written_during_the_run_is_served_after_it(self, road: Doors) -> None:
        road.put()
        asked: list[str] = []

        def ask_once() -> None:
            if not asked:
                asked.append("once")
                road.update(rediagnose="it is worse now")

        meanwhile(road, ask_once)

        road.deliver()

        assert road.stand_in.answered == 2
        assert "rediagnose" not in road.item()

    def test_a_request_on_a_ticket_that_is_gone_is_ignored(self, road: Doors, logged: StringIO) -> None:
        road.put()
        road.deliver()
        road.update(rediagnose="please")
        [record] = road.transitions()
        road.delete()

        road.diagnose(record)

        assert "ignored: ticket is deleted" in logged.getvalue()


class TestDeliveredAgain:
    def test_the_same_event_twice_is_diagnosed_once(self, road: Doors) -> None:
        road.put()
        [record] = road.transitions()

        road.diagnose(record)
        road.diagnose(record)

        assert road.stand_in.answered == 1

    def test_the_same_event_during_the_run_is_left_alone(self, road: Doors) -> None:
        road.put()
        [record] = road.transitions()
        meanwhile(road, lambda: road.diagnose(record))

        road.diagnose(record)

        assert road.stand_in.answered == 1
        assert road.item()["diagnosis_status"] == "done"

    def test_after_a_bug_of_our_own_the_next_delivery_finds_the_ticket_free(self, road: Doors) -> None:
        road.put()
        [record] = road.transitions()
        claude = road.diagnosing.claude
        meanwhile(road, broken)
        with pytest.raises(RuntimeError, match="a bug"):
            road.diagnose(record)
        road.diagnosing = replace(road.diagnosing, claude=claude)

        road.diagnose(record)

        assert road.item()["diagnosis_status"] == "done"

    def test_crashes_fail_a_ticket_once_another_got_through(self, road: Doors) -> None:
        road.put()
        [record] = road.transitions()
        claude = road.diagnosing.claude
        meanwhile(road, broken)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                road.diagnose(record)
            road.clock.advance(5)
        road.diagnosing = replace(road.diagnosing, claude=claude)
        road.put("t-2")
        road.deliver()

        road.diagnose(record)

        assert road.item()["diagnosis_error"]["kind"] == "crashed"
        assert road.item("t-2")["diagnosis_status"] == "done"

    def test_crashes_put_a_ticket_off_while_no_other_got_through(self, road: Doors) -> None:
        road.put()
        [record] = road.transitions()
        meanwhile(road, broken)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                road.diagnose(record)
            road.clock.advance(5)

        road.diagnose(record)

        assert road.item()["diagnosis_status"] == "deferred"
        assert road.item()["deferred_reason"] == "3 attempts ended without an outcome"


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
        self, road: Doors, kinds: list[Kind], named: str
    ) -> None:
        road.stand_in.script(*map(Fault, kinds))
        road.put()

        assert road.deliver() == 1

        item, calls = road.item(), road.stand_in.calls
        assert len(calls) == len(kinds)
        assert (item["status"], item["diagnosis_status"]) == ("open", "failed")
        error = item["diagnosis_error"]
        assert (error["kind"], error["request_id"]) == (named, calls[-1].request_id)
        assert error["at"] == iso(road.clock.now())
        assert item["diagnosis"].startswith("## Diagnosis error\n")
        assert "similar_key" not in item
        [dead] = road.sent("DeadLetterQueue")
        assert dead.body == {
            "ticket_id": TICKET_ID,
            "generation": 0,
            "kind": "failed",
            "not_before": 0,
            "reason": named,
        }
        assert road.sent("RetryQueue") == []

    @pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.NOT_JSON, Kind.MISFIT, Kind.PROMPT_TOO_LONG])
    def test_they_end_done_when_it_does(self, road: Doors, kind: Kind) -> None:
        road.stand_in.script(Fault(kind))
        road.put()

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        paid = sum(call.output_tokens for call in road.stand_in.calls)
        assert road.item()["diagnosis_usage"]["output_tokens"] == paid

    def test_a_refusals_words_are_on_the_ticket(self, road: Doors) -> None:
        road.stand_in.script(Fault(Kind.REFUSAL))
        road.put()

        road.deliver()

        assert "I cannot help with this ticket." in road.item()["diagnosis_error"]["message"]
        assert "I cannot help with this ticket." in road.item()["diagnosis"]

    def test_the_message_is_sent_before_the_ticket_is_failed(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        road.stand_in.script(Fault(Kind.REFUSAL))
        road.put()
        monkeypatch.setattr(road.store, "fail", throttled)

        with pytest.raises(ClientError):
            road.deliver()

        assert len(road.sent("DeadLetterQueue")) == 1
        assert road.item()["diagnosis_status"] == "running"

    def test_failures_are_counted_by_kind(self, road: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        road.stand_in.script(Fault(Kind.REFUSAL))
        road.put()

        road.deliver()

        counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert {"FailedByKind", "Failed"} <= {name for line in counted for name in line}
        [by_kind] = [line for line in counted if "FailedByKind" in line]
        assert by_kind["kind"] == "refusal"

    def test_an_ambiguous_fault_is_the_tickets_once_others_are_answered(self, road: Doors) -> None:
        road.stand_in.script(Fault(Kind.BAD_REQUEST, times=None, match="poison"))
        road.put(message="poison")
        road.deliver()
        for number in range(FAULTS_TO_FAIL):
            assert road.item()["diagnosis_status"] == "deferred"
            road.clock.advance(4000)
            road.put(f"healthy-{number}")
            road.deliver()
            road.rearm(road.sent("RetryQueue")[-1].body)
            road.deliver()

        assert road.item()["diagnosis_status"] == "failed"
        assert road.item()["diagnosis_error"]["kind"] == "ambiguous"
        assert "other tickets were answered" in road.item()["diagnosis_error"]["message"]


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
        self, road: Doors, fault: Fault, put_off_for: str
    ) -> None:
        road.stand_in.script(fault)
        road.put()

        assert road.deliver() == 1

        item, [sent] = road.item(), road.sent("RetryQueue")
        assert (item["status"], item["diagnosis_status"]) == ("open", "deferred")
        assert item["deferred_for"] == put_off_for
        assert item["deferred_reason"]
        assert "lease_until" not in item
        assert sent.body["ticket_id"] == TICKET_ID
        assert (sent.body["generation"], sent.body["kind"]) == (0, "deferred")
        assert sent.body["not_before"] == pytest.approx(float(item["not_before"]), abs=1)
        assert sent.visible_from == pytest.approx(float(item["not_before"]), abs=2)
        assert item["not_before"] > road.clock.now()
        assert road.sent("DeadLetterQueue") == []

    def test_a_short_limit_is_waited_out_in_the_same_invocation(self, road: Doors) -> None:
        started = road.clock.now()
        road.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=30))
        road.put()

        assert road.deliver() == 1

        assert road.item()["diagnosis_status"] == "done"
        assert road.clock.now() - started >= 30

    def test_a_server_error_is_tried_once_more_at_once(self, road: Doors) -> None:
        started = road.clock.now()
        road.stand_in.script(Fault(Kind.SERVER_ERROR))
        road.put()

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert road.clock.now() - started == QUICK_RETRY_SECONDS

    def test_a_wait_longer_than_a_message_may_take_is_left_to_sweep(self, road: Doors) -> None:
        road.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=3 * MAX_DELAY_SECONDS))
        road.put()

        road.deliver()

        assert road.item()["diagnosis_status"] == "deferred"
        assert road.item()["not_before"] >= road.clock.now() + 3 * MAX_DELAY_SECONDS
        assert road.sent("RetryQueue") == []

    def test_behind_a_closed_gate_no_call_is_made(self, road: Doors) -> None:
        road.capacity.shared_limit(road.capacity.read(), road.clock.now() + 500, "busy")
        road.put()

        road.deliver()

        assert road.stand_in.calls == ()
        assert road.item()["deferred_reason"] == "busy"

    def test_tickets_that_wait_come_back_one_after_the_other(self, road: Doors) -> None:
        road.capacity.shared_limit(road.capacity.read(), road.clock.now() + 500, "busy")
        for number in range(3):
            road.put(f"t-{number}")

        road.deliver()

        times = sorted(float(road.item(f"t-{number}")["not_before"]) for number in range(3))
        assert times[1] - times[0] > 5
        assert times[2] - times[1] > 5

    def test_the_message_is_sent_before_the_ticket_is_put_off(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        road.stand_in.script(Fault(Kind.FORBIDDEN))
        road.put()
        monkeypatch.setattr(road.store, "defer", throttled)

        with pytest.raises(ClientError):
            road.deliver()

        assert len(road.sent("RetryQueue")) == 1

    def test_a_deferred_ticket_that_comes_back_is_diagnosed(self, road: Doors) -> None:
        road.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=600))
        road.put()
        road.deliver()
        [sent] = road.sent("RetryQueue")
        road.clock.advance(sent.visible_from - road.clock.now() + 1)

        road.rearm(sent.body)
        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert road.item()["generation"] == 1

    def test_at_the_days_spend_cap_the_next_ticket_waits_for_the_next_day(self, stand_in: StandIn) -> None:
        with doors(stand_in, DailySpendCapUsd="0.001") as road:
            road.put("t-1")
            road.put("t-2")
            road.deliver()

            assert road.item("t-1")["diagnosis_status"] == "done"
            assert road.item("t-2")["diagnosis_status"] == "deferred"
            assert "day's spend reached" in road.item("t-2")["deferred_reason"]

    def test_an_answer_of_no_use_counts_towards_the_cap_even_when_the_ticket_has_to_wait(
        self, stand_in: StandIn
    ) -> None:
        with doors(stand_in, DailySpendCapUsd="0.001") as road:
            stand_in.script(Fault(Kind.NOT_JSON), Fault(Kind.BAD_REQUEST))
            road.put()
            road.deliver()

            assert road.item()["diagnosis_status"] == "deferred"
            assert road.capacity.read().gate == Gate.SPEND


class TestAccount:
    def test_a_replaced_key_is_read_and_the_call_repeated(self, road: Doors) -> None:
        road.keep_key("bad-key")
        road.put("t-1")
        road.deliver()
        assert road.item("t-1")["diagnosis_status"] == "deferred"
        road.capacity.open()
        road.keep_key("sk-new")
        road.put("t-2")

        road.deliver()

        assert road.item("t-2")["diagnosis_status"] == "done"
        assert [call.status for call in road.stand_in.calls] == [401, 401, 200]

    @pytest.mark.parametrize("secret", [" ", "{}", '{"api_key": 5}', '{"api_key"', "two words"], ids=str)
    def test_an_unusable_secret_puts_every_ticket_off_and_names_the_secret(
        self, road: Doors, secret: str, logged: StringIO
    ) -> None:
        road.keep_key(secret)
        road.put("t-1")
        road.put("t-2")

        road.deliver()

        assert road.stand_in.calls == ()
        assert {road.item(name)["diagnosis_status"] for name in ("t-1", "t-2")} == {"deferred"}
        assert road.stack.ref("AnthropicApiKey") in road.item("t-1")["deferred_reason"]
        assert "Claude cannot be used until a person acts" in logged.getvalue()

    def test_a_secret_that_is_gone_puts_tickets_off(self, road: Doors) -> None:
        road.stack.secrets.delete_secret(
            SecretId=road.stack.ref("AnthropicApiKey"), ForceDeleteWithoutRecovery=True
        )
        road.put()

        road.deliver()

        assert road.item()["diagnosis_status"] == "deferred"
        assert "cannot be read" in road.item()["deferred_reason"]

    def test_it_rings_for_a_person(self, road: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        road.stand_in.script(Fault(Kind.CREDIT_BALANCE))
        road.put()

        road.deliver()

        counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert any(line.get("AccountFault") == [1] for line in counted)


class TestWritingBack:
    def test_a_diagnosis_that_the_table_does_not_take_is_written_again(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        complete, refusals = road.store.complete, 3

        def take_it_in_the_end(*args: Any) -> None:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                throttled()
            complete(*args)

        monkeypatch.setattr(road.store, "complete", take_it_in_the_end)
        road.put()

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert road.stand_in.answered == 1

    def test_when_time_is_up_the_invocation_ends_and_the_ticket_is_free(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(road.store, "complete", throttled)
        road.put()
        [record] = road.transitions()
        started = road.clock.now()

        with pytest.raises(ClientError):
            road.diagnose(record)

        assert 290 < road.clock.now() - started < 300
        assert road.item()["lease_until"] == 0

    def test_a_claim_that_cannot_be_given_up_ends_by_itself(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        road.put()
        monkeypatch.setattr(road.store, "release", throttled)
        meanwhile(road, broken)

        with pytest.raises(RuntimeError):
            road.deliver()

        assert "its lease will end by itself" in logged.getvalue()


class TestIgnored:
    def test_a_removed_ticket(self, road: Doors, logged: StringIO) -> None:
        road.diagnose(*load_event("diagnose-remove")["Records"])

        assert "ignored: deleted, or a record without a new image" in logged.getvalue()

    def test_a_record_without_a_new_image(self, road: Doors, logged: StringIO) -> None:
        [record] = load_event("diagnose-insert")["Records"]
        del record["dynamodb"]["NewImage"]

        road.diagnose(record)

        assert "ignored: deleted, or a record without a new image" in logged.getvalue()

    @pytest.mark.parametrize("record", [{}, {"dynamodb": {}}, {"eventID": "e"}, None], ids=str)
    def test_what_is_no_record_of_the_stream(self, road: Doors, record: Any, logged: StringIO) -> None:
        road.diagnose(record)

        assert "not a record of the tickets' stream" in logged.getvalue()

    def test_an_event_without_records(self, road: Doors, logged: StringIO) -> None:
        road.diagnose()

        assert "ignored: no records in the event" in logged.getvalue()

    def test_one_bad_record_does_not_cost_the_next_one(self, road: Doors) -> None:
        road.put()

        road.diagnose({}, *road.transitions())

        assert road.item()["diagnosis_status"] == "done"

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
        self, road: Doors, attributes: dict[str, Any]
    ) -> None:
        road.put()
        road.changes()

        road.update(**attributes)

        assert road.transitions() == []

    @pytest.mark.parametrize("status", ["resolved", "diagnosed", "opne", None])
    def test_a_ticket_in_no_status_that_wants_a_diagnosis_wakes_nothing(
        self, road: Doors, status: str | None
    ) -> None:
        road.put(status=status)

        assert road.transitions() == []
