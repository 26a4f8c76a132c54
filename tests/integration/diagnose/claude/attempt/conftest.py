"""An attempt at a fake Claude, over a real state table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from capacity.capacity import Capacity
from capacity.item import STATE_ID
from diagnose.claude.attempt import Attempt
from tests.integration.diagnose.claude.attempt.asking import FakeClaude, attempt_with
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def claude(clock: FakeClock) -> FakeClaude:
    return FakeClaude(clock)


@pytest.fixture(scope="module")
def created_table(clock: FakeClock) -> Iterator["Table"]:
    with aws(clock) as stack:
        yield boto3.resource("dynamodb").Table(stack.ref("StateTable"))


@pytest.fixture
def state_table(created_table: "Table") -> "Table":
    created_table.delete_item(Key={"state_id": STATE_ID})
    return created_table


@pytest.fixture
def capacity(state_table: "Table", clock: FakeClock) -> Capacity:
    return Capacity(state_table, clock, concurrency=1)


@pytest.fixture
def attempt(claude: FakeClaude, capacity: Capacity, clock: FakeClock) -> Attempt:
    return attempt_with(claude, capacity, clock)
