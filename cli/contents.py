"""What a ticket holds besides what every list shows of it."""

from collections.abc import Mapping
from typing import Any

from tickets.attributes import PIPELINE_ATTRIBUTES

SHOWN_ALWAYS = {
    "ticket_id",
    "status",
    "severity",
    "invariant_name",
    "component",
    "store_id",
    "subject",
    "message",
}
"""What the evidence need not repeat."""


def written_besides(item: Mapping[str, Any]) -> dict[str, Any]:
    """What its producer wrote beside its message and what it is about."""
    return {name: value for name, value in item.items() if name not in PIPELINE_ATTRIBUTES | SHOWN_ALWAYS}


def former_diagnoses(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The diagnoses before the one that stands, oldest first."""
    history = item.get("diagnosis_history", ())
    return (
        [each for each in history if isinstance(each, Mapping)] if isinstance(history, list | tuple) else []
    )


def why_it_waits(item: Mapping[str, Any]) -> str:
    """What keeps it from being diagnosed; empty where nothing is said to."""
    return str(item.get("deferred_reason", "") or item.get("set_aside_for", ""))
