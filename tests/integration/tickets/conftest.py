"""A store on the emulator's table, empty for each test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from runtime.items import open_dynamodb
from tests.integration.tickets.standing import (
    NOW,
)
from tests.integration.tickets.tables import items
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.ticket_store import TicketStore
from tickets.table import TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.fixture(scope="module")
def tickets() -> Iterator["Table"]:
    with aws(FakeClock(NOW)) as stack:
        yield open_dynamodb().Table(stack.ref("TicketsTable"))


@pytest.fixture
def table(tickets: "Table") -> "Table":
    for item in items(tickets):
        tickets.delete_item(Key={"ticket_id": item["ticket_id"]})
    return tickets


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def store(table: "Table", clock: FakeClock) -> TicketStore:
    return TicketStore(TicketTable(table), clock)
