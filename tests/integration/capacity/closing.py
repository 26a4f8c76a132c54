"""What closes the gate, and what is then in the state table."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from capacity.buckets import Bucket, Used
from capacity.capacity import Capacity
from capacity.state import Gate
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


NOON = datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2027, 3, 2, tzinfo=UTC).timestamp()
CALL = Used(seconds=20.0, input_tokens=2000, output_tokens=1000, cost_usd=0.25)
ROOMY = {"requests": Bucket(1000, 999), "input-tokens": Bucket(100_000, 99_000)}
FULL = {"requests": Bucket(60, 0), "input-tokens": Bucket(60_000, 1000)}

Close = Callable[[Capacity], Any]


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
