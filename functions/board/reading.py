"""Values of a ticket or its record as what they should be; nothing where they are something else.

Records of older versions lack parts, and whoever may write a ticket may write anything into it.
"""

from collections.abc import Mapping
from typing import Any


def text_of(value: Any) -> str:
    """A text, or a number as one."""
    return "" if value is None or isinstance(value, Mapping | list | tuple | set) else str(value)


def texts_of(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def map_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def maps_of(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def answer_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer in a record; the first version had nothing beside it."""
    return map_of(record.get("answer")) or record
