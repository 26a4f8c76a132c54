"""The gate: what closes it, for how long, and who comes back when it opens."""

from typing import TYPE_CHECKING

import pytest

from capacity.capacity import Capacity
from capacity.state import MAX_GATE_SECONDS, CapacityState, Gate
from tests.integration.capacity.closing import CALL, CLOSE, ROOMY, by_two_tickets, closed_for
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def test_claude_may_be_called_at_first(capacity: Capacity) -> None:
    assert capacity.read() == CapacityState()
    assert capacity.read().opens_at == 0


@pytest.mark.parametrize(
    ("gate", "seconds"),
    [
        (Gate.SHARED, [15, 30, 60, 120, 240, 300, 300]),
        (Gate.ACCOUNT, [120, 240, 480, 960, 1920, 3600, 3600]),
        (Gate.PROVIDER, [60, 120, 240, 480, 540, 540]),
    ],
)
def test_a_gate_closes_for_longer_each_time_while_nothing_succeeds(
    capacity: Capacity, clock: FakeClock, gate: Gate, seconds: list[float]
) -> None:
    closings = []
    for _ in seconds:
        CLOSE[gate](capacity)
        closings.append(closed_for(capacity, clock))
        clock.advance(closings[-1])
    assert capacity.read().gate == gate
    assert closings == seconds


@pytest.mark.parametrize("gate", CLOSE)
def test_a_closed_gate_says_why_and_lasts_until_its_time(
    capacity: Capacity, clock: FakeClock, gate: Gate
) -> None:
    CLOSE[gate](capacity)

    state = capacity.read()
    assert state.opens_at == state.gate_until > clock.now()
    assert state.gate == gate
    assert state.gate_reason in ("529 overloaded", "401 invalid key", "504 gateway time-out")


@pytest.mark.parametrize("gate", CLOSE)
def test_a_success_ends_the_doubling(capacity: Capacity, clock: FakeClock, gate: Gate) -> None:
    CLOSE[gate](capacity)
    first = closed_for(capacity, clock)
    clock.advance(first)
    CLOSE[gate](capacity)
    clock.advance(closed_for(capacity, clock))
    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)

    CLOSE[gate](capacity)

    assert closed_for(capacity, clock) == first


def test_a_success_ends_the_doubling_however_soon_it_follows_another(
    capacity: Capacity, clock: FakeClock
) -> None:
    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)
    CLOSE[Gate.SHARED](capacity)
    clock.advance(closed_for(capacity, clock))
    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)

    CLOSE[Gate.SHARED](capacity)

    assert closed_for(capacity, clock) == 15


def test_another_kind_of_fault_begins_its_own_doubling(capacity: Capacity, clock: FakeClock) -> None:
    for _ in range(4):
        CLOSE[Gate.SHARED](capacity)
        clock.advance(closed_for(capacity, clock))

    CLOSE[Gate.ACCOUNT](capacity)

    assert closed_for(capacity, clock) == 120


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (40.0, 40.0),
        (0.2, 1.0),
        (-3600.0, 1.0),
        (3600.0, 3600.0),
        (30 * 86_400.0, MAX_GATE_SECONDS[Gate.SHARED]),
        (float("inf"), MAX_GATE_SECONDS[Gate.SHARED]),
    ],
)
def test_what_claude_asks_for_is_kept_within_reason(
    capacity: Capacity, clock: FakeClock, asked: float, given: float
) -> None:
    until = capacity.shared_limit(capacity.read(), clock.now() + asked, "429")

    assert until == clock.now() + given
    assert closed_for(capacity, clock) == given


def test_a_gate_is_never_closed_for_less_than_it_was(capacity: Capacity, clock: FakeClock) -> None:
    stale = capacity.read()
    capacity.account_fault(stale, "401 invalid key")

    capacity.shared_limit(stale, clock.now() + 5, "429")
    capacity.shared_limit(stale, None, "529")

    assert closed_for(capacity, clock) == 120
    assert (capacity.read().gate, capacity.read().gate_reason) == (Gate.ACCOUNT, "401 invalid key")


def test_a_gate_may_be_closed_for_longer_than_it_was(capacity: Capacity, clock: FakeClock) -> None:
    capacity.shared_limit(capacity.read(), clock.now() + 5, "429")

    capacity.account_fault(capacity.read(), "401 invalid key")

    assert closed_for(capacity, clock) == 120
    assert capacity.read().gate == Gate.ACCOUNT


def test_a_long_reason_is_cut(capacity: Capacity) -> None:
    capacity.account_fault(capacity.read(), "x" * 400_000)

    assert capacity.read().gate_reason == "x" * 500


def test_the_gate_is_everybodys(capacity: Capacity, table: "Table", clock: FakeClock) -> None:
    CLOSE[Gate.ACCOUNT](capacity)

    assert Capacity(table, clock, concurrency=5).read() == capacity.read()


@pytest.mark.parametrize("gate", CLOSE)
def test_a_person_may_open_the_gate(capacity: Capacity, clock: FakeClock, gate: Gate) -> None:
    CLOSE[gate](capacity)
    CLOSE[gate](capacity)
    capacity.take_turn(capacity.read())

    capacity.open()

    state = capacity.read()
    assert (state.opens_at, state.strikes) == (0, 0)
    assert (state.gate, state.gate_reason) == ("", "")
    assert capacity.take_turn(state) == clock.now()


def test_one_fault_does_not_close_the_gate(capacity: Capacity) -> None:
    assert capacity.provider_fault(capacity.read(), "500") == 0
    assert capacity.read().opens_at == 0


def test_two_in_a_row_close_it(capacity: Capacity, clock: FakeClock) -> None:
    by_two_tickets(capacity)

    assert closed_for(capacity, clock) == 60
    assert capacity.read().gate == Gate.PROVIDER


def test_two_with_an_answer_between_them_do_not(capacity: Capacity) -> None:
    capacity.provider_fault(capacity.read(), "500")
    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)
    capacity.provider_fault(capacity.read(), "500")

    assert capacity.read().opens_at == 0


def test_a_ticket_that_has_met_a_fault_does_not_open_a_gate_that_is_half_open(
    capacity: Capacity, clock: FakeClock
) -> None:
    by_two_tickets(capacity)
    clock.advance(closed_for(capacity, clock))

    assert not capacity.answered(capacity.read(), CALL, ROOMY, fresh=False)
    assert capacity.budget(capacity.read(), 300) == 1
    assert capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)
    assert capacity.budget(capacity.read(), 300) > 1


@pytest.mark.parametrize("gate", CLOSE)
def test_nobody_comes_back_behind_a_closed_gate_and_one_when_it_is_half_open(
    capacity: Capacity, clock: FakeClock, gate: Gate
) -> None:
    CLOSE[gate](capacity)
    assert capacity.budget(capacity.read(), 300) == 0

    clock.advance(closed_for(capacity, clock))

    assert capacity.budget(capacity.read(), 300) == 1


def test_as_many_come_back_as_are_diagnosed_meanwhile(capacity: Capacity) -> None:
    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)

    assert capacity.budget(capacity.read(), 300) == 300 / CALL.seconds


# ------------------------------------------------------- what was seen here, instead of another read


class TestSeen:
    @pytest.mark.parametrize(("seconds", "concurrency", "reads"), [(299, 1, 0), (301, 1, 1), (0, 5, 1)])
    def test_an_open_gate_is_believed_where_nobody_else_calls(
        self, table: "Table", clock: FakeClock, seconds: float, concurrency: int, reads: int
    ) -> None:
        capacity = Capacity(table, clock, concurrency)
        capacity.read()
        Capacity(table, clock, 1).account_fault(CapacityState(), "closed by another")
        clock.advance(seconds)

        assert capacity.seen(clock.now()).gate == (Gate.ACCOUNT if reads else "")

    def test_what_was_written_here_is_seen(self, capacity: Capacity, clock: FakeClock) -> None:
        capacity.read()
        capacity.account_fault(CapacityState(), "401")

        assert capacity.seen(clock.now()).gate == Gate.ACCOUNT

    @pytest.mark.parametrize(
        ("came_ago", "seen_ago", "opened"),
        [
            pytest.param(60, 5, False, id="a ticket that waited for it"),
            pytest.param(60, 11, True, id="seen too long ago"),
            pytest.param(2, 5, True, id="a ticket that came later"),
            pytest.param(None, 5, True, id="a ticket of no known time"),
        ],
    )
    def test_a_closed_gate_is_believed_for_seconds_by_tickets_that_came_before(
        self,
        table: "Table",
        capacity: Capacity,
        clock: FakeClock,
        came_ago: float | None,
        seen_ago: float,
        opened: bool,
    ) -> None:
        capacity.account_fault(CapacityState(), "401")
        Capacity(table, clock, 1).open()
        clock.advance(seen_ago)

        state = capacity.seen(None if came_ago is None else clock.now() - came_ago)

        assert (state.opens_at <= clock.now()) is opened
