"""Which of the tickets that wait come back, and in which order.

The severest first, then the one that has waited longest; those in trouble last.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tickets.states import DiagnosisStatus

RANKS = {
    **dict.fromkeys(("critical", "fatal", "emergency", "page", "sev1", "p1"), 0),
    **dict.fromkeys(("high", "error", "major", "sev2", "p2"), 1),
    **dict.fromkeys(("low", "minor", "info", "notice", "sev4", "sev5", "p4", "p5"), 3),
}
USUAL_RANK = 2
"""A warning, and whatever is none of these words."""


def urgency(item: Mapping[str, Any]) -> tuple[bool, int, float]:
    """A key to sort tickets by, as the index by status shows them; the first is the most urgent."""
    since = item.get("waiting_since", item.get("noticed_at", 0))
    return is_in_trouble(item), rank_of(item.get("severity")), float(since)


def rank_of(severity: Any) -> int:
    """How severe it is, 0 the most, whoever wrote whatever there."""
    return RANKS.get(str(severity).strip().casefold(), USUAL_RANK)


def is_in_trouble(item: Mapping[str, Any]) -> bool:
    """Whether an attempt of the ticket's has come to nothing, for a reason that may be its own."""
    return bool(item.get("troubles"))


def is_due(item: Mapping[str, Any], now: float) -> bool:
    """Whether a ticket that was put off may come back: at its time, or earlier if the gate opens."""
    if item.get("diagnosis_status") != DiagnosisStatus.DEFERRED:
        return False
    return item.get("deferred_for") == "gate" or float(item.get("not_before", 0)) <= now


def bring_back(
    due: Iterable[Mapping[str, Any]], budget: int, seconds: float, move: Callable[[Mapping[str, Any]], bool]
) -> int:
    """Moves the most urgent, at most `budget`; how many `move` says that it has moved.

    Of those in trouble one, or as many as took together no longer than so many seconds.
    """
    moved, left = 0, seconds
    for item in sorted(due, key=urgency):
        takes = float(item.get("trouble_seconds", 0)) if is_in_trouble(item) else 0.0
        if moved >= budget or takes > left < seconds:
            break
        if move(item):
            moved, left = moved + 1, left - takes
    return moved
