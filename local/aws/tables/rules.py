"""Rules of DynamoDB's tables that moto keeps in part, put into it: limits of size, and the types of keys.

moto checks sizes while it applies an update, attribute by attribute: it counts a value that is being replaced
twice. It checks the types of an index's keys in some requests and not in others. When it refuses, it leaves
what it had written so far. DynamoDB looks at the item as it would be, and writes all or nothing.
"""

import copy
from contextvars import ContextVar
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.exceptions import ItemSizeTooLarge, ItemSizeToUpdateTooLarge
from moto.dynamodb.models import DynamoDBBackend, dynamo_type
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor

from local.aws.tables import expression_limit
from local.aws.tables.item_limit import check_size
from local.aws.tables.key_types import check_item, check_key
from local.aws.tables.transactions import keep_transactions_whole

_updated: ContextVar[Table] = ContextVar("updated")
"""The table whose item is being updated: moto does not tell those that update an item."""


def keep_table_rules() -> None:
    """Make every DynamoDB of this process's moto keep them; a second call changes nothing."""
    setattr(models, "UpdateExpressionExecutor", _AllOrNothing)  # noqa: B010 - moto's own names, replaced
    setattr(expression_limit.PARSER, "make", expression_limit.parse)  # noqa: B010
    setattr(dynamo_type, "LimitedSizeDict", _Unchecked)  # noqa: B010
    setattr(Item, "update_with_attribute_updates", _update_attributes)  # noqa: B010
    setattr(Table, "put_item", _put_item)  # noqa: B010
    setattr(Table, "get_item", _get_item)  # noqa: B010
    setattr(DynamoDBBackend, "update_item", _update_item)  # noqa: B010
    keep_transactions_whole()


_moto_put_item = Table.put_item
_moto_get_item = Table.get_item
_moto_update_item = DynamoDBBackend.update_item
_moto_update_attributes = Item.update_with_attribute_updates


class _Unchecked(LimitedSizeDict):
    """An item's attributes on their way to what they will be."""

    def __setitem__(self, key: str, value: Any) -> None:
        dict.__setitem__(self, key, value)


class _AllOrNothing(UpdateExpressionExecutor):
    """An update that is undone when it ends against the rules."""

    def execute(self, node: Any = None) -> None:
        if node is not None:
            return super().execute(node)
        before = copy.deepcopy(self.item).attrs
        try:
            super().execute()
            _check(_updated.get(), self.item.attrs)
        except Exception:
            self.item.attrs = before
            raise


def _update_attributes(item: Item, attribute_updates: dict[str, Any]) -> None:
    """The older way to say an update, which moto does by itself."""
    before = copy.deepcopy(item).attrs
    try:
        _moto_update_attributes(item, attribute_updates)
        _check(_updated.get(), item.attrs)
    except Exception as error:
        item.attrs = before
        raise (ItemSizeToUpdateTooLarge() if isinstance(error, ItemSizeTooLarge) else error) from error


def _update_item(backend: DynamoDBBackend, table_name: str, *arguments: Any, **more: Any) -> Item:
    token = _updated.set(backend.get_table(table_name))
    try:
        return _moto_update_item(backend, table_name, *arguments, **more)
    finally:
        _updated.reset(token)


def _put_item(table: Table, item_attrs: dict[str, Any], *arguments: Any, **more: Any) -> Item:
    _check(table, {name: DynamoType(value) for name, value in item_attrs.items()})
    return _moto_put_item(table, item_attrs, *arguments, **more)


def _get_item(
    table: Table, hash_key: DynamoType, range_key: DynamoType | None = None, *more: Any
) -> Item | None:
    check_key(table, hash_key, range_key)
    return _moto_get_item(table, hash_key, range_key, *more)


def _check(table: Table, attributes: dict[str, DynamoType]) -> None:
    check_item(table, attributes)
    check_size(attributes)
