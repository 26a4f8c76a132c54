"""DynamoDB items to and from Python values: every legal value exactly, and none that costs its neighbours."""

import base64
from collections.abc import Mapping
from decimal import Clamped, Decimal, Rounded
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.transform import TransformationInjector
from boto3.dynamodb.types import DYNAMODB_CONTEXT, TypeDeserializer
from botocore.config import Config

from runtime.aws import CALLS
from runtime.unreadable import Unreadable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

# boto3 refuses numbers that DynamoDB holds: 1e40 is written out as a one and forty zeros, which is more than
# 38 digits, and 38 digits from 1e-130 on reach below its smallest exponent. Only zeros may go: a digit that
# would be lost still raises Inexact, here and when boto3 writes.
DYNAMODB_CONTEXT.traps[Rounded] = False
DYNAMODB_CONTEXT.traps[Clamped] = False
DYNAMODB_CONTEXT.Emin = -167


class _Deserializer(TypeDeserializer):
    """Reads whatever comes: what it cannot read is one `Unreadable` in an item that is otherwise whole."""

    def deserialize(self, value: Any) -> Any:
        try:
            return super().deserialize(value)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            kind = ", ".join(map(str, value)) if isinstance(value, Mapping) else type(value).__name__
            return Unreadable(kind[:40])

    def _deserialize_n(self, value: str) -> Decimal:
        number = DYNAMODB_CONTEXT.create_decimal(value)
        if not number.is_finite():
            raise ValueError(value)
        return number

    def _deserialize_b(self, value: str | bytes) -> bytes:
        """Binaries as base64 text, too: so Lambda writes them into its JSON events."""
        return base64.b64decode(value) if isinstance(value, str) else bytes(value)


_deserializer = _Deserializer()


def from_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's typed JSON, as a stream record or an error carries it, in Python values."""
    return {name: _deserializer.deserialize(value) for name, value in attributes.items()}


def open_dynamodb(
    config: Config = CALLS, session: boto3.Session | None = None, endpoint: str | None = None
) -> "DynamoDBServiceResource":
    """boto3's resource, whose tables read as `from_attributes` does rather than in boto3's own way."""
    resource = (session or boto3).resource("dynamodb", config=config, endpoint_url=endpoint)
    events, name = resource.meta.client.meta.events, "dynamodb-attr-value-output"
    events.unregister("after-call.dynamodb", unique_id=name)
    injector = TransformationInjector(deserializer=_deserializer)
    events.register("after-call.dynamodb", injector.inject_attribute_value_output, unique_id=name)
    return resource


def storable(value: Any) -> Any:
    """`value` as boto3 accepts it: floats become Decimals, tuples lists, what could not be read says so."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Unreadable):
        return str(value)
    if isinstance(value, Mapping):
        return {key: storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value
