"""The spend of a day, and the gate that closes when it reaches the cap."""

from typing import TYPE_CHECKING

import pytest

from capacity.capacity import Capacity
from capacity.state import Gate
from tests.integration.capacity.closing import CALL, MIDNIGHT, NOON, item
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


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
