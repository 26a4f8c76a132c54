"""Which incident a ticket tells of: an id may be used again, and an overwrite may bring another one."""

import re
from collections.abc import Mapping
from typing import Any

FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
IDENTITY = ("message", "invariant_name", "component", "store_id")
PROMPTED = (
    *IDENTITY,
    "subject",
    "severity",
    "violation_key",
    "batch_key",
    "first_seen_at",
    "metric_snapshot",
    "topology",
    "log_tail",
    "subject_context",
    "alarm",
    "namespace",
    "metric_name",
    "dimensions",
    "statistic",
    "period",
    "resource",
    "log_group",
    "account",
    "region",
)
"""What goes into the prompt, but for what a monitor counts up: `occurrence_count` and `last_seen_at`."""


def is_same_incident(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether message, invariant and component say the same, as far as both have them.

    Figures in the message may have moved on: a monitor that overwrites with each reading has one incident.
    """
    pairs = zip(_identity(one), _identity(other), strict=True)
    return all(before == after for before, after in pairs if None not in (before, after))


def has_same_evidence(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a prompt made from the one would say the same as one made from the other."""
    return all(one.get(name) == other.get(name) for name in PROMPTED)


def _identity(item: Mapping[str, Any]) -> list[str | None]:
    component = item.get("component", item.get("store_id"))
    parts = (item.get("message"), item.get("invariant_name"), component)
    message, *others = (None if part is None else str(part).strip() for part in parts)
    return [message and FIGURES.sub("0", message), *others]
