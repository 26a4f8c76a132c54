"""The forms in which tickets lie in files: JSON, JSON Lines, YAML, and DynamoDB JSON in any of them.

DynamoDB JSON is what `aws dynamodb get-item`, `scan` and an export to S3 write: every value under its type.
"""

import base64
import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from boto3.dynamodb.types import TypeDeserializer

_GZIP = b"\x1f\x8b"
_SHOWN = 80
"""Characters of a value in a message."""
_TYPES = {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "M", "L"}


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
    if not (isinstance(item, dict) and item and all(map(_is_typed, item.values()))):
        return item
    plain: dict[str, Any] = {}
    faults = []
    for name, value in item.items():
        try:
            plain[name] = _reader.deserialize(value)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            faults.append(f"{name}: not DynamoDB JSON, got {shown(value)}")
    return FormatError("; ".join(faults)) if faults else plain


class _Reader(TypeDeserializer):
    """Reads binaries as files have them, and takes no text for a number."""

    def _deserialize_n(self, value: str) -> Decimal:
        return Decimal(value)

    def _deserialize_b(self, value: str) -> bytes:
        return base64.b64decode(value)


_reader = _Reader()


def _is_typed(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _TYPES


def shown(value: object) -> str:
    """A value as the user wrote it, more or less: as JSON, cut."""
    text = json.dumps(value, ensure_ascii=False, default=_number_or_text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _number_or_text(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
