"""The search for tickets that nothing works on: each comes back in bounded time, and none stops another."""

import json
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from sweep.app import TicketsNotMovedError
from sweep.sweep_tickets import FORGOTTEN_MARGIN_SECONDS, OVERDUE_SECONDS
from tests.support.doors import TICKET_ID, Doors, doors
from tickets.states import Status

RECORD_AGE_SECONDS = 79_200
FORGOTTEN_SECONDS = RECORD_AGE_SECONDS + FORGOTTEN_MARGIN_SECONDS


@pytest.fixture
def road(stand_in: StandIn) -> Iterator[Doors]:
    with doors(stand_in) as opened:
        yield opened


def put_overdue(road: Doors, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    deferred = {"diagnosis_status": "deferred", "generation": 0, "not_before": int(road.clock.now()) - 1000}
    road.put(ticket_id, **{**deferred, **attributes})


def counted(capsys: pytest.CaptureFixture[str], name: str) -> float:
    """The last value of a metric, as the embedded format prints it."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [value] = next(line[name] for line in reversed(lines) if name in line)
    return float(value)


class TestAbandoned:
    def test_a_run_whose_lease_is_over_is_pending_again(self, road: Doors) -> None:
        road.put(diagnosis_status="running", generation=2, lease_until=int(road.clock.now()) - 1)

        assert road.sweep() == {"recover_abandoned": 1}

        assert road.item()["diagnosis_status"] == "pending"
        assert road.item()["generation"] == 3

    def test_a_run_that_is_still_alive_is_left_alone(self, road: Doors) -> None:
        road.put(diagnosis_status="running", generation=2, lease_until=int(road.clock.now()) + 60)

        assert road.sweep() == {}

    def test_it_is_diagnosed_after_that(self, road: Doors) -> None:
        road.put(diagnosis_status="running", generation=0, lease_until=int(road.clock.now()) - 1)
        road.changes()

        road.sweep()
        road.deliver()

        assert road.item()["diagnosis_status"] == "done"


class TestOverdue:
    def test_a_deferred_ticket_whose_message_did_not_come_is_pending_again(self, road: Doors) -> None:
        put_overdue(road)

        assert road.sweep() == {"rearm": 1}
        assert road.item()["diagnosis_status"] == "pending"

    @pytest.mark.parametrize("seconds_ago", [-500, 0, OVERDUE_SECONDS - 1])
    def test_its_message_gets_its_time_first(self, road: Doors, seconds_ago: float) -> None:
        put_overdue(road, not_before=int(road.clock.now() - seconds_ago))

        assert road.sweep() == {}

    def test_a_deferred_ticket_of_no_known_time_is_overdue(self, road: Doors) -> None:
        put_overdue(road, not_before=None)

        assert road.sweep() == {"rearm": 1}

    @pytest.mark.parametrize("status", ["open", "acknowledged"])
    def test_in_every_status_that_wants_a_diagnosis(self, road: Doors, status: str) -> None:
        put_overdue(road, status=status)

        assert road.sweep() == {"rearm": 1}

    @pytest.mark.parametrize("status", ["diagnosed", "resolved", "opne"])
    def test_and_in_no_other(self, road: Doors, status: str) -> None:
        put_overdue(road, status=status)

        assert road.sweep() == {}


class TestForgotten:
    @pytest.mark.parametrize("diagnosis_status", [None, "pending"])
    def test_a_ticket_that_nothing_has_touched_is_noticed_and_only_then_forgotten(
        self, road: Doors, diagnosis_status: str | None
    ) -> None:
        road.put(diagnosis_status=diagnosis_status)

        assert road.sweep() == {"mark_waiting": 1}
        assert road.item()["noticed_at"] == road.clock.now()
        road.clock.advance(FORGOTTEN_SECONDS - 1)
        assert road.sweep() == {}
        road.clock.advance(2)
        assert road.sweep() == {"recover_forgotten": 1}

        item = road.item()
        assert (item["diagnosis_status"], item["generation"]) == ("pending", 1)
        assert "noticed_at" not in item

    def test_being_noticed_wakes_nothing(self, road: Doors) -> None:
        road.put()
        road.changes()

        road.sweep()

        assert road.transitions() == []

    @pytest.mark.parametrize("diagnosis_status", [None, "pending"])
    def test_the_filter_sees_a_transition_when_it_comes_back(
        self, road: Doors, diagnosis_status: str | None
    ) -> None:
        road.put(diagnosis_status=diagnosis_status)
        road.sweep()
        road.clock.advance(FORGOTTEN_SECONDS + 1)
        road.changes()

        road.sweep()

        assert road.deliver() == 1
        assert road.item()["diagnosis_status"] == "done"

    def test_a_pending_ticket_goes_by_way_of_deferred(self, road: Doors) -> None:
        road.put(diagnosis_status="pending", generation=3)
        road.sweep()
        road.clock.advance(FORGOTTEN_SECONDS + 1)
        road.changes()

        road.sweep()

        ways = [change["dynamodb"]["NewImage"]["diagnosis_status"]["S"] for change in road.changes()]
        assert ways == ["deferred", "pending"]

    def test_after_a_crash_between_the_two_it_is_found_again(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        road.put(diagnosis_status="pending", generation=3)
        road.sweep()
        road.clock.advance(FORGOTTEN_SECONDS + 1)
        with monkeypatch.context() as patched:
            patched.setattr(road.sweeping.store, "_to_pending", throttled)
            with pytest.raises(TicketsNotMovedError):
                road.sweep()
        assert road.item()["diagnosis_status"] == "deferred"

        assert road.sweep() == {"rearm": 1}

    def test_a_ticket_that_was_claimed_meanwhile_starts_anew(self, road: Doors) -> None:
        road.put()
        road.sweep()
        road.clock.advance(FORGOTTEN_SECONDS + 1)
        road.deliver()

        assert road.sweep() == {}
        assert "noticed_at" not in road.item()


class TestRequests:
    @pytest.mark.parametrize("diagnosis_status", ["done", "failed"])
    @pytest.mark.parametrize("status", ["open", "diagnosed", "resolved"])
    def test_a_lost_request_for_a_fresh_diagnosis_is_served(
        self, road: Doors, status: str, diagnosis_status: str
    ) -> None:
        road.put(
            status=status, diagnosis_status=diagnosis_status, generation=1, diagnosis="old", rediagnose="now"
        )

        assert road.sweep()["rediagnose"] == 1

        assert road.item()["diagnosis_status"] == "pending"
        assert ("diagnosis_history" in road.item()) is (diagnosis_status == "done")

    def test_a_finished_ticket_without_a_request_is_left_alone(self, road: Doors) -> None:
        road.put(diagnosis_status="done", generation=1)

        assert road.sweep() == {}

    def test_a_request_that_was_never_met_on_a_resolved_ticket_is_forgotten_in_time(
        self, road: Doors
    ) -> None:
        road.put(status="resolved", rediagnose="now")

        assert road.sweep() == {"mark_waiting": 1}
        road.clock.advance(FORGOTTEN_SECONDS + 1)
        assert road.sweep() == {"recover_forgotten": 1}

    def test_a_request_deleted_meanwhile_is_left_alone(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        road.put(diagnosis_status="done", generation=1, rediagnose="now")
        get = road.sweeping.store.get

        def deleted_first(ticket_id: str) -> Mapping[str, Any] | None:
            road.delete()
            return get(ticket_id)

        monkeypatch.setattr(road.sweeping.store, "get", deleted_first)

        assert road.sweep() == {}
        assert road.item() == {}


class TestOneTicketDoesNotStopAnother:
    def test_a_ticket_whose_move_fails_is_counted_and_the_others_move(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        for name in ("t-1", "t-2", "t-3"):
            put_overdue(road, name)
        rearm = road.sweeping.store.rearm

        def fails_for_one(ticket_id: str, generation: int) -> None:
            if ticket_id == "t-2":
                throttled()
            rearm(ticket_id, generation)

        monkeypatch.setattr(road.sweeping.store, "rearm", fails_for_one)

        with pytest.raises(TicketsNotMovedError, match="1 tickets could not be moved"):
            road.sweep()

        found = [road.item(name)["diagnosis_status"] for name in ("t-1", "t-2", "t-3")]
        assert found == ["pending", "deferred", "pending"]
        assert '"ticket_id":"t-2"' in logged.getvalue()

    def test_a_ticket_that_has_moved_on_is_left_alone(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch, logged: StringIO
    ) -> None:
        put_overdue(road)
        seen, _ = road.store.page(Status.OPEN, None)
        road.update(diagnosis_status="done")
        monkeypatch.setattr(road.sweeping.store, "page", lambda status, after: (seen, None))

        assert road.sweep() == {}

        assert road.item()["diagnosis_status"] == "done"
        assert "left alone" in logged.getvalue()

    @pytest.mark.parametrize("odd", [None, "v1", {"a": 1}], ids=str)
    @pytest.mark.parametrize(
        "name", ["generation", "lease_until", "not_before", "noticed_at", "waiting_since"]
    )
    def test_a_producers_attribute_under_one_of_our_names_is_dropped(
        self, road: Doors, name: str, odd: Any
    ) -> None:
        road.tickets.put_item(
            Item={"ticket_id": "t-1", "status": "open", "diagnosis_status": "deferred", name: odd}
        )
        put_overdue(road, "t-2")

        assert road.sweep() == {"remove_invalid": 1, "rearm": 1}

        assert name not in road.item("t-1")
        assert road.item("t-2")["diagnosis_status"] == "pending"
        assert road.sweep()["rearm"] == 1
        assert road.item("t-1")["diagnosis_status"] == "pending"

    def test_a_status_that_is_no_text_is_dropped_as_well(self, road: Doors) -> None:
        road.tickets.put_item(Item={"ticket_id": TICKET_ID, "status": "open", "diagnosis_status": None})

        assert road.sweep() == {"remove_invalid": 1}
        assert road.sweep() == {"mark_waiting": 1}

    def test_a_status_that_nobody_knows_is_left_alone(self, road: Doors) -> None:
        road.put(diagnosis_status="banana")

        assert road.sweep() == {}


def throttled(*_: object, **__: object) -> NoReturn:
    error: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    raise ClientError(error, "UpdateItem")


class TestPages:
    """The store's pages are made small; a page has `size` tickets."""

    @staticmethod
    def paged(road: Doors, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
        table = road.sweeping.store._table.table
        query = table.query
        monkeypatch.setattr(table, "query", lambda **asked: query(**asked, Limit=size))

    def test_one_run_reads_all_of_them(self, road: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(7):
            put_overdue(road, f"t-{number}")
        self.paged(road, monkeypatch, size=2)

        assert road.sweep() == {"rearm": 7}

    def test_without_time_it_goes_on_from_there_in_the_next_run(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            put_overdue(road, f"t-{number}")
        self.paged(road, monkeypatch, size=2)
        rearm = road.sweeping.store.rearm

        def slowly(ticket_id: str, generation: int) -> None:
            road.clock.advance(26)
            rearm(ticket_id, generation)

        monkeypatch.setattr(road.sweeping.store, "rearm", slowly)

        moved = [road.sweep().get("rearm", 0) for _ in range(2)]

        assert moved == [4, 2]

    def test_the_next_run_starts_after_the_page_that_the_budget_cut_short(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(9):
            put_overdue(road, f"t-{number}")
        self.paged(road, monkeypatch, size=3)
        limited(road, monkeypatch, budget=2)

        rounds = []
        for _ in range(3):
            road.sweep()
            pending = {name for name in names(9) if road.item(name)["diagnosis_status"] == "pending"}
            rounds.append(pending)

        first, second, third = rounds
        assert first == {"t-0", "t-1"}
        assert second - first == {"t-3", "t-4"}
        assert third - second == {"t-6", "t-7"}

    def test_tickets_that_come_back_again_and_again_do_not_starve_the_last_page(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            put_overdue(road, f"t-{number}")
        self.paged(road, monkeypatch, size=2)
        limited(road, monkeypatch, budget=2)

        for _ in range(8):
            road.sweep()
            for name in names(4):
                put_overdue(road, name, generation=road.item(name)["generation"])

        assert {road.item(name)["diagnosis_status"] for name in ("t-4", "t-5")} == {"pending"}

    def test_a_cursor_that_points_to_a_ticket_that_is_gone_still_leads_on(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            put_overdue(road, f"t-{number}")
        self.paged(road, monkeypatch, size=2)
        limited(road, monkeypatch, budget=1)
        road.sweep()
        road.delete("t-1")

        assert road.sweep() == {"rearm": 1}
        assert road.item("t-2")["diagnosis_status"] == "pending"


def names(count: int) -> list[str]:
    return [f"t-{number}" for number in range(count)]


def limited(road: Doors, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    """Claude's pace is such that a run may bring back no more than so many."""
    pace = road.sweeping.interval_seconds / budget
    monkeypatch.setattr(road.sweeping.capacity, "pace", lambda state: pace)


class TestBudget:
    def test_a_run_brings_back_no_more_than_is_diagnosed_until_the_next(self, road: Doors) -> None:
        for name in names(25):
            put_overdue(road, name)

        assert road.sweep()["rearm"] == 20  # one every 15 s, until the next run in 300 s
        assert road.sweep()["rearm"] == 5

    def test_noticing_costs_nothing_of_it(self, road: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(road, monkeypatch, budget=1)
        for name in names(3):
            road.put(name)
        put_overdue(road, "t-overdue")

        assert road.sweep() == {"mark_waiting": 3, "rearm": 1}

    def test_there_is_always_room_for_one(self, road: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        put_overdue(road)
        monkeypatch.setattr(road.sweeping.capacity, "pace", lambda state: 3600.0)

        assert road.sweep() == {"rearm": 1}

    def test_behind_a_closed_gate_nothing_is_brought_back(self, road: Doors) -> None:
        put_overdue(road)
        road.put("t-2")
        road.capacity.account_fault(road.capacity.read(), "no credit")

        assert road.sweep() == {"mark_waiting": 1}
        road.clock.advance(4000)
        assert road.sweep() == {"rearm": 1}


class TestOpenGate:
    def test_a_person_opens_the_gate_and_those_put_off_for_it_come_back_at_once(self, road: Doors) -> None:
        road.stand_in.script(Fault(Kind.CREDIT_BALANCE))
        road.put()
        road.deliver()
        assert road.sweep() == {}

        assert road.sweep(open_gate=True) == {"rearm": 1}

        assert road.capacity.read().gate_until == 0
        road.deliver()
        assert road.item()["diagnosis_status"] == "done"

    def test_a_ticket_put_off_for_its_own_fault_keeps_waiting(self, road: Doors) -> None:
        put_overdue(road, not_before=int(road.clock.now()) + 500, deferred_for="fault")

        assert road.sweep(open_gate=True) == {}

    @pytest.mark.parametrize("value", [False, "true", 1, None])
    def test_only_true_opens_it(self, road: Doors, value: object) -> None:
        until = road.capacity.account_fault(road.capacity.read(), "no credit")

        road.sweep(open_gate=value)

        assert road.capacity.read().gate_until == until


class TestMetrics:
    def test_it_counts_its_runs(self, road: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        road.sweep()

        assert counted(capsys, "SweepRuns") == 1

    def test_the_longest_wait_is_told(self, road: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        for ago in (10, 700, 40):
            waiting_since = int(road.clock.now()) - ago
            put_overdue(road, f"t-{ago}", waiting_since=waiting_since, not_before=int(road.clock.now()) + 100)

        road.sweep()

        assert counted(capsys, "OldestWaitingSeconds") == 700

    def test_a_ticket_never_claimed_waits_since_it_was_noticed(
        self, road: Doors, capsys: pytest.CaptureFixture[str]
    ) -> None:
        road.put()
        road.sweep()
        road.clock.advance(500)

        road.sweep()

        assert counted(capsys, "OldestWaitingSeconds") == 500

    def test_finished_tickets_wait_for_nothing(self, road: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        road.put(diagnosis_status="failed", waiting_since=5)

        road.sweep()

        assert counted(capsys, "OldestWaitingSeconds") == 0

    def test_the_spend_cap_is_told_while_it_holds(
        self, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with doors(stand_in, DailySpendCapUsd="0.001") as road:
            road.put()
            road.deliver()
            road.sweep()
            assert counted(capsys, "SpendCapReached") == 1
            road.clock.advance(24 * 3600)
            road.sweep()
            assert counted(capsys, "SpendCapReached") == 0

    def test_metrics_are_sent_even_when_a_move_failed(
        self, road: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_overdue(road)
        monkeypatch.setattr(road.sweeping.store, "rearm", throttled)

        with pytest.raises(TicketsNotMovedError):
            road.sweep()

        assert counted(capsys, "SweepRuns") == 1


def test_an_empty_table_is_swept_without_a_word_of_trouble(road: Doors, logged: StringIO) -> None:
    assert road.sweep() == {}

    assert {json.loads(line)["level"] for line in logged.getvalue().splitlines()} == {"INFO"}
