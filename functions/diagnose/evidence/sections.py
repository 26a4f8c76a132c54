"""Evidence: what is known of an incident, in sections of single items that can be cited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from diagnose.evidence.facts import Fact
from diagnose.evidence.lines import MAX_LINE_CHARS, one_item, shown, text_lines
from timeseries.analysis import Analysis

LONGEST_TABLE_IN_A_LINE = 120


@dataclass(frozen=True)
class Section:
    """Items of one kind. `prefix` begins their ids.

    When room is short a log keeps what tells the most (log_reduction.py), others what tells of trouble and
    their beginning (abridging.py). What is `standing` says the same of the system at every incident.
    `exact` has the exact values of rounded figures, line by line, and `facts` what code found there; those of
    a log are found in the lines that are kept of it (log_facts.py). `drawn` are its metrics over time, for a
    chart. `link` leads to it in the console (links.py).
    """

    name: str
    title: str
    prefix: str
    lines: tuple[str, ...]
    is_log: bool = False
    standing: bool = False
    exact: tuple[tuple[Decimal, ...], ...] = field(default=(), repr=False)
    facts: tuple[Fact | None, ...] = field(default=(), repr=False)
    drawn: tuple[Analysis, ...] = field(default=(), repr=False)
    link: str = ""


@dataclass(frozen=True)
class SourceRead:
    """How long a source took, and whether there was a place that it could not look at."""

    name: str
    seconds: float
    unread: bool


@dataclass(frozen=True)
class Context:
    """The sections found, and lines for the places without anything, unseen, or not asked (looked.py).

    The lines of logs have no offsets yet from the `onset`: what is put into each hides which are alike.
    `earlier` are the tickets alike, as their index has them, newest first.
    """

    sections: tuple[Section, ...]
    gaps: tuple[str, ...]
    sources: tuple[SourceRead, ...] = field(default=())
    onset: datetime | None = None
    earlier: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)


ORDER = "EMAHLNTCSG"
"""Sections by their prefixes: what was observed, what is known at any time, and hints at last."""


def in_order(sections: Iterable[Section]) -> list[Section]:
    """Sections as they stand in the prompt; those of one prefix stay as they came."""
    return sorted(sections, key=lambda section: (ORDER + section.prefix).index(section.prefix))


def lines_of(value: Any) -> tuple[str, ...]:
    """A text's lines, a list's items, or a map's `name = value` pairs; a long item is its lines."""
    if isinstance(value, Mapping):
        items: Iterable[str] = (f"{name} = {shown(inner)}" for name, inner in _rows(value))
    elif isinstance(value, str):
        return tuple(text_lines(value))
    else:
        items = map(shown, value)
    return tuple(line for item in items for line in _item_lines(item) if line)


def _item_lines(item: str) -> list[str]:
    return text_lines(item) if len(item) > MAX_LINE_CHARS and "\n" in item else [one_item(item)]


def _rows(value: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Dotted names and values; a table, which is a list of maps, is a row each: `top_sql[1]`."""
    for name, inner in flatten(value):
        if isinstance(inner, list) and is_table(inner):
            yield from ((f"{name}[{number}]", row) for number, row in enumerate(inner, 1))
        else:
            yield name, inner


def is_table(value: list[Any]) -> bool:
    """Whether it is a list of maps, too long for one line."""
    return (
        len(value) > 1
        and all(isinstance(row, Mapping) for row in value)
        and len(shown(value)) > LONGEST_TABLE_IN_A_LINE
    )


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
