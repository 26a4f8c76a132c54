"""Which of the tickets that wait comes first: the severest, then the one that has waited longest."""

from collections.abc import Mapping
from typing import Any

from tickets.states import DiagnosisStatus

RANKS = {
    **dict.fromkeys(("critical", "fatal", "emergency", "page", "sev1", "p1"), 0),
    **dict.fromkeys(("high", "error", "major", "sev2", "p2"), 1),
    **dict.fromkeys(("low", "minor", "info", "notice", "sev4", "sev5", "p4", "p5"), 3),
}
USUAL_RANK = 2
"""A warning, and whatever is none of these words."""


def urgency(item: Mapping[str, Any]) -> tuple[int, float]:
    """A key to sort tickets by, as the index by status shows them; the first is the most urgent."""
    severity = str(item.get("severity", "")).strip().casefold()
    since = item.get("waiting_since", item.get("noticed_at", 0))
    return RANKS.get(severity, USUAL_RANK), float(since)


def waits_for_gate(item: Mapping[str, Any]) -> bool:
    """Whether the ticket was put off because Claude may not be called, and for nothing of its own."""
    return item.get("diagnosis_status") == DiagnosisStatus.DEFERRED and item.get("deferred_for") == "gate"
