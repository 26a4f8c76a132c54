"""When Claude may be called: the gate, ambiguous faults, the spend cap, and what is written of it."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from capacity.buckets import Bucket, Used
from capacity.capacity import Capacity
from capacity.state import MAX_GATE_SECONDS, CapacityState, Gate
from tests.integration.tickets.tables import Disturbed
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2027, 3, 2, tzinfo=UTC).timestamp()
CALL = Used(seconds=20.0, input_tokens=2000, output_tokens=1000, cost_usd=0.25)
ROOMY = {"requests": Bucket(1000, 999), "input-tokens": Bucket(100_000, 99_000)}
FULL = {"requests": Bucket(60, 0), "input-tokens": Bucket(60_000, 1000)}

Close = Callable[[Capacity], Any]


@pytest.fixture(scope="module")
def created() -> Iterator["Table"]:
    with aws(FakeClock(NOON)) as stack:
        yield boto3.resource("dynamodb").Table(stack.ref("StateTable"))


@pytest.fixture
def table(created: "Table") -> "Table":
    created.delete_item(Key={"state_id": "capacity"})
    return created


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def capacity(table: "Table", clock: FakeClock) -> Capacity:
    return Capacity(table, clock, concurrency=1)


def item(table: "Table") -> dict[str, Any]:
    return dict(table.get_item(Key={"state_id": "capacity"}).get("Item", {}))


def by_two_tickets(capacity: Capacity) -> None:
    if not capacity.read().strikes:
        capacity.provider_fault(capacity.read(), "504 gateway time-out")
    capacity.provider_fault(capacity.read(), "504 gateway time-out")


CLOSE: dict[Gate, Close] = {
    Gate.SHARED: lambda capacity: capacity.shared_limit(capacity.read(), None, "529 overloaded"),
    Gate.ACCOUNT: lambda capacity: capacity.account_fault(capacity.read(), "401 invalid key"),
    Gate.PROVIDER: by_two_tickets,
}


def closed_for(capacity: Capacity, clock: FakeClock) -> float:
    return capacity.read().gate_until - clock.now()


# ----------------------------------------------------------------------------------------------- the gate


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


# ------------------------------------------------------------ faults that may be the provider's


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


# ------------------------------------------------------------ what is out of bounds in the item


ODD: list[Any] = [None, "soon", [1], {"at": 1}, True, Decimal("1e100"), Decimal(-5), Decimal("1e-120")]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("name", [field.name for field in fields(CapacityState)])
def test_a_malformed_item_repairs_itself(table: "Table", clock: FakeClock, name: str, odd: Any) -> None:
    table.put_item(Item={"state_id": "capacity", "gate": "provider", "strikes": 3, name: odd})
    for concurrency in (1, 5):
        capacity = Capacity(table, clock, concurrency, spend_cap_usd=1000.0)

        state = capacity.read()
        assert state.opens_at <= clock.now() + 3600
        assert capacity.pace(state) > 0
        assert capacity.take_turn(state) <= clock.now() + 3600
        capacity.shared_limit(capacity.read(), clock.now() + 30, "429")
        capacity.spent(0.5)
        clock.advance(2 * 3600)
        capacity.answered(capacity.read(), CALL, FULL, fresh=True)
        assert capacity.read().gate_until <= clock.now()
        assert capacity.read().next_turn <= clock.now() + 900


@pytest.mark.parametrize("name", ["spend_usd", "spend_day"])
@pytest.mark.parametrize("odd", [*ODD[:-3], Decimal(-5)], ids=repr)
def test_what_else_is_kept_repairs_itself(table: "Table", clock: FakeClock, name: str, odd: Any) -> None:
    day = datetime.fromtimestamp(clock.now(), UTC).date().isoformat()
    table.put_item(Item={"state_id": "capacity", "spend_day": day, name: odd})
    capacity = Capacity(table, clock, 1, spend_cap_usd=1.0)

    capacity.spent(0.6)
    capacity.spent(0.6)

    assert capacity.read().gate == Gate.SPEND


# ------------------------------------------------------------------------------------- what is written of it


class Counting(Disturbed):
    """boto3's table; counts the writes that are sent to it."""

    writes = 0

    def update_item(self, **request: Any) -> Any:
        self.writes += 1
        return super().update_item(**request)


def test_an_answer_that_changes_nothing_is_not_written(table: "Table", clock: FakeClock) -> None:
    counting = Counting(table)
    capacity = Capacity(cast("Table", counting), clock, concurrency=1)

    for _ in range(10):
        clock.advance(60)
        capacity.answered(capacity.read(), CALL, ROOMY, fresh=True)

    assert counting.writes == 0
    assert item(table) == {}


def test_without_a_cap_no_spend_is_kept(capacity: Capacity, table: "Table") -> None:
    capacity.spent(CALL.cost_usd)

    assert not {"spend_usd", "spend_day"} & item(table).keys()


class Gone(Disturbed):
    """boto3's table, which takes no writes any more."""

    def __init__(self, table: "Table", error: Exception) -> None:
        super().__init__(table)
        self._error = error

    def update_item(self, **request: Any) -> Any:
        raise self._error


GONE = [
    ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "gone"}}, "UpdateItem"),
    ClientError(
        {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow"}}, "UpdateItem"
    ),
    EndpointConnectionError(endpoint_url="https://dynamodb.example"),
]


@pytest.mark.parametrize("error", GONE, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("cap", [0.0, 1.0])
@pytest.mark.parametrize(
    "take_in",
    [
        *CLOSE.values(),
        lambda capacity: capacity.answered(capacity.read(), CALL, FULL, fresh=True),
        lambda capacity: capacity.open(),
        lambda capacity: capacity.spent(0.5),
    ],
)
def test_nothing_fails_because_the_state_cannot_be_written(
    table: "Table", clock: FakeClock, error: Exception, cap: float, take_in: Close
) -> None:
    capacity = Capacity(cast("Table", Gone(table, error)), clock, concurrency=1, spend_cap_usd=cap)

    take_in(capacity)

    assert item(table) == {}


@pytest.mark.parametrize("error", GONE, ids=lambda error: type(error).__name__)
def test_a_turn_that_cannot_be_taken_is_not_made_up(
    table: "Table", clock: FakeClock, error: Exception
) -> None:
    capacity = Capacity(cast("Table", Gone(table, error)), clock, concurrency=1)

    with pytest.raises(type(error)):
        capacity.take_turn(CapacityState())


# -------------------------------------------------------------------------------------------- the spend cap


@pytest.fixture
def capped(table: "Table", clock: FakeClock) -> Capacity:
    return Capacity(table, clock, concurrency=1, spend_cap_usd=1.0)


def test_reaching_the_cap_closes_the_gate_until_the_next_day_in_utc(
    capped: Capacity, clock: FakeClock
) -> None:
    for _ in range(3):
        capped.spent(CALL.cost_usd)
    assert capped.read().opens_at == 0

    capped.spent(CALL.cost_usd)

    state = capped.read()
    assert state.opens_at == state.gate_until == MIDNIGHT
    assert state.gate == Gate.SPEND
    assert "1.0 USD" in state.gate_reason


def test_every_day_has_its_own_spend(capped: Capacity, table: "Table", clock: FakeClock) -> None:
    for _ in range(4):
        capped.spent(CALL.cost_usd)
    clock.advance(MIDNIGHT - NOON)
    assert capped.read().opens_at == clock.now()

    capped.spent(CALL.cost_usd)

    assert capped.read().opens_at == clock.now()
    assert float(item(table)["spend_usd"]) == CALL.cost_usd


def test_the_day_of_a_spend_is_utcs(capped: Capacity, table: "Table", clock: FakeClock) -> None:
    clock.advance(MIDNIGHT - NOON - 1)
    capped.spent(CALL.cost_usd)
    assert item(table)["spend_day"] == "2027-03-01"

    clock.advance(1)
    capped.spent(CALL.cost_usd)

    assert item(table)["spend_day"] == "2027-03-02"


def test_a_gate_that_is_closed_for_longer_outlasts_the_cap(capped: Capacity, clock: FakeClock) -> None:
    clock.advance(MIDNIGHT - NOON - 3600)
    clock.advance(3000)
    until = capped.shared_limit(capped.read(), clock.now() + 3600, "429")

    for _ in range(4):
        capped.spent(CALL.cost_usd)

    assert capped.read().gate_until == until > MIDNIGHT


def test_a_person_who_opens_the_gate_past_the_cap_gets_one_call(capped: Capacity) -> None:
    for _ in range(4):
        capped.spent(CALL.cost_usd)

    capped.open()
    assert capped.read().opens_at == 0
    capped.spent(CALL.cost_usd)

    assert capped.read().gate_until == MIDNIGHT


def test_the_spend_of_several_invocations_adds_up(table: "Table", clock: FakeClock) -> None:
    environments = [Capacity(table, clock, concurrency=4, spend_cap_usd=1.0) for _ in range(4)]

    for capacity in environments:
        capacity.spent(CALL.cost_usd)

    assert float(item(table)["spend_usd"]) == 1.0
    assert environments[0].read().gate == Gate.SPEND
