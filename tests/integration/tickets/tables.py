"""The tickets' table as producers and people use it, and one that is disturbed while the store writes."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from runtime.items import storable
from tests.integration.tickets.standing import (
    TICKET,
    Item,
)
from tests.support.fake_clock import FakeClock
from tests.support.ticket_store import TicketStore
from tickets.table import TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def put(table: "Table", *parts: Mapping[str, Any], **attributes: Any) -> Item:
    """Writes a ticket as a producer would: the whole item."""
    item: Item = dict(TICKET)
    for part in (*parts, attributes):
        item.update(part)
    table.put_item(Item=storable(item))
    return item


def get(table: "Table", ticket_id: str = "T-1") -> Item:
    return dict(table.get_item(Key={"ticket_id": ticket_id}, ConsistentRead=True).get("Item", {}))


def items(table: "Table") -> list[Item]:
    return [item for page in all_pages(partial(scan, table)) for item in page]


def scan(table: "Table", after: Any) -> tuple[list[Any], Any]:
    found = table.scan(**({"ExclusiveStartKey": after} if after else {}))
    return found["Items"], found.get("LastEvaluatedKey")


def all_pages(read: Callable[[Any], tuple[list[Any], Any]]) -> list[list[Any]]:
    pages, after = [], None
    while True:
        found, after = read(after)
        pages.append(found)
        if after is None:
            return pages


class Disturbed:
    """boto3's table, but `act` happens once, just before the next write, and answers may be lost."""

    def __init__(
        self, table: "Table", act: Callable[[], Any] | None = None, *, answers_lost: bool = False
    ) -> None:
        self._table = table
        self._act = act
        self._answers_lost = answers_lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def update_item(self, **request: Any) -> Any:
        if self._act:
            act, self._act = self._act, None
            act()
        if self._answers_lost:
            self._table.update_item(**request)  # the SDK, which saw no answer, sends it again
        return self._table.update_item(**request)


def disturbed(
    table: "Table", clock: FakeClock, act: Callable[[], Any] | None = None, *, answers_lost: bool = False
) -> TicketStore:
    behind = Disturbed(table, act, answers_lost=answers_lost)
    return TicketStore(TicketTable(cast("Table", behind)), clock)
