"""Evidence: what is known of an incident, in sections of single items that can be cited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from diagnose.evidence.lines import MAX_LINE_CHARS, one_item, shown, text_lines


@dataclass(frozen=True)
class Section:
    """Items of one kind. `prefix` begins their ids.

    When room is short a log keeps what tells the most (log_reduction.py); others lose their last lines.
    `exact` has the exact values of rounded figures, line by line from the first.
    """

    name: str
    title: str
    prefix: str
    lines: tuple[str, ...]
    is_log: bool = False
    exact: tuple[tuple[Decimal, ...], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class SourceRead:
    """How long a source took, and whether there was a place that it could not look at."""

    name: str
    seconds: float
    unread: bool


@dataclass(frozen=True)
class Context:
    """The sections found, and lines for the places without anything, unseen, or not asked (looked.py)."""

    sections: tuple[Section, ...]
    gaps: tuple[str, ...]
    sources: tuple[SourceRead, ...] = field(default=())


ORDER = "EMAHLNTCSG"
"""Sections by their prefixes: what was observed, what is known at any time, and hints at last."""


def in_order(sections: Iterable[Section]) -> list[Section]:
    """Sections as they stand in the prompt; those of one prefix stay as they came."""
    return sorted(sections, key=lambda section: (ORDER + section.prefix).index(section.prefix))


def lines_of(value: Any) -> tuple[str, ...]:
    """A text's lines, a list's items, or a map's `name = value` pairs; a long item is its lines."""
    if isinstance(value, Mapping):
        items: Iterable[str] = (f"{name} = {shown(inner)}" for name, inner in flatten(value))
    elif isinstance(value, str):
        return tuple(text_lines(value))
    else:
        items = map(shown, value)
    return tuple(line for item in items for line in _item_lines(item) if line)


def _item_lines(item: str) -> list[str]:
    return text_lines(item) if len(item) > MAX_LINE_CHARS and "\n" in item else [one_item(item)]


def flatten(metrics: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Nested maps as dotted names: {"disk": {"await_ms": 41}} is ("disk.await_ms", 41)."""
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def labelled(label: str, text: str) -> tuple[str, ...]:
    """One labelled item, or none when the text is empty; its further lines are indented."""
    return (one_item(f"{label}: {text}"),) if one_item(text).strip() else ()
