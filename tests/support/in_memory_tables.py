"""Both tables in memory, for very many observations: the same transactions, their conditions evaluated here.

They stand for `tickets.transactions.Tables` alone. tests/integration/intake/test_transactions.py holds them
against the AWS emulator.
"""

from collections.abc import Callable
from typing import Any

from runtime.item_size import MAX_ITEM_BYTES, size_of
from runtime.items import storable
from tests.support.conditions import holds
from tickets.transactions import Change, ConflictError, Kept, Key, Put

Item = dict[str, Any]


class InMemoryTables:
    """Items by table and key. `around` is called before and after each call, and may raise."""

    def __init__(self, around: Callable[[str], None] = lambda _when: None) -> None:
        self.items: dict[Key, Item] = {}
        self.calls: list[str] = []
        self.around = around

    @property
    def tickets(self) -> dict[str, Item]:
        return {key: item for (table, key), item in self.items.items() if table == Kept.TICKETS}

    def read(self, *keys: Key) -> list[Item]:
        self.calls.append("read")
        self.around("before")
        found = [dict(self.items.get(key, {})) for key in keys]
        self.around("after")
        return found

    def write(self, *changes: Change) -> None:
        self.calls.append("write")
        self.around("before")
        assert len({change.key for change in changes}) == len(changes), "an item is written twice"
        if not all(holds(change.condition, self.items.get(change.key, {})) for change in changes):
            raise ConflictError("ConditionalCheckFailed")
        changed = {change.key: _changed(self.items.get(change.key, {}), change) for change in changes}
        if any(size_of(item) > MAX_ITEM_BYTES for item in changed.values()):
            raise ConflictError("ItemTooLarge")
        self.items |= changed
        self.around("after")


def _changed(old: Item, change: Change) -> Item:
    if isinstance(change, Put):
        return dict(storable(change.item))
    kept = {name: value for name, value in old.items() if name not in set(change.remove)}
    return kept | {change.table.value: change.key[1]} | dict(storable(change.update))
