"""Making room on a ticket near DynamoDB's item limit, so that a diagnosis is never lost to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.item_size import MAX_ITEM_BYTES, size_of
from tickets.attributes import PIPELINE_ATTRIBUTES

CUT_FIRST = ("log_tail", "topology", "subject_context", "metric_snapshot")
CUT_THEN = ("diagnosis_history", "message", "invariant_name")
NEEDED = ("message", "invariant_name")
"""Without these there is no ticket: they are shortened, never removed."""
NEVER_CUT = frozenset({"ticket_id", "status"}) | PIPELINE_ATTRIBUTES
LEAST_BYTES = 4 * 1024
"""Less than this is not worth keeping of a text, unless the text is needed."""
MARGIN_BYTES = 4 * 1024
SMALL_BYTES = 128
"""Attributes up to this size share one note, which would outgrow them otherwise."""
NEAR_CHARS = 1000
PARTIAL_LINE = re.compile(rf"[^\n]{{0,{NEAR_CHARS}}}\n")
PARTIAL_WORD = re.compile(rf"\S{{0,{NEAR_CHARS}}}\s")
ENDING = "to make room"
MAX_REMOVED = 100
"""Attributes that one write removes: an expression may have 4 KB. Source: DynamoDB quotas."""


@dataclass(frozen=True)
class Cuts:
    """What to replace, what to remove, and the notes that say so."""

    replaced: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def cuts_for(item: Mapping[str, Any], added: Mapping[str, Any]) -> Cuts:
    """What has to go from `item` so that `added` fits.

    Text keeps its end (a needed one its start); the rest goes whole. Nothing that is about to be written is
    cut, and of what the pipeline wrote nothing but the history.
    """
    kept = {name: value for name, value in item.items() if name not in added}
    excess = size_of(kept) + size_of(added) + MARGIN_BYTES - MAX_ITEM_BYTES
    replaced: dict[str, str] = {}
    removed: list[str] = []
    notes: list[str] = []
    small = 0
    for name in _order(kept):
        if excess <= 0:
            break
        value, size = kept[name], size_of(kept[name])
        shortened = _shortened(name, value, size - excess)
        if shortened is not None:
            replaced[name] = shortened
            excess -= size - size_of(shortened)
            notes.append(f"{name}: cut from {size} to {size_of(shortened)} bytes {ENDING}")
        elif name not in NEEDED:
            removed.append(name)
            excess -= _weight(name, value)
            small += _is_small(name, value)
            if not _is_small(name, value):
                notes.append(f"{name[:80]}: {size} bytes removed {ENDING}")
    if small:
        notes.append(f"{small} small attributes removed {ENDING}")
    return Cuts(replaced, tuple(removed), tuple(notes))


def says_what_was_cut(note: str) -> bool:
    """Whether a line of `diagnosis_notes` is one of these notes."""
    return note.endswith(ENDING)


def _order(kept: Mapping[str, Any]) -> list[str]:
    """The large attributes first; the many small ones, which cost little and may matter, last."""
    others = kept.keys() - set(CUT_FIRST) - set(CUT_THEN) - NEVER_CUT
    by_weight = sorted(others, key=lambda name: (-_weight(name, kept[name]), name))
    large = [name for name in by_weight if _weight(name, kept[name]) > LEAST_BYTES]
    small = by_weight[len(large) :]
    return [name for name in (*CUT_FIRST, *large, *CUT_THEN, *small) if name in kept]


def _weight(name: str, value: Any) -> int:
    return size_of(name) + size_of(value)


def _is_small(name: str, value: Any) -> bool:
    return _weight(name, value) <= SMALL_BYTES


def _shortened(name: str, value: Any, size: int) -> str | None:
    """At most `size` bytes of a text; None where that is too little to keep, or the value is no text."""
    if not isinstance(value, str):
        return None
    if name in NEEDED:
        size = max(size, LEAST_BYTES)
        return _head(value, size) if size < size_of(value) else None
    return _tail(value, size) if size >= LEAST_BYTES else None


def _tail(text: str, size: int) -> str:
    """The end of a text, from the beginning of a line or else of a word: half a secret looks like none."""
    kept = text.encode("utf-8", "replace")[-size:].decode("utf-8", "ignore")
    first = PARTIAL_LINE.match(kept) or PARTIAL_WORD.match(kept)
    return kept[first.end() :] if first else kept


def _head(text: str, size: int) -> str:
    """The beginning of a text, to the end of a word."""
    kept = text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
    near = max(0, len(kept) - NEAR_CHARS)
    end = max(kept.rfind(" ", near), kept.rfind("\n", near))
    return kept[:end] if end > 0 else kept
