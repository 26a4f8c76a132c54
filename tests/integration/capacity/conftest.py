"""A state table on the emulator, empty for each test, and the capacity kept there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from capacity.capacity import Capacity
from tests.integration.capacity.closing import NOON
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


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
