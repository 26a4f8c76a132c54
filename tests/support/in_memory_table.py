"""The tickets' table in memory, for simulations of very many tickets: the same conditions, evaluated here.

It stands for `tickets.table.TicketTable` alone. tests/integration/support/test_in_memory_table.py holds it
against the same moves on the AWS emulator.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from runtime.items import storable
from tests.support.conditions import holds
from tickets.table import MoveRefusedError

Item = dict[str, Any]


class InMemoryTicketTable:
    """Items by ticket id; `watch` is told of every write with the images before and after it."""

    def __init__(self, watch: Callable[[Item, Item], None] | None = None) -> None:
        self.items: dict[str, Item] = {}
        self.calls = 0
        self._watch = watch or (lambda _old, _new: None)

    def put(self, item: Mapping[str, Any]) -> None:
        ticket_id = str(item["ticket_id"])
        old, new = self.items.get(ticket_id, {}), dict(storable(item))
        self.items[ticket_id] = new
        self._watch(old, new)

    def get(self, ticket_id: str) -> Item | None:
        self.calls += 1
        item = self.items.get(ticket_id)
        return dict(item) if item else None

    def update(
        self,
        ticket_id: str,
        update: Mapping[str, Any],
        *,
        condition: ConditionBase,
        remove: Iterable[str] = (),
        initial: Mapping[str, Any] | None = None,
        add: Mapping[str, int] | None = None,
    ) -> Item:
        self.calls += 1
        old = self.items.get(ticket_id, {})
        if not old or not holds(condition, old):
            raise MoveRefusedError(dict(old))
        new = {name: value for name, value in old.items() if name not in set(remove) - set(update)}
        new |= storable({name: value for name, value in (initial or {}).items() if name not in old})
        new |= storable(update)
        for name, amount in (add or {}).items():
            new[name] = new.get(name, 0) + amount
        self.items[ticket_id] = new
        if new != old:  # a write that changes nothing leaves no stream record
            self._watch(old, new)
        return dict(new)
