"""Turns: callers spaced by what Claude's token buckets keep up."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from capacity.buckets import DEFAULT_CALL_SECONDS, Bucket, Used
from capacity.capacity import Capacity
from capacity.item import TURN_ATTEMPTS
from capacity.state import CapacityState
from tests.integration.tickets.tables import Disturbed
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = 1_800_000_000.0
CALL = Used(seconds=20.0, input_tokens=2000, output_tokens=1000, cost_usd=0.25)
ROOMY = {
    "requests": Bucket(1000, 999),
    "input-tokens": Bucket(1_000_000, 990_000),
    "output-tokens": Bucket(1_000_000, 990_000),
}
TAKE = {"next_turn": Capacity.take_turn}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


def capacity_for(table: "Table", clock: FakeClock, concurrency: int = 1) -> Capacity:
    return Capacity(table, clock, concurrency)


@pytest.mark.parametrize("name", TAKE)
def test_each_gets_the_next_one_at_the_pace(table: "Table", clock: FakeClock, name: str) -> None:
    capacity = capacity_for(table, clock)

    taken = [TAKE[name](capacity, capacity.read()) for _ in range(4)]

    assert taken == [NOW + DEFAULT_CALL_SECONDS * number for number in range(4)]


@pytest.mark.parametrize("name", TAKE)
def test_several_invocations_go_several_times_as_fast(table: "Table", clock: FakeClock, name: str) -> None:
    capacity = capacity_for(table, clock, concurrency=5)

    taken = [TAKE[name](capacity, capacity.read()) for _ in range(3)]

    assert taken == [NOW, NOW + DEFAULT_CALL_SECONDS / 5, NOW + 2 * DEFAULT_CALL_SECONDS / 5]


@pytest.mark.parametrize("name", TAKE)
def test_they_begin_when_the_gate_opens(table: "Table", clock: FakeClock, name: str) -> None:
    capacity = capacity_for(table, clock)
    opens = capacity.account_fault(capacity.read(), "401")

    taken = [TAKE[name](capacity, capacity.read()) for _ in range(2)]

    assert taken == [opens, opens + DEFAULT_CALL_SECONDS]


@pytest.mark.parametrize("name", TAKE)
def test_a_gate_that_closes_for_longer_moves_the_next_ones(
    table: "Table", clock: FakeClock, name: str
) -> None:
    capacity = capacity_for(table, clock)
    for _ in range(3):
        TAKE[name](capacity, capacity.read())
    opens = capacity.account_fault(capacity.read(), "401")

    assert TAKE[name](capacity, capacity.read()) == opens


@pytest.mark.parametrize("name", TAKE)
def test_idle_time_is_not_saved_up(table: "Table", clock: FakeClock, name: str) -> None:
    capacity = capacity_for(table, clock)
    TAKE[name](capacity, capacity.read())
    clock.advance(3600)

    taken = [TAKE[name](capacity, capacity.read()) for _ in range(2)]

    assert taken == [clock.now(), clock.now() + DEFAULT_CALL_SECONDS]


class OneAtATime(Disturbed):
    """boto3's table; writes wait for one another, as DynamoDB makes them on one item and moto does not."""

    _lock = Lock()

    def update_item(self, **request: Any) -> Any:
        with self._lock:
            return super().update_item(**request)


@pytest.mark.parametrize("name", TAKE)
def test_no_two_of_many_at_once_get_the_same(table: "Table", clock: FakeClock, name: str) -> None:
    callers, rounds = 8, 5
    serialised = cast("Table", OneAtATime(table))
    ready = Barrier(callers)

    def take(_: int) -> list[float]:
        capacity = capacity_for(serialised, clock)
        state = capacity.read()
        ready.wait()
        return [TAKE[name](capacity, state) for _ in range(rounds)]

    with ThreadPoolExecutor(callers) as pool:
        taken = sorted(at for each in pool.map(take, range(callers)) for at in each)

    assert taken == [NOW + DEFAULT_CALL_SECONDS * number for number in range(callers * rounds)]


class Contended(Disturbed):
    """boto3's table, in which somebody else is always faster."""

    writes = 0

    def update_item(self, **request: Any) -> Any:
        self.writes += 1
        raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")


def test_a_turn_that_is_fought_over_for_ever_is_given_in_the_end(table: "Table", clock: FakeClock) -> None:
    contended = Contended(table)

    assert capacity_for(cast("Table", contended), clock).take_turn(CapacityState()) == NOW
    assert contended.writes == 2 * TURN_ATTEMPTS


def opens_in(table: "Table", clock: FakeClock, concurrency: int = 1, **buckets: Bucket) -> float:
    capacity = capacity_for(table, clock, concurrency)
    named = {name.replace("_", "-"): bucket for name, bucket in buckets.items()}
    capacity.answered(capacity.read(), CALL, {**ROOMY, **named}, fresh=True)
    return max(0.0, capacity.read().opens_at - clock.now())


def test_with_room_in_every_bucket_nobody_waits(table: "Table", clock: FakeClock) -> None:
    assert opens_in(table, clock) == 0


def test_without_headers_nobody_waits(table: "Table", clock: FakeClock) -> None:
    capacity = capacity_for(table, clock)

    capacity.answered(capacity.read(), CALL, {}, fresh=True)

    assert capacity.read().opens_at == 0


def test_a_call_waits_until_there_are_input_tokens_for_it_with_a_cushion(
    table: "Table", clock: FakeClock
) -> None:
    # It needs 1.5 x 2000 tokens; 60,000 a minute are 1000 a second.
    assert opens_in(table, clock, input_tokens=Bucket(60_000, 1000)) == 2
    assert opens_in(table, clock, input_tokens=Bucket(60_000, 3000)) == 0


def test_the_reset_says_more_exactly_when_they_are_there(table: "Table", clock: FakeClock) -> None:
    bucket = Bucket(60_000, 1000, full_at=NOW + 58.5)

    assert opens_in(table, clock, input_tokens=bucket) == pytest.approx(1.5)


def test_a_call_waits_for_a_request(table: "Table", clock: FakeClock) -> None:
    assert opens_in(table, clock, requests=Bucket(30, 0)) == 2
    assert opens_in(table, clock, requests=Bucket(30, 1)) == 0


def test_a_call_may_begin_as_soon_as_there_are_any_output_tokens(table: "Table", clock: FakeClock) -> None:
    assert 0 < opens_in(table, clock, output_tokens=Bucket(6000, 0)) < 0.1


def test_the_longest_wait_counts(table: "Table", clock: FakeClock) -> None:
    assert opens_in(table, clock, requests=Bucket(30, 0), input_tokens=Bucket(60_000, 0)) == 3


def test_nobody_waits_for_more_than_a_full_bucket(table: "Table", clock: FakeClock) -> None:
    assert opens_in(table, clock, input_tokens=Bucket(600, 0)) == 60


@pytest.mark.parametrize("limit", [0.0, -1.0])
def test_a_bucket_without_a_limit_is_ignored(table: "Table", clock: FakeClock, limit: float) -> None:
    assert opens_in(table, clock, input_tokens=Bucket(limit, 0)) == 0


def test_a_reset_in_the_far_future_does_not_stop_everybody(table: "Table", clock: FakeClock) -> None:
    bucket = Bucket(60_000, 1000, full_at=NOW + 86_400)

    assert opens_in(table, clock, input_tokens=bucket) == 63  # as if it were overdrawn by all that it holds


def test_a_bucket_that_the_last_answer_overdrew_is_waited_for(table: "Table", clock: FakeClock) -> None:
    bucket = Bucket(6000, 0, full_at=NOW + 70)  # ten seconds until it holds anything at all

    assert opens_in(table, clock, output_tokens=bucket) == pytest.approx(10, abs=0.1)


def test_a_later_answer_that_shows_room_ends_the_wait_of_the_only_caller(
    table: "Table", clock: FakeClock
) -> None:
    capacity = capacity_for(table, clock)
    capacity.answered(capacity.read(), CALL, {"input-tokens": Bucket(600, 0)}, fresh=True)
    assert capacity.read().opens_at == NOW + 60

    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)

    assert capacity.read().opens_at == NOW


def test_the_turns_of_others_are_not_taken_back_while_the_buckets_are_low(
    table: "Table", clock: FakeClock
) -> None:
    capacity = capacity_for(table, clock, concurrency=5)
    capacity.answered(capacity.read(), CALL, {"input-tokens": Bucket(60_000, 0)}, fresh=True)
    for _ in range(3):
        capacity.take_turn(capacity.read())
    queued = capacity.read().next_turn

    capacity.answered(capacity.read(), CALL, {"input-tokens": Bucket(60_000, 2500)}, fresh=True)

    assert capacity.read().next_turn == queued


def test_an_answer_without_headers_takes_back_no_turns_of_others(table: "Table", clock: FakeClock) -> None:
    capacity = capacity_for(table, clock, concurrency=5)
    capacity.answered(capacity.read(), CALL, {"input-tokens": Bucket(60_000, 0)}, fresh=True)
    queued = capacity.read().next_turn

    capacity.answered(capacity.read(), CALL, {}, fresh=True)

    assert capacity.read().next_turn == queued > NOW


def test_several_callers_take_turns_before_the_bucket_is_empty(table: "Table", clock: FakeClock) -> None:
    bucket = Bucket(60_000, 7000)  # enough for one more call, not for the four that may be in flight

    assert opens_in(table, clock, concurrency=5, input_tokens=bucket) == 20 / 5
    assert opens_in(table, FakeClock(NOW + 3600), concurrency=1, input_tokens=bucket) == 0


def paced(table: "Table", clock: FakeClock, capacity: Capacity) -> float:
    return capacity.pace(capacity.read())


def test_the_pace_is_what_the_slowest_bucket_keeps_up(table: "Table", clock: FakeClock) -> None:
    capacity = capacity_for(table, clock)
    capacity.answered(capacity.read(), CALL, {**ROOMY, "input-tokens": Bucket(4000, 0)}, fresh=True)

    assert paced(table, clock, capacity) == pytest.approx(30, rel=0.02)  # 2000 tokens of 4000 a minute


def test_the_pace_is_never_faster_than_answers_come(table: "Table", clock: FakeClock) -> None:
    capacity = capacity_for(table, clock)
    capacity.answered(capacity.read(), CALL, {**ROOMY, "requests": Bucket(600, 0)}, fresh=True)

    assert paced(table, clock, capacity) == pytest.approx(CALL.seconds)


def test_another_environment_keeps_the_pace_on_record(table: "Table", clock: FakeClock) -> None:
    capacity = capacity_for(table, clock)
    capacity.answered(capacity.read(), CALL, {"input-tokens": Bucket(4000, 0)}, fresh=True)

    assert paced(table, clock, capacity_for(table, clock)) == pytest.approx(30, rel=0.02)


def test_a_pace_far_slower_than_the_buckets_now_is_given_up(table: "Table", clock: FakeClock) -> None:
    capacity = capacity_for(table, clock)
    capacity.answered(capacity.read(), CALL, {"input-tokens": Bucket(2000, 0)}, fresh=True)
    clock.advance(3600)  # and somebody raised the account's limits

    capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)

    assert paced(table, clock, capacity) == pytest.approx(CALL.seconds)


@given(
    limit=st.floats(1, 1e7),
    remaining=st.floats(0, 1e7),
    need=st.floats(0, 1e7),
    full_in=st.none() | st.floats(-1e9, 1e9),
)
def test_a_bucket_never_promises_the_past_nor_more_than_two_minutes(
    limit: float, remaining: float, need: float, full_in: float | None
) -> None:
    bucket = Bucket(limit, min(limit, remaining), None if full_in is None else NOW + full_in)

    at = bucket.holds_at(min(limit, need), NOW)

    assert NOW <= at <= NOW + 120.001
