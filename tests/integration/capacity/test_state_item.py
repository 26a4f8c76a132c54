"""The item in the state table: malformed, not written without need, or not to be written at all."""

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from capacity.capacity import Capacity
from capacity.state import CapacityState, Gate
from tests.integration.capacity.closing import CALL, CLOSE, FULL, ROOMY, Close, item
from tests.integration.tickets.tables import Disturbed
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


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
