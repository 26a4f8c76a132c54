"""What is wrong with a value, in the words of whoever wrote it rather than in pydantic's."""

import json
from decimal import Decimal
from typing import Any

PREVIEW_CHARS = 80

_WHOLE_NUMBER, _NUMBER = "must be a whole number", "must be a number"
_WORDS = {
    "missing": "missing",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "json_invalid": "must be JSON ({error})",
    "model_type": "must be a JSON object",
    "value_error": "must be {error}",
}
"""By pydantic's type of error. Source: https://docs.pydantic.dev/latest/errors/validation_errors/."""


def in_words(fault: Any) -> str:
    """One of a ValidationError's errors: what the value must be, and what it is."""
    return wanted(fault) if fault["type"] == "missing" else f"{wanted(fault)}, got {shown(fault['input'])}"


def wanted(fault: Any) -> str:
    """What the value must be, without what it is."""
    context = {name: _whole(value) for name, value in fault.get("ctx", {}).items()}
    template = _WORDS.get(fault["type"])
    return template.format(**context) if template else str(fault["msg"])


def shown(value: Any) -> str:
    """A value as a producer would write it: JSON, cut."""
    text = json.dumps(value, ensure_ascii=False, default=_number_or_text)
    return text if len(text) <= PREVIEW_CHARS else f"{text[:PREVIEW_CHARS]}… ({len(text)} chars)"


def _whole(value: Any) -> Any:
    """A bound of 0.0 is written as 0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number_or_text(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)
