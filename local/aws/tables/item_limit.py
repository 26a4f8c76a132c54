"""DynamoDB's limit of an item, and what counts towards it."""

from collections.abc import Mapping

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType

LIMIT_BYTES = 400 * 1024


def check_size(attributes: Mapping[str, DynamoType]) -> None:
    """Raises ItemSizeTooLarge."""
    if sum(len(name.encode()) + bytes_of(value) for name, value in attributes.items()) > LIMIT_BYTES:
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
