"""The forms in which tickets lie in files: JSON, JSON Lines, YAML, and DynamoDB JSON in any of them.

DynamoDB JSON is what `aws dynamodb get-item`, `scan` and an export to S3 write: every value under its type.
"""

import base64
import codecs
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

_GZIP = b"\x1f\x8b"


class FormatError(Exception):
    """The text is not in the form that it seems to have."""


@dataclass(frozen=True)
class Entry:
    """One ticket of a file, or what is there in a ticket's stead."""

    place: str
    """Where in the file; empty when the file is one ticket."""
    value: Any


def entries(path: Path) -> Iterator[Entry]:
    """What is in the file, numbers as Decimal or int. An entry that cannot be read is a FormatError.

    Raises FormatError, OSError or UnicodeDecodeError when nothing can be.
    """
    text = _text(path.read_bytes())
    for place, value in (_yaml if path.suffix.lower() in {".yaml", ".yml"} else _json)(text):
        yield from _unwrapped(place, value)


def _text(data: bytes) -> str:
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise FormatError(f"not gzip, although it begins as gzip does: {error}") from error
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf_16 else "utf-8-sig")


def _json(text: str) -> Iterator[tuple[str, Any]]:
    whole = _loads(text)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if isinstance(whole, FormatError) and len(lines) > 1 and not isinstance(_loads(lines[0][1]), FormatError):
        for number, line in lines:
            yield f"line {number}", _loads(line, number)
    else:
        yield "", whole


def _loads(text: str, line: int | None = None) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=float)
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if line else f"line {error.lineno}, column {error.colno}"
        hint = (
            "" if text.lstrip().startswith(("{", "[")) else " (a file of YAML must be called .yaml or .yml)"
        )
        return FormatError(f"not JSON: {error.msg} at {where}{hint}")
    except RecursionError:
        return FormatError("nested too deeply")


def _yaml(text: str) -> Iterator[tuple[str, Any]]:
    documents: list[Any] = []
    try:
        documents += yaml.load_all(text, _Loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        documents.append(FormatError(f"not YAML: {getattr(error, 'problem', None) or error}{where}"))
    except RecursionError:
        documents.append(FormatError("nested too deeply"))
    for number, document in enumerate(documents, 1):
        yield f"document {number}" if len(documents) > 1 else "", document


class _Loader(yaml.SafeLoader):
    """Fractions as they are written, not as the nearest float; times stay text, as tickets have them."""


def _fraction(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    try:
        number = Decimal(node.value.replace("_", ""))
    except ArithmeticError:
        return loader.construct_yaml_float(node)
    return number if number.is_finite() else float(number)


_Loader.add_constructor("tag:yaml.org,2002:float", _fraction)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def _unwrapped(place: str, value: Any) -> Iterator[Entry]:
    """The tickets in a list, or in an answer or export of DynamoDB's."""
    if isinstance(value, dict) and "ticket_id" not in value and ("Item" in value or "Items" in value):
        value = value["Item"] if "Item" in value else value["Items"]
    if isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield Entry(", ".join(filter(None, (place, f"ticket {number}"))), _plain_item(one))
    else:
        yield Entry(place, _plain_item(value))


def _plain_item(item: Any) -> Any:
    """A ticket without DynamoDB's types, if it has them."""
    if isinstance(item, dict) and item and all(map(_is_typed, item.values())):
        try:
            return {name: _plain(value) for name, value in item.items()}
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            return FormatError(f"not DynamoDB JSON: {error}")
    return item


def _is_typed(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _READ


def _plain(value: Any) -> Any:
    if not _is_typed(value):
        raise ValueError(f"{json.dumps(value, default=str)} has no type")
    [(type_, inner)] = value.items()
    try:
        return _READ[type_](inner)
    except (ArithmeticError, AttributeError, TypeError) as error:
        raise ValueError(f"{json.dumps(inner, default=str)} is no value of type {type_}") from error


_READ: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "N": Decimal,
    "B": base64.b64decode,
    "BOOL": bool,
    "NULL": lambda _: None,
    "SS": set,
    "NS": lambda members: set(map(Decimal, members)),
    "BS": lambda members: set(map(base64.b64decode, members)),
    "M": lambda fields: {name: _plain(value) for name, value in fields.items()},
    "L": lambda members: [_plain(value) for value in members],
}
