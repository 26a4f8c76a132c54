"""Messages of the retry queue: each brings its ticket back once, when it is time, and costs no other."""

import json
from io import StringIO
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from capacity.buckets import Used
from local.demo.events import load_event
from rearm.rearm_ticket import STILL_RUNNING_SECONDS
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline
from tickets.wake_up import MAX_DELAY_SECONDS, WakeUp

NOTHING_TO_REPEAT: dict[str, Any] = {"batchItemFailures": []}


def message(ticket_id: str = TICKET_ID, **fields: Any) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "generation": 0,
        "kind": "deferred",
        "not_before": 0,
        "reason": "r",
        **fields,
    }


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


class TestDue:
    def test_a_ticket_whose_time_has_come_is_pending(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        put_deferred(pipeline)

        assert pipeline.rearm(message(not_before=int(pipeline.clock.now()) - 1)) == NOTHING_TO_REPEAT

        item = pipeline.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 1)
        assert item.keys().isdisjoint({"not_before", "deferred_for", "deferred_reason"})
        assert pipeline.sent("RetryQueue") == []
        assert '"outcome":"pending: its time has come"' in logged.getvalue()

    def test_it_passes_the_filter_and_is_diagnosed(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)
        pipeline.changes()

        pipeline.rearm(message())

        assert pipeline.deliver() == 1
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_the_same_message_twice_brings_it_back_once(
        self, pipeline: InvokedPipeline, logged: StringIO
    ) -> None:
        put_deferred(pipeline)

        pipeline.rearm(message())
        pipeline.rearm(message())

        assert pipeline.item()["generation"] == 1
        assert '"outcome":"dropped: ticket is pending"' in logged.getvalue()

    def test_claude_is_not_called(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)

        pipeline.rearm(message())

        assert pipeline.stand_in.calls == ()

    def test_only_the_next_turn_is_no_reason_to_wait(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)
        pipeline.capacity.take_turn(pipeline.capacity.read())

        pipeline.rearm(message())

        assert pipeline.item()["diagnosis_status"] == "pending"


class TestNotDue:
    @pytest.mark.parametrize(("wait", "delay"), [(30, 30), (900, 900), (5000, MAX_DELAY_SECONDS)])
    def test_a_message_that_came_too_early_is_sent_again_for_the_rest(
        self, pipeline: InvokedPipeline, wait: int, delay: int
    ) -> None:
        put_deferred(pipeline)
        due = int(pipeline.clock.now()) + wait

        assert pipeline.rearm(message(not_before=due)) == NOTHING_TO_REPEAT

        [sent] = pipeline.sent("RetryQueue")
        assert sent.body == message(not_before=due)
        assert sent.visible_from == pipeline.clock.now() + delay
        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_a_message_that_asks_for_more_than_a_day_is_dropped(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)

        pipeline.rearm(message(not_before=int(pipeline.clock.now()) + 90_000))

        assert pipeline.sent("RetryQueue") == []
        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_a_ticket_that_is_still_running_is_looked_at_again(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="running", generation=0, lease_until=int(pipeline.clock.now()) + 300)

        pipeline.rearm(message())

        [sent] = pipeline.sent("RetryQueue")
        assert sent.body == message()
        assert sent.visible_from == pipeline.clock.now() + STILL_RUNNING_SECONDS

    @pytest.mark.parametrize(
        "fields", [{"generation": 1}, {"kind": "failed"}], ids=["another generation", "a redrive"]
    )
    def test_but_not_for_another_message_than_its_own(
        self, pipeline: InvokedPipeline, fields: dict[str, Any]
    ) -> None:
        pipeline.put(diagnosis_status="running", generation=0, lease_until=int(pipeline.clock.now()) + 300)

        pipeline.rearm(message(**fields))

        assert pipeline.sent("RetryQueue") == []
        assert pipeline.item()["diagnosis_status"] == "running"

    @pytest.mark.parametrize("lease", [{}, {"lease_until": 0}, {"lease_until": 1_000}])
    def test_nor_for_a_run_that_cannot_be_alive(
        self, pipeline: InvokedPipeline, lease: dict[str, Any]
    ) -> None:
        pipeline.put(status="resolved", diagnosis_status="running", generation=0, **lease)

        pipeline.rearm(message())

        assert pipeline.sent("RetryQueue") == []


class TestClosedGate:
    @pytest.mark.parametrize("seconds", [300, 2 * MAX_DELAY_SECONDS])
    def test_a_ticket_in_trouble_stays_put_off(
        self, pipeline: InvokedPipeline, logged: StringIO, seconds: float
    ) -> None:
        put_deferred(pipeline, deferred_for="trouble")
        close_gate(pipeline, seconds)

        assert pipeline.rearm(message()) == NOTHING_TO_REPEAT

        assert pipeline.sent("RetryQueue") == []
        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert "sweep brings the ticket back" in logged.getvalue()

    def test_a_redrive_does_not_wait_for_the_gate(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(diagnosis_status="failed", generation=0)
        close_gate(pipeline, 300)

        pipeline.rearm(message(kind="failed"))

        assert pipeline.item()["diagnosis_status"] == "pending"


def gate_opens(pipeline: InvokedPipeline, in_seconds: float = 0) -> dict[str, Any]:
    return {"kind": "gate", "opens_at": int(pipeline.clock.now() + in_seconds)}


class TestTheGateOpens:
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

    def test_a_message_that_comes_early_is_sent_again(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)
        early = gate_opens(pipeline, 40)

        pipeline.rearm(early)

        [sent] = pipeline.sent("RetryQueue")
        assert (sent.body, sent.visible_from) == (early, pipeline.clock.now() + 40)
        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_a_gate_that_was_closed_again_has_another_message(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)
        close_gate(pipeline, 300)

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.sent("RetryQueue") == []
        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_tickets_in_trouble_wait_for_their_own_time(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline, deferred_for="trouble")

        pipeline.rearm(gate_opens(pipeline))

        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_a_message_for_the_far_future_is_dropped(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)

        pipeline.rearm(gate_opens(pipeline, 10**7))

        assert pipeline.sent("RetryQueue") == []


class TestRedrive:
    def test_a_failed_ticket_comes_back_with_its_attempts_starting_again(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put(diagnosis_status="failed", generation=4, attempts=3, troubles=3, trouble_seconds=5)

        pipeline.rearm(message(kind="failed", generation=4))

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

        pipeline.rearm(message(kind="failed"))

        assert pipeline.item()["diagnosis_status"] == diagnosis_status

    def test_a_resolved_ticket_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status="resolved", diagnosis_status="failed", generation=0)

        pipeline.rearm(message(kind="failed"))

        assert pipeline.item()["diagnosis_status"] == "failed"


class TestDropped:
    @pytest.mark.parametrize("kind", ["deferred", "failed"])
    def test_a_ticket_that_is_not_there(self, pipeline: InvokedPipeline, logged: StringIO, kind: str) -> None:
        assert pipeline.rearm(message("t-unknown", kind=kind)) == NOTHING_TO_REPEAT

        assert pipeline.item("t-unknown") == {}
        assert '"outcome":"dropped: ticket is deleted"' in logged.getvalue()

    def test_a_message_of_an_earlier_generation(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline, generation=3)

        pipeline.rearm(message(generation=2))

        assert pipeline.item()["diagnosis_status"] == "deferred"

    def test_a_ticket_resolved_meanwhile(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline, status="resolved")

        assert pipeline.rearm(message()) == NOTHING_TO_REPEAT

        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert pipeline.sent("RetryQueue") == []

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "null",
            "[]",
            "words",
            "{}",
            "\x00",
            message(""),
            message(generation=-1),
            message(generation="third"),
            message(generation=None),
            message(kind="other"),
            message(not_before="soon"),
            message(not_before=1e300),
            message("x" * 3000),
            {"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {}},
            {"Type": "Notification", "Message": json.dumps(message())},
        ],
        ids=lambda body: str(body)[:40],
    )
    def test_a_message_that_is_not_ours(
        self, pipeline: InvokedPipeline, logged: StringIO, body: object
    ) -> None:
        put_deferred(pipeline)

        assert pipeline.rearm(body) == NOTHING_TO_REPEAT

        assert pipeline.item()["diagnosis_status"] == "deferred"
        assert "dropped: not a message of ours" in logged.getvalue()
        assert '"message_id":"m-0"' in logged.getvalue()

    def test_more_fields_than_we_know_do_no_harm(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline)

        pipeline.rearm(message(colour="red"))

        assert pipeline.item()["diagnosis_status"] == "pending"


class TestBatch:
    def test_one_bad_message_does_not_repeat_the_good_ones(self, pipeline: InvokedPipeline) -> None:
        put_deferred(pipeline, "t-1")
        put_deferred(pipeline, "t-2")

        answer = pipeline.rearm(message("t-1"), "words", message("t-unknown"), message("t-2"))

        assert answer == NOTHING_TO_REPEAT
        assert {pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2")} == {"pending"}

    def test_a_message_for_which_the_store_fails_is_the_only_one_repeated(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_deferred(pipeline, name)
        rearm = pipeline.rearm_ticket.recovery.rearm

        def fails_for_one(ticket_id: str, generation: int) -> None:
            if ticket_id == "t-2":
                throttled()
            rearm(ticket_id, generation)

        monkeypatch.setattr(pipeline.rearm_ticket.recovery, "rearm", fails_for_one)

        answer = pipeline.rearm(message("t-1"), message("t-2"), message("t-3"))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
        found = [pipeline.item(name)["diagnosis_status"] for name in ("t-1", "t-2", "t-3")]
        assert found == ["pending", "deferred", "pending"]
        [line] = [line for line in logged.getvalue().splitlines() if "to be repeated" in line]
        assert json.loads(line)["ticket_id"] == "t-2"

    def test_when_the_queue_does_not_take_a_message_back_it_is_repeated(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_deferred(pipeline)
        monkeypatch.setattr(pipeline.rearm_ticket.retry_queue, "send", throttled)

        answer = pipeline.rearm(message(not_before=int(pipeline.clock.now()) + 60))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}

    def test_when_nothing_works_every_message_is_repeated(
        self, pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pipeline.rearm_ticket.capacity, "read", throttled)

        answer = pipeline.rearm(message("t-1"), message("t-2"))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-1"}]}


def throttled(*_: object, **__: object) -> NoReturn:
    error: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    raise ClientError(error, "UpdateItem")


def test_the_shipped_event_is_one_that_the_handler_takes(pipeline: InvokedPipeline) -> None:
    bodies = [json.loads(record["body"]) for record in load_event("rearm-due")["Records"]]

    assert pipeline.rearm(*bodies) == NOTHING_TO_REPEAT
    assert all(WakeUp.model_validate(body) for body in bodies)
