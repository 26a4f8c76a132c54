"""DynamoDB's limits of items and of expressions, put into the emulator as DynamoDB keeps them.

moto checks while it applies an update, attribute by attribute: it counts a value that is being replaced
twice, and when it refuses it leaves what it had written so far. DynamoDB looks at the item as it would be,
and writes all or nothing.
"""

import copy
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.exceptions import ItemSizeTooLarge, MockValidationException
from moto.dynamodb.models import dynamo_type
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.parsing import expressions
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor

LIMIT_BYTES = 400 * 1024
EXPRESSION_LIMIT_BYTES = 4096


def keep_item_limit() -> None:
    """Make every DynamoDB of this process's moto keep the limits; a second call changes nothing."""
    setattr(_parser, "make", _parsed)  # noqa: B010 - moto's own names, replaced
    setattr(models, "UpdateExpressionExecutor", _AllOrNothing)  # noqa: B010
    setattr(dynamo_type, "LimitedSizeDict", _Unchecked)  # noqa: B010
    setattr(Item, "__init__", _init)  # noqa: B010


class _Unchecked(LimitedSizeDict):
    """An item's attributes on their way to what they will be."""

    def __setitem__(self, key: str, value: Any) -> None:
        dict.__setitem__(self, key, value)


class _AllOrNothing(UpdateExpressionExecutor):
    """An update that is undone when it ends above the limit."""

    def execute(self, node: Any = None) -> None:
        if node is not None:
            return super().execute(node)
        before = copy.deepcopy(self.item).attrs
        try:
            super().execute()
            _check(self.item)
        except Exception:
            self.item.attrs = before
            raise


_moto_init = Item.__init__
_parser: Any = vars(expressions)["UpdateExpressionParser"]
_moto_parsed = _parser.make


def _parsed(expression: str) -> Any:
    size = len(expression.encode())
    if size > EXPRESSION_LIMIT_BYTES:
        raise MockValidationException(
            "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; "
            f"expression size: {size}"
        )
    return _moto_parsed(expression)


def _init(item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    _moto_init(item, hash_key, range_key, attrs)
    _check(item)


def _check(item: Item) -> None:
    if sum(len(name.encode()) + bytes_of(value) for name, value in item.attrs.items()) > LIMIT_BYTES:
        raise ItemSizeTooLarge


def bytes_of(value: DynamoType) -> int:
    """What a value counts. Source: DynamoDB developer guide, "Item sizes and formats"."""
    if value.is_map():
        return 3 + sum(1 + len(name.encode()) + bytes_of(inner) for name, inner in value.value.items())
    if value.is_list():
        return 3 + sum(1 + bytes_of(inner) for inner in value.value)
    if value.is_set():
        return 3 + sum(1 + bytes_of(DynamoType({value.type[0]: member})) for member in value.value)
    if value.is_number():
        return min(21, 1 + (len(str(value.value).strip("-0.")) + 1) // 2)
    if value.is_binary():
        return len(value.to_regular_json()[value.type])
    size: int = value.size()
    return size
