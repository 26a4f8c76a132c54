"""How large DynamoDB counts an item to be."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

MAX_ITEM_BYTES = 400 * 1024
"""Largest item that DynamoDB stores, names and values together. Source: DynamoDB service quotas."""


def size_of(value: Any) -> int:
    """Bytes that DynamoDB counts for a value, rounded up where it does not say exactly."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes | bytearray):
        return len(value)
    if isinstance(value, Mapping):
        return 3 + sum(size_of(str(key)) + size_of(inner) + 1 for key, inner in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return 3 + sum(size_of(inner) + 1 for inner in value)
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return min(21, len(str(value)) // 2 + 2)
    return 1
