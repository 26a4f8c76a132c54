"""The tickets' table in memory, for simulations of very many tickets: the same conditions, evaluated here.

It stands for `tickets.table.TicketTable` alone. tests/integration/support/test_in_memory_table.py holds it
against the same moves on the AWS emulator.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from runtime.items import storable
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


def holds(condition: ConditionBase, item: Mapping[str, Any]) -> bool:
    """Whether a boto3 condition holds for an item; a comparison with a missing attribute does not."""
    expression = condition.get_expression()
    operator, operands = expression["operator"], expression["values"]
    if operator in ("AND", "OR"):
        each = (holds(operand, item) for operand in operands)
        return all(each) if operator == "AND" else any(each)
    name = operands[0].name
    if operator == "attribute_exists":
        return name in item
    if operator == "attribute_not_exists":
        return name not in item
    if name not in item:
        return False
    value, others = item[name], [storable(operand) for operand in operands[1:]]
    match operator:
        case "=":
            return bool(value == others[0])
        case "<":
            return bool(value < others[0])
        case "IN":
            return value in others[0]
    raise NotImplementedError(operator)
