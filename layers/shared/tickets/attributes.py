"""The attributes that are the pipeline's own; every other one on a ticket belongs to its producers."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tickets.states import MAX_GENERATION

PIPELINE_ATTRIBUTES = frozenset(
    {
        "diagnosis_status",
        "generation",
        "attempts",
        "restarts",
        "attempt_seconds",
        "troubles",
        "trouble_seconds",
        "trouble_wait",
        "answers_unused",
        "waiting_since",
        "claim_token",
        "claim_event",
        "lease_until",
        "not_before",
        "deferred_for",
        "deferred_reason",
        "noticed_at",
        "diagnosis",
        "diagnosis_record",
        "diagnosis_summary",
        "diagnosis_charts",
        "diagnosis_feedback",
        "diagnosed_at",
        "diagnosis_model",
        "diagnosis_usage",
        "prompt_version",
        "claude_request_id",
        "similar_key",
        "diagnosis_error",
        "diagnosis_history",
        "diagnosis_notes",
        "rediagnose",
        "notified",
        "acknowledged_at",
        "acknowledged_by",
        "detach",
        "set_aside_for",
        "incident_id",
        "member_since",
        "members",
        "open_members",
        "joined_at",
        "joined_since",
        "monitor_state",
        "monitor_at",
    }
)
"""What the pipeline writes on a ticket, and what people say of it.

It is what a producer's overwrite erases.
"""

DEFERRAL = ("not_before", "deferred_for", "deferred_reason")
"""Until when a ticket waits, and why."""
SERIES = (
    "attempts",
    "restarts",
    "attempt_seconds",
    "troubles",
    "trouble_seconds",
    "trouble_wait",
    "answers_unused",
    "waiting_since",
)
"""What is kept from a ticket's first claim to its outcome."""

COUNTS = (
    "generation",
    "attempts",
    "restarts",
    "troubles",
    "answers_unused",
    "members",
    "open_members",
    "joined_since",
)
TIMES = (
    "attempt_seconds",
    "trouble_seconds",
    "trouble_wait",
    "waiting_since",
    "lease_until",
    "not_before",
    "noticed_at",
    "joined_at",
    "monitor_at",
)
LISTS = ("diagnosis_history", "diagnosis_notes")


def invalid_values(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that bear a name of the pipeline's and a value that it cannot have written.

    A producer wrote them unknowingly; the pipeline could not count on from "3 of 5".
    """
    fits: dict[str, Callable[[Any], bool]] = {
        "diagnosis_status": lambda value: isinstance(value, str),
        **dict.fromkeys(COUNTS, _is_count),
        **dict.fromkeys(TIMES, _is_number),
        **dict.fromkeys(LISTS, lambda value: isinstance(value, list)),
    }
    return {name: item[name] for name, fit in fits.items() if name in item and not fit(item[name])}


def _is_count(value: Any) -> bool:
    return _is_number(value) and value == int(value) and 0 <= value <= MAX_GENERATION


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)
