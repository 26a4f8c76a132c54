"""What intake reads and writes at once: the tables in memory behave as the emulator's; calls are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.client import BaseClient
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.observation import MonitorState, Place
from intake.violations.wording import Policy
from local.aws.stack import Stack
from runtime.items import open_dynamodb
from tests.support.fake_clock import FakeClock
from tests.support.in_memory_tables import InMemoryTables, Item
from tests.support.in_process import aws
from tests.support.monitors import ALARM, OK, SHOP, START_MS, Monitored
from tickets.transactions import ConflictError, Kept, Put, Tables, Update

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

PLACES = {"a": SHOP, "b": SHOP, "c": Place(), "d": SHOP}


class EmulatedTables(Tables):
    """The tables of a stack, which can also be looked at and written whole."""

    def __init__(self, dynamodb: "DynamoDBServiceResource", stack: Stack) -> None:
        self.names = {
            Kept.TICKETS: stack.ref("TicketsTable"),
            Kept.STATE: stack.ref("StateTable"),
        }
        self.dynamodb = dynamodb
        super().__init__(dynamodb, self.names)

    @property
    def items(self) -> dict[tuple[Kept, str], Item]:
        scanned = {table: self.dynamodb.Table(name).scan()["Items"] for table, name in self.names.items()}
        return {(table, str(item[table])): dict(item) for table, items in scanned.items() for item in items}

    @property
    def tickets(self) -> dict[str, Item]:
        return {key: item for (table, key), item in self.items.items() if table == Kept.TICKETS}

    def empty(self) -> None:
        for table, key in self.items:
            self.dynamodb.Table(self.names[table]).delete_item(Key={table.value: key})

    def put(self, item: Item) -> None:
        self.dynamodb.Table(self.names[Kept.TICKETS]).put_item(Item=item)


@pytest.fixture(scope="module")
def emulated() -> Iterator[EmulatedTables]:
    with aws(FakeClock(START_MS / 1000)) as stack:
        yield EmulatedTables(open_dynamodb(), stack)


@pytest.fixture
def monitored(emulated: EmulatedTables) -> Monitored:
    emulated.empty()
    return Monitored(emulated)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The calls to AWS, by name."""
    make_call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]
    calls: list[str] = []

    def call(client: BaseClient, name: str, parameters: Any) -> Any:
        calls.append(name)
        return make_call(client, name, parameters)

    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield calls


steps = st.tuples(
    st.sampled_from([*MonitorState, ALARM, ALARM, OK]), st.sampled_from("aabbcd"), st.integers(0, 40)
)


@pytest.mark.not_followed
@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(script=st.lists(steps, min_size=4, max_size=12))
def test_the_same_observations_give_the_same_items(
    emulated: EmulatedTables, script: list[tuple[MonitorState, str, int]]
) -> None:
    policy = Policy(minimum_occurrences=2, flap_window_ms=600_000)
    emulated.empty()
    on_emulator, in_memory = Monitored(emulated, policy), Monitored(InMemoryTables(), policy)
    for each in (on_emulator, in_memory):
        for state, key, minute in script:
            each.says(state, key, at=60.0 * minute, place=PLACES[key])

    assert emulated.items == in_memory.tables.items


@pytest.mark.parametrize("tables", ["emulated", "in memory"])
def test_when_one_condition_does_not_hold_nothing_is_written(emulated: EmulatedTables, tables: str) -> None:
    emulated.empty()
    kept: Any = emulated if tables == "emulated" else InMemoryTables()
    new = Put(Kept.TICKETS, {"ticket_id": "t", "status": "open", "n": 1}, Attr("ticket_id").not_exists())
    kept.write(new)
    with pytest.raises(ConflictError):
        kept.write(Put(Kept.STATE, {"state_id": "s"}, Attr("state_id").not_exists()), new)
    with pytest.raises(ConflictError):
        kept.write(Update((Kept.TICKETS, "other"), {"n": 2}, Attr("ticket_id").exists()))
    kept.write(Update((Kept.TICKETS, "t"), {"n": 2.5, "m": [1]}, Attr("n").eq(1), ("status", "n")))

    assert list(kept.items) == [(Kept.TICKETS, "t")]
    assert kept.read((Kept.TICKETS, "t"), (Kept.STATE, "s"), (Kept.TICKETS, "t")) == [
        item := kept.read((Kept.TICKETS, "t"))[0],
        {},
        item,
    ]
    assert item == {"ticket_id": "t", "n": item["n"], "m": [1]}
    assert float(item["n"]) == 2.5


def calls_of(monitored: Monitored, *said: Any, place: Place = SHOP) -> list[str]:
    with counted() as calls:
        monitored.says(*said, place=place)
    return calls


def test_the_calls_to_aws_are_few(monitored: Monitored) -> None:
    """Without those for an alarm's tags and mute rules, and for what is near it, when it opens a ticket."""
    get, batch, write = "GetItem", "BatchGetItem", "TransactWriteItems"

    assert calls_of(monitored, ALARM, "head", 0) == [get, get, write], "opens: violation, incidents"
    assert calls_of(monitored, ALARM, "head", 1) == [get, write], "repeats"
    assert calls_of(monitored, ALARM, "one", 2) == [get, get, get, write], "joins: and its incident"
    assert calls_of(monitored, ALARM, "one", 3) == [get, write], "repeats"
    assert calls_of(monitored, OK, "one", 4) == [get, batch, write], "a member is over"
    assert calls_of(monitored, ALARM, "one", 5) == [get, batch, write], "and comes back"
    assert calls_of(monitored, OK, "one", 6) == [get, batch, write]
    assert calls_of(monitored, OK, "head", 7) == [get, get, write], "resolved: violation, ticket"
    assert calls_of(monitored, ALARM, "head", 8) == [get, get, get, write], "opened again"
    assert calls_of(monitored, OK, "head", 6.5) == [get], "late, and of no consequence"
