"""DynamoDB's values as JSON-like data, for the model and for the prompt."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from runtime.unreadable import Unreadable

MAX_EXPONENT = 125
"""Of the largest number that DynamoDB holds."""


class Placeholder(str):
    """Stands for a value that is no text, a binary for one: says what it was."""

    __slots__ = ()


def plain(value: Any) -> Any:
    """Any DynamoDB value as JSON-like data.

    Sets become sorted lists, whole numbers integers, and binaries a description of their size.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    if isinstance(value, Decimal):
        whole = value.is_finite() and value.adjusted() <= MAX_EXPONENT and value == value.to_integral_value()
        return int(value) if whole else value
    if isinstance(value, bytes | bytearray):
        return Placeholder(f"<binary, {len(value)} bytes>")
    if isinstance(value, Unreadable):
        return Placeholder(value)
    return value


def as_json(value: Any) -> str:
    """Plain data as JSON, every number exactly: one that a float would change is text, digit by digit."""
    return json.dumps(value, ensure_ascii=False, default=_number_or_text)


def _number_or_text(value: Any) -> float | str:
    if not isinstance(value, Decimal):
        return str(value)
    return float(value) if Decimal(str(float(value))) == value else f"{value:f}"
