"""JSON from outside: a character that can be neither stored nor shown costs that character, not the text."""

import json
from typing import Any

from runtime.characters import clean


def read_json(text: str) -> Any:
    """What the text says, its strings clean. Raises ValueError when it is not JSON."""
    try:
        return _cleaned(json.loads(clean(text), strict=False))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(inner) for inner in value]
        case dict():
            return {clean(name): _cleaned(inner) for name, inner in value.items()}
    return value
