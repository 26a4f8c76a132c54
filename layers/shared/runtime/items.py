"""DynamoDB items to and from Python values."""

import base64
from collections.abc import Mapping
from decimal import Decimal, Rounded
from typing import Any

from boto3.dynamodb.types import DYNAMODB_CONTEXT, Binary, TypeDeserializer

# DynamoDB writes 1e40 out as a one and forty zeros, and boto3 refuses more than 38 digits, be they zeros.
# Only zeros may go: a digit that would be lost still raises Inexact, for boto3's table resource as well.
DYNAMODB_CONTEXT.traps[Rounded] = False


class _Deserializer(TypeDeserializer):
    """Reads binaries as base64 text, too: so Lambda writes them into its JSON events."""

    def _deserialize_b(self, value: str | bytes) -> bytes:
        return base64.b64decode(value) if isinstance(value, str) else bytes(value)


_deserializer = _Deserializer()


def from_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's typed JSON, as a stream record or an error carries it, in Python values."""
    return {name: _python(_deserializer.deserialize(value)) for name, value in attributes.items()}


def from_table(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as boto3's table resource returns it, with its binaries as bytes."""
    return {name: _python(value) for name, value in item.items()}


def storable(value: Any) -> Any:
    """`value` as boto3 accepts it: floats become Decimals, tuples lists."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {key: storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def _python(value: Any) -> Any:
    if isinstance(value, Binary):
        return bytes(vars(value)["value"])
    if isinstance(value, Mapping):
        return {key: _python(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_python(inner) for inner in value]
    if isinstance(value, set):
        return {_python(inner) for inner in value}
    return value
