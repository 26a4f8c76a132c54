"""Messages of the retry queue: each brings its ticket back once, when it is time, and costs no other."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from capacity.state import Gate
from local.claude.server import StandIn
from local.demo.events import load_event
from rearm.rearm_ticket import STILL_RUNNING_SECONDS
from tests.support.doors import TICKET_ID, Doors, doors
from tickets.wake_up import MAX_DELAY_SECONDS, WakeUp

NOTHING_TO_REPEAT: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def road(stand_in: StandIn) -> Iterator[Doors]:
    with doors(stand_in) as opened:
        yield opened


def message(ticket_id: str = TICKET_ID, **fields: Any) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "generation": 0,
        "kind": "deferred",
        "not_before": 0,
        "reason": "r",
        **fields,
    }


def put_deferred(road: Doors, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    deferred = {
        "diagnosis_status": "deferred",
        "generation": 0,
        "not_before": 5,
        "deferred_for": "gate",
        "deferred_reason": "busy",
    }
    road.put(ticket_id, **{**deferred, **attributes})


def close_gate(road: Doors, seconds: float) -> float:
    return road.capacity.shared_limit(road.capacity.read(), road.clock.now() + seconds, "busy")


class TestDue:
    def test_a_ticket_whose_time_has_come_is_pending(self, road: Doors, logged: StringIO) -> None:
        put_deferred(road)

        assert road.rearm(message(not_before=int(road.clock.now()) - 1)) == NOTHING_TO_REPEAT

        item = road.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 1)
        assert item.keys().isdisjoint({"not_before", "deferred_for", "deferred_reason"})
        assert road.sent("RetryQueue") == []
        assert '"outcome":"pending: its time has come"' in logged.getvalue()

    def test_it_passes_the_filter_and_is_diagnosed(self, road: Doors) -> None:
        put_deferred(road)
        road.changes()

        road.rearm(message())

        assert road.deliver() == 1
        assert road.item()["diagnosis_status"] == "done"

    def test_the_same_message_twice_brings_it_back_once(self, road: Doors, logged: StringIO) -> None:
        put_deferred(road)

        road.rearm(message())
        road.rearm(message())

        assert road.item()["generation"] == 1
        assert '"outcome":"dropped: ticket is pending"' in logged.getvalue()

    def test_claude_is_not_called(self, road: Doors) -> None:
        put_deferred(road)

        road.rearm(message())

        assert road.stand_in.calls == ()

    def test_only_the_next_turn_is_no_reason_to_wait(self, road: Doors) -> None:
        put_deferred(road)
        road.capacity.take_turn(road.capacity.read())

        road.rearm(message())

        assert road.item()["diagnosis_status"] == "pending"


class TestNotDue:
    @pytest.mark.parametrize(("wait", "delay"), [(30, 30), (900, 900), (5000, MAX_DELAY_SECONDS)])
    def test_a_message_that_came_too_early_is_sent_again_for_the_rest(
        self, road: Doors, wait: int, delay: int
    ) -> None:
        put_deferred(road)
        due = int(road.clock.now()) + wait

        assert road.rearm(message(not_before=due)) == NOTHING_TO_REPEAT

        [sent] = road.sent("RetryQueue")
        assert sent.body == message(not_before=due)
        assert sent.visible_from == road.clock.now() + delay
        assert road.item()["diagnosis_status"] == "deferred"

    def test_a_message_that_asks_for_more_than_a_day_is_dropped(self, road: Doors) -> None:
        put_deferred(road)

        road.rearm(message(not_before=int(road.clock.now()) + 90_000))

        assert road.sent("RetryQueue") == []
        assert road.item()["diagnosis_status"] == "deferred"

    def test_a_ticket_that_is_still_running_is_looked_at_again(self, road: Doors) -> None:
        road.put(diagnosis_status="running", generation=0, lease_until=int(road.clock.now()) + 300)

        road.rearm(message())

        [sent] = road.sent("RetryQueue")
        assert sent.body == message()
        assert sent.visible_from == road.clock.now() + STILL_RUNNING_SECONDS

    @pytest.mark.parametrize(
        "fields", [{"generation": 1}, {"kind": "failed"}], ids=["another generation", "a redrive"]
    )
    def test_but_not_for_another_message_than_its_own(self, road: Doors, fields: dict[str, Any]) -> None:
        road.put(diagnosis_status="running", generation=0, lease_until=int(road.clock.now()) + 300)

        road.rearm(message(**fields))

        assert road.sent("RetryQueue") == []
        assert road.item()["diagnosis_status"] == "running"

    @pytest.mark.parametrize("lease", [{}, {"lease_until": 0}, {"lease_until": 1_000}])
    def test_nor_for_a_run_that_cannot_be_alive(self, road: Doors, lease: dict[str, Any]) -> None:
        road.put(status="resolved", diagnosis_status="running", generation=0, **lease)

        road.rearm(message())

        assert road.sent("RetryQueue") == []


class TestClosedGate:
    def test_the_ticket_waits_for_a_slot_after_the_gate(self, road: Doors) -> None:
        put_deferred(road)
        opens = close_gate(road, 300)

        road.rearm(message())

        [sent] = road.sent("RetryQueue")
        assert sent.body["not_before"] == round(opens)
        assert sent.visible_from == pytest.approx(opens, abs=1)
        assert road.item()["diagnosis_status"] == "deferred"

    def test_tickets_that_wait_get_slots_one_after_the_other(self, road: Doors) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_deferred(road, name)
        close_gate(road, 300)

        road.rearm(message("t-1"), message("t-2"), message("t-3"))

        times = [sent.body["not_before"] for sent in road.sent("RetryQueue")]
        assert times == sorted(set(times))
        assert len(times) == 3

    def test_a_gate_closed_for_long_leaves_the_ticket_to_sweep(self, road: Doors, logged: StringIO) -> None:
        put_deferred(road)
        close_gate(road, 2 * MAX_DELAY_SECONDS)

        assert road.rearm(message()) == NOTHING_TO_REPEAT

        assert road.sent("RetryQueue") == []
        assert road.item()["diagnosis_status"] == "deferred"
        assert "sweep brings the ticket back" in logged.getvalue()

    def test_a_redrive_does_not_wait_for_the_gate(self, road: Doors) -> None:
        road.put(diagnosis_status="failed", generation=0)
        close_gate(road, 300)

        road.rearm(message(kind="failed"))

        assert road.item()["diagnosis_status"] == "pending"

    def test_an_account_fault_closes_it_as_well(self, road: Doors) -> None:
        put_deferred(road)
        road.capacity.account_fault(road.capacity.read(), "no credit")

        road.rearm(message())

        assert road.capacity.read().gate == Gate.ACCOUNT
        assert road.item()["diagnosis_status"] == "deferred"
        assert len(road.sent("RetryQueue")) == 1


class TestRedrive:
    def test_a_failed_ticket_comes_back_with_its_attempts_starting_again(self, road: Doors) -> None:
        road.put(
            diagnosis_status="failed", generation=4, attempts=3, faults=3, fault_since=5, fault_repeats=7
        )

        road.rearm(message(kind="failed", generation=4))

        item = road.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 5)
        assert item.keys().isdisjoint({"attempts", "faults", "fault_since", "fault_repeats"})

    def test_the_dead_letters_own_message_redrives_it_once(self, road: Doors) -> None:
        road.put(message=None)
        road.deliver()
        [dead] = road.sent("DeadLetterQueue")
        road.update(message="mended")
        road.changes()

        road.rearm(dead.body, dead.body)

        assert road.item()["generation"] == 1
        road.deliver()
        assert road.item()["diagnosis_status"] == "done"

    @pytest.mark.parametrize("diagnosis_status", ["done", "pending", "running", "deferred"])
    def test_a_ticket_that_is_not_failed_any_more_is_left_alone(
        self, road: Doors, diagnosis_status: str
    ) -> None:
        road.put(diagnosis_status=diagnosis_status, generation=0)

        road.rearm(message(kind="failed"))

        assert road.item()["diagnosis_status"] == diagnosis_status

    def test_a_resolved_ticket_is_left_alone(self, road: Doors) -> None:
        road.put(status="resolved", diagnosis_status="failed", generation=0)

        road.rearm(message(kind="failed"))

        assert road.item()["diagnosis_status"] == "failed"


class TestDropped:
    @pytest.mark.parametrize("kind", ["deferred", "failed"])
    def test_a_ticket_that_is_not_there(self, road: Doors, logged: StringIO, kind: str) -> None:
        assert road.rearm(message("t-unknown", kind=kind)) == NOTHING_TO_REPEAT

        assert road.item("t-unknown") == {}
        assert '"outcome":"dropped: ticket is deleted"' in logged.getvalue()

    def test_a_message_of_an_earlier_generation(self, road: Doors) -> None:
        put_deferred(road, generation=3)

        road.rearm(message(generation=2))

        assert road.item()["diagnosis_status"] == "deferred"

    def test_a_ticket_resolved_meanwhile(self, road: Doors) -> None:
        put_deferred(road, status="resolved")

        assert road.rearm(message()) == NOTHING_TO_REPEAT

        assert road.item()["diagnosis_status"] == "deferred"
        assert road.sent("RetryQueue") == []

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
    def test_a_message_that_is_not_ours(self, road: Doors, logged: StringIO, body: object) -> None:
        put_deferred(road)

        assert road.rearm(body) == NOTHING_TO_REPEAT

        assert road.item()["diagnosis_status"] == "deferred"
        assert "dropped: not a message of ours" in logged.getvalue()
        assert '"message_id":"m-0"' in logged.getvalue()

    def test_more_fields_than_we_know_do_no_harm(self, road: Doors) -> None:
        put_deferred(road)

        road.rearm(message(colour="red"))

        assert road.item()["diagnosis_status"] == "pending"


class TestBatch:
    def test_one_bad_message_does_not_repeat_the_good_ones(self, road: Doors) -> None:
        put_deferred(road, "t-1")
        put_deferred(road, "t-2")

        answer = road.rearm(message("t-1"), "words", message("t-unknown"), message("t-2"))

        assert answer == NOTHING_TO_REPEAT
        assert {road.item(name)["diagnosis_status"] for name in ("t-1", "t-2")} == {"pending"}

    def test_a_message_for_which_the_store_fails_is_the_only_one_repeated(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_deferred(road, name)
        rearm = road.store.rearm

        def fails_for_one(ticket_id: str, generation: int) -> None:
            if ticket_id == "t-2":
                throttled()
            rearm(ticket_id, generation)

        monkeypatch.setattr(road.rearming.store, "rearm", fails_for_one)

        answer = road.rearm(message("t-1"), message("t-2"), message("t-3"))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
        found = [road.item(name)["diagnosis_status"] for name in ("t-1", "t-2", "t-3")]
        assert found == ["pending", "deferred", "pending"]
        [line] = [line for line in logged.getvalue().splitlines() if "to be repeated" in line]
        assert json.loads(line)["ticket_id"] == "t-2"

    def test_when_the_queue_does_not_take_a_message_back_it_is_repeated(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_deferred(road)
        monkeypatch.setattr(road.rearming.retry_queue, "send", throttled)

        answer = road.rearm(message(not_before=int(road.clock.now()) + 60))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}

    def test_when_nothing_works_every_message_is_repeated(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(road.rearming.capacity, "read", throttled)

        answer = road.rearm(message("t-1"), message("t-2"))

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-1"}]}


def throttled(*_: object, **__: object) -> NoReturn:
    error: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    raise ClientError(error, "UpdateItem")


def test_the_shipped_event_is_one_that_the_handler_takes(road: Doors) -> None:
    bodies = [json.loads(record["body"]) for record in load_event("rearm-due")["Records"]]

    assert road.rearm(*bodies) == NOTHING_TO_REPEAT
    assert all(WakeUp.model_validate(body) for body in bodies)
