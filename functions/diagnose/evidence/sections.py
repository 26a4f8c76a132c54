"""Evidence: what is known of an incident, in sections of single items that can be cited."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from tickets.plain import as_json

MAX_LINE_CHARS = 2000
LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Whatever a reader may take for the end of a line, beside the newline itself."""
UNSEEN = ("Cc", "Cf", "Cs")
NONCHARACTERS = "\ufffe\uffff"


@dataclass(frozen=True)
class Section:
    """Items of one kind.

    `prefix` begins their ids; `cut_from` says which end goes first when room is short.
    """

    name: str
    title: str
    prefix: str
    lines: tuple[str, ...]
    cut_from: Literal["start", "end"] = "end"


@dataclass(frozen=True)
class Context:
    """The sections found, and a line for each source that did not answer."""

    sections: tuple[Section, ...]
    unavailable: tuple[str, ...]


def clean(text: str) -> str:
    """Text without control and formatting characters, which hide or reorder what a person sees.

    Half a pair and U+FFFF are none at all: queues and attributes refuse a text that holds them.
    """
    text = LINE_ENDS.sub("\n", text.replace("\t", "    "))
    return "".join(
        char
        for char in text
        if char == "\n" or (unicodedata.category(char) not in UNSEEN and char not in NONCHARACTERS)
    )


def lines_of(value: Any) -> tuple[str, ...]:
    """A text's lines, a list's items, or a map's `name = value` pairs, each a line."""
    if isinstance(value, Mapping):
        return tuple(_one_line(f"{name} = {shown(inner)}") for name, inner in flatten(value))
    items: Iterable[Any] = value.splitlines() if isinstance(value, str) else value
    return tuple(line for item in items if (line := _one_line(shown(item))))


def flatten(metrics: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Nested maps as dotted names: {"disk": {"await_ms": 41}} is ("disk.await_ms", 41)."""
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def shown(value: Any) -> str:
    """A value as it stands in a line: text and numbers as they are, the rest as JSON."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return value
    return as_json(value)


def _one_line(text: str) -> str:
    text = clean(text).strip("\n").replace("\n", "\n  ")
    over = len(text) - MAX_LINE_CHARS
    return text if over <= 0 else f"{text[:MAX_LINE_CHARS]}… ({over} more characters)"


def labelled(label: str, text: str) -> tuple[str, ...]:
    """One labelled item, or none when the text is empty; its further lines are indented."""
    return (_one_line(f"{label}: {text}"),) if clean(text).strip() else ()
