"""Somebody's JSON as a table can hold it, and its parts as what they should be or nothing."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from runtime.characters import bounded, clean

DEEPEST = 20
"""A value that is nested deeper becomes text; an attribute may be nested 32 deep. Source: DynamoDB quotas."""
MOST_DIGITS = 38
SMALLEST, LARGEST = 1e-129, 1e125
"""What DynamoDB holds of a number, and so a little less. Source: DynamoDB, data types."""
MOST_BYTES_OF_A_NAME = 512


def storable_json(value: Any, depth: int = 0) -> Any:
    """The value with clean texts; a number that no table holds, and what is nested too deep, become text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _number(value)
    if depth >= DEEPEST:
        return clean(json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        return {
            bounded(str(name), MOST_BYTES_OF_A_NAME) or "?": storable_json(inner, depth + 1)
            for name, inner in value.items()
        }
    return [storable_json(inner, depth + 1) for inner in value]


def _number(value: float) -> Any:
    if isinstance(value, int):
        return value if len(str(abs(value))) <= MOST_DIGITS else str(value)
    if value == 0:
        return 0
    return Decimal(str(value)) if math.isfinite(value) and SMALLEST < abs(value) < LARGEST else str(value)


def text(value: Any, most: int) -> str:
    """A text or a number as text of at most so many bytes; of anything else nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return bounded(str(value), most)


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def number(value: Any) -> Decimal | int | None:
    return value if isinstance(value, Decimal | int) and not isinstance(value, bool) else None
