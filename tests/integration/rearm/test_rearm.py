"""Messages of the retry queue: that the gate opens, and failed tickets redriven; none costs another."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from capacity.buckets import Used
from local.demo.events import load_event
from tests.support.disturbances import throttled, throttled_for
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline
from tickets.wake_up import MAX_DELAY_SECONDS, read_message

NOTHING_TO_REPEAT: dict[str, Any] = {"batchItemFailures": []}


def failed(ticket_id: str = TICKET_ID, **fields: Any) -> dict[str, Any]:
    return {"ticket_id": ticket_id, "generation": 0, "kind": "failed", "reason": "r", **fields}


def put_failed(pipeline: InvokedPipeline, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    pipeline.put(ticket_id, **{"diagnosis_status": "failed", "generation": 0, **attributes})


def put_deferred(pipeline: InvokedPipeline, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    deferred = {
        "diagnosis_status": "deferred",
        "generation": 0,
        "not_before": 5,
        "deferred_for": "gate",
        "deferred_reason": "busy",
    }
    pipeline.put(ticket_id, **{**deferred, **attributes})


def close_gate(pipeline: InvokedPipeline, seconds: float) -> float:
    return pipeline.capacity.shared_limit(pipeline.capacity.read(), pipeline.clock.now() + seconds, "busy")


def gate_opens(pipeline: InvokedPipeline, in_seconds: float = 0) -> dict[str, Any]:
    return {"kind": "gate", "opens_at": int(pipeline.clock.now() + in_seconds)}


class TestTheGateOpens:
    def test_a_ticket_that_waited_for_it_passes_the_filter_and_is_diagnosed(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        put_deferred(pipeline)
        pipeline.changes()

        assert pipeline.rearm(gate_opens(pipeline)) == NOTHING_TO_REPEAT

        item = pipeline.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 1)
        assert item.keys().isdisjoint({"not_before", "deferred_for", "deferred_reason"})
        assert pipeline.stand_in.calls == ()
        assert '"outcome":"pending: 1 whose time had come"' in logged.getvalue()
        assert pipeline.deliver() == 1
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_the_same_message_twice_brings_it_back_once(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)

        pipeline.rearm(gate_opens(pipeline), gate_opens(pipeline))

        assert pipeline.item()["generation"] == 1

    def test_only_the_next_turn_is_no_reason_to_wait(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)
        pipeline.capacity.take_turn(pipeline.capacity.read())

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.item()["diagnosis_status"] == "pending"

    def test_a_ticket_resolved_meanwhile_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline, status="resolved")

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_the_severest_come_first_and_then_who_has_waited_longest(self, pipeline: InvokedPipeline) -> None:
        now = int(pipeline.clock.now())
        for name, severity, waited in (
            ("info", "info", 900),
            ("late warning", "warning", 10),
            ("critical", "CRITICAL ", 5),
            ("early warning", "warning", 500),
        ):
            put_deferred(pipeline, name, severity=severity, waiting_since=now - waited)
        pipeline.changes()
        answer = Used(100.0, 1, 1, 0.0)
        pipeline.rearm_ticket.capacity.answered(pipeline.capacity.read(), answer, {}, fresh=True)

        pipeline.rearm(gate_opens(pipeline))

        woken = [record["dynamodb"]["Keys"]["ticket_id"]["S"] for record in pipeline.transitions()]
        assert woken == ["critical", "early warning", "late warning"], "300 s to the next sweep, 100 s each"
        assert pipeline.item("info")["diagnosis_status"] == "deferred"

    def test_one_tries_after_the_gate_was_closed(self, pipeline: InvokedPipeline) -> None:
        for number in range(5):
            put_deferred(pipeline, f"t-{number}")
        opens = close_gate(pipeline, 60)
        pipeline.clock.advance(61)

        pipeline.rearm({"kind": "gate", "opens_at": int(opens)})

        assert [item["diagnosis_status"] for item in pipeline.items()].count("pending") == 1

    @pytest.mark.parametrize(("wait", "delay"), [(30, 30), (900, 900), (5000, MAX_DELAY_SECONDS)])
    def test_a_message_that_comes_early_is_sent_again_for_the_rest(
        self, pipeline: InvokedPipeline, wait: int, delay: int
    ) -> None:
        put_deferred(pipeline)
        early = gate_opens(pipeline, wait)

        pipeline.rearm(early)

        [sent] = pipeline.sent("RetryQueue")
        assert (sent.body, sent.visible_from) == (early, pipeline.clock.now() + delay)
        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_a_gate_that_was_closed_again_has_another_message(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)
        close_gate(pipeline, 300)

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.sent("RetryQueue") == []
        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_tickets_in_trouble_wait_for_their_own_time(self, pipeline: InvokedPipeline) -> None:
        later = pipeline.clock.now() + 1
        put_deferred(pipeline, deferred_for="trouble", troubles=1, not_before=Decimal(str(later)))

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_those_whose_time_has_come_need_not_wait_for_sweep(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline, deferred_for="trouble", troubles=1)

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.item()["diagnosis_status"] == "pending"

    def test_a_message_for_the_far_future_is_dropped(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)

        pipeline.rearm(gate_opens(pipeline, 10**7))

        assert pipeline.sent("RetryQueue") == []


class TestRedrive:
    def test_it_does_not_wait_for_the_gate(self, pipeline: InvokedPipeline) -> None:
        put_failed(pipeline)
        close_gate(pipeline, 300)

        pipeline.rearm(failed())

        assert pipeline.item()["diagnosis_status"] == "pending"

    def test_the_same_message_twice_brings_it_back_once(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        put_failed(pipeline)

        pipeline.rearm(failed(), failed())

        assert pipeline.item()["generation"] == 1
        assert '"outcome":"dropped: ticket is pending"' in logged.getvalue()

    def test_a_failed_ticket_comes_back_with_its_attempts_starting_again(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put(diagnosis_status="failed", generation=4, attempts=3, troubles=3, trouble_seconds=5)

        pipeline.rearm(failed(generation=4))

        item = pipeline.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 5)
        assert item.keys().isdisjoint({"attempts", "troubles", "trouble_seconds"})

    def test_the_dead_letters_own_message_redrives_it_once(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(message=None)
        pipeline.deliver()
        [dead] = pipeline.sent("DeadLetterQueue")
        pipeline.update(message="mended")
        pipeline.changes()

        pipeline.rearm(dead.body, dead.body)

        assert pipeline.item()["generation"] == 1
        pipeline.deliver()
        assert pipeline.item()["diagnosis_status"] == "done"

    @pytest.mark.parametrize("diagnosis_status", ["done", "pending", "running", "deferred"])
    def test_a_ticket_that_is_not_failed_any_more_is_left_alone(
        self, pipeline: InvokedPipeline, diagnosis_status: str
    ) -> None:
        pipeline.put(diagnosis_status=diagnosis_status, generation=0)

        pipeline.rearm(failed())

        assert pipeline.item()["diagnosis_status"] == diagnosis_status

    def test_a_resolved_ticket_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status="resolved", diagnosis_status="failed", generation=0)

        pipeline.rearm(failed())

        assert pipeline.item()["diagnosis_status"] == "failed"


class TestDropped:
    def test_a_ticket_that_is_not_there(self, pipeline: InvokedPipeline, logged: StringIO) -> None:
        assert pipeline.rearm(failed("t-unknown")) == NOTHING_TO_REPEAT

        assert pipeline.item("t-unknown") == {}
        assert '"outcome":"dropped: ticket is deleted"' in logged.getvalue()

    def test_a_message_of_an_earlier_generation(self, pipeline: InvokedPipeline) -> None:
        put_failed(pipeline, generation=3)

        pipeline.rearm(failed(generation=2))

        assert pipeline.item()["diagnosis_status"] == "failed"

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "null",
            "[]",
            "words",
            "{}",
            "\x00",
            failed(""),
            failed(generation=-1),
            failed(generation="third"),
            failed(generation=None),
            failed(kind="other"),
            failed("x" * 3000),
            {"kind": "gate", "opens_at": "soon"},
            {"kind": "gate", "opens_at": 1e300},
            {"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {}},
            {"Type": "Notification", "Message": json.dumps(failed())},
        ],
        ids=lambda body: str(body)[:40],
    )
    def test_a_message_that_is_not_ours(
        self, pipeline: InvokedPipeline, logged: StringIO, body: object
    ) -> None:
        put_failed(pipeline)

        assert pipeline.rearm(body) == NOTHING_TO_REPEAT

        assert pipeline.item()["diagnosis_status"] == "failed"
        assert "dropped: not a message of ours" in logged.getvalue()
        assert '"message_id":"m-0"' in logged.getvalue()

    def test_more_fields_than_we_know_do_no_harm(self, pipeline: InvokedPipeline) -> None:
        put_failed(pipeline)

        pipeline.rearm(failed(colour="red"))

        assert pipeline.item()["diagnosis_status"] == "pending"


class TestBatch:
    def test_one_bad_message_does_not_repeat_the_good_ones(self, pipeline: InvokedPipeline) -> None:
        put_failed(pipeline, "t-1")
        put_failed(pipeline, "t-2")

        answer = pipeline.rearm(failed("t-1"), "words", failed("t-unknown"), failed("t-2"))

        assert answer == NOTHING_TO_REPEAT
        assert {pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2")} == {"pending"}

    def test_a_message_for_which_the_store_fails_is_the_only_one_repeated(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_failed(pipeline, name)
        recovery = pipeline.rearm_ticket.recovery
        monkeypatch.setattr(recovery, "redrive", throttled_for("t-2", recovery.redrive))

        answer = pipeline.rearm(failed("t-1"), failed("t-2"), failed("t-3"))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
        found = [pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2", "t-3")]
        assert found == ["pending", "failed", "pending"]
        [line] = [line for line in logged.getvalue().splitlines() if "to be repeated" in line]
        assert json.loads(line)["ticket_id"] == "t-2"

    def test_when_the_queue_does_not_take_a_message_back_it_is_repeated(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_deferred(pipeline)
        monkeypatch.setattr(pipeline.rearm_ticket.retry_queue, "send", throttled)

        answer = pipeline.rearm(gate_opens(pipeline, 60))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}

    def test_when_nothing_works_every_message_is_repeated(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pipeline.rearm_ticket.capacity, "read", throttled)

        answer = pipeline.rearm(gate_opens(pipeline), gate_opens(pipeline))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-1"}]}


def test_the_shipped_event_is_one_that_the_handler_takes(pipeline: InvokedPipeline) -> None:
    bodies = [json.loads(record["body"]) for record in load_event("rearm-due")["Records"]]

    assert pipeline.rearm(*bodies) == NOTHING_TO_REPEAT
    assert {read_message(json.dumps(body)).kind for body in bodies} == {"gate", "failed"}
