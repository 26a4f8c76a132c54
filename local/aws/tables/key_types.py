"""DynamoDB's rule for key attributes: the type that the table declares, and no empty text.

It holds for the keys of a table and of each of its indexes; what is a key of an index only may be absent.
"""

from collections.abc import Iterator, Mapping

from moto.dynamodb.exceptions import (
    InvalidAttributeTypeError,
    KeyIsEmptyStringException,
    MockValidationException,
    ProvidedKeyDoesNotExist,
)
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table


def check_item(table: Table, attributes: Mapping[str, DynamoType]) -> None:
    """Raises the ValidationException with which DynamoDB refuses an item."""
    for name, expected in _table_keys(table):
        if name in attributes:
            if attributes[name].type != expected:
                raise InvalidAttributeTypeError(name, expected, attributes[name].type)
            if _is_empty(attributes[name]):
                raise KeyIsEmptyStringException(name)
    types = _types(table)
    for index, name in _index_keys(table):
        if name in attributes:
            _check_index_key(index, name, types[name], attributes[name])


def check_key(table: Table, *values: DynamoType | None) -> None:
    """The same for a key by which an item is asked for: hash key and, where there is one, range key."""
    for (name, expected), value in zip(_table_keys(table), values, strict=False):
        if value is None:
            continue
        if value.type != expected:
            raise ProvidedKeyDoesNotExist
        if _is_empty(value):
            raise KeyIsEmptyStringException(name)


def _check_index_key(index: str, name: str, expected: str, value: DynamoType) -> None:
    if value.type != expected:
        raise MockValidationException(
            f"One or more parameter values were invalid: Type mismatch for Index Key {name}"
            f" Expected: {expected} Actual: {value.type} IndexName: {index}"
        )
    if _is_empty(value):
        raise MockValidationException(
            "One or more parameter values are not valid. A value specified for a secondary index key is not"
            " supported. The AttributeValue for a key attribute cannot contain an empty string value."
            f" IndexName: {index}, IndexKey: {name}"
        )


def _types(table: Table) -> dict[str, str]:
    return {declared["AttributeName"]: declared["AttributeType"] for declared in table.attr}


def _table_keys(table: Table) -> list[tuple[str, str]]:
    """The names and types of the table's hash key and, if it has one, range key."""
    types = _types(table)
    return [(name, types[name]) for name in (table.hash_key_attr, table.range_key_attr) if name]


def _index_keys(table: Table) -> Iterator[tuple[str, str]]:
    for index in [*table.indexes, *table.global_indexes]:
        for key in index.schema:
            yield index.name, key["AttributeName"]


def _is_empty(value: DynamoType) -> bool:
    return value.type in {"S", "B"} and not value.value
