"""Making room on a ticket near DynamoDB's item limit, so that a diagnosis is never lost to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tickets.items import MAX_ITEM_BYTES, size_of

CUT_FIRST = ("log_tail", "topology", "subject_context", "metric_snapshot", "diagnosis_history")
CUT_LAST = ("message",)
NEVER_CUT = frozenset({"ticket_id", "status", "invariant_name"})
MARGIN_BYTES = 4 * 1024


@dataclass(frozen=True)
class Cuts:
    """What to replace, what to remove, and a line for each that says so."""

    replaced: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def cuts_for(item: Mapping[str, Any], added: Mapping[str, Any]) -> Cuts:
    """What has to go from `item` so that `added` fits.

    Text keeps its end (a message its start); the rest goes whole.
    Nothing that is about to be written is cut, and neither are the few attributes that make it a ticket.
    """
    kept = {name: value for name, value in item.items() if name not in added}
    excess = size_of(kept) + size_of(added) + MARGIN_BYTES - MAX_ITEM_BYTES
    replaced: dict[str, str] = {}
    removed: list[str] = []
    notes: list[str] = []
    for name in _order(kept):
        if excess <= 0:
            break
        value = kept[name]
        size = size_of(value)
        keep = size - excess
        if isinstance(value, str) and keep > MARGIN_BYTES:
            replaced[name] = _head(value, keep) if name in CUT_LAST else _tail(value, keep)
            notes.append(f"{name}: cut from {size} to {size_of(replaced[name])} bytes to make room")
            excess -= size - size_of(replaced[name])
        else:
            removed.append(name)
            notes.append(f"{name}: {size} bytes removed to make room")
            excess -= size
    return Cuts(replaced, tuple(removed), tuple(notes))


def _order(kept: Mapping[str, Any]) -> list[str]:
    others = kept.keys() - set(CUT_FIRST) - set(CUT_LAST) - NEVER_CUT
    by_size = sorted(
        (name for name in others if size_of(kept[name]) > MARGIN_BYTES), key=lambda n: -size_of(kept[n])
    )
    return [name for name in (*CUT_FIRST, *by_size, *CUT_LAST) if name in kept]


def _tail(text: str, size: int) -> str:
    return text.encode("utf-8", "replace")[-size:].decode("utf-8", "ignore")


def _head(text: str, size: int) -> str:
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
