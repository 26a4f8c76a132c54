"""Datadog: one monitor's notification, in the payload that docs/webhook.md has one set.

Source: Datadog, "Webhooks", the variables of a payload.
"""

import re
from typing import Any

from runtime.clock import iso
from webhook.fields import Fields
from webhook.senders.read import MOST_BYTES_OF_A_MESSAGE, MOST_BYTES_OF_AN_ID, Read, ticket, violation_key
from webhook.senders.told import TicketOpened, TicketResolved

OPENS = ("triggered", "re-triggered", "no data", "re-no data", "warn", "re-warn", "renotify")
RESOLVES = "recovered"
OF_NO_CHANGE = "null"
SEVERITIES = {"warn": "warning", "re-warn": "warning"}
PREFIX = re.compile(r"\[[^\]]{0,500}\]\s*")
"""Of a title: the transition and the scope, which change from one notification to the next."""
UNSET = re.compile(r"\$[A-Z_]+|null|none|n/a", re.IGNORECASE)
"""What stands where a variable has no value."""


def read_datadog(body: Any, arrived: float) -> Read:
    """A monitor, and of one that watches many things the one that it told of."""
    told = Fields(_without_unset(body))
    transition = told.text("alert_transition").lower() or OF_NO_CHANGE
    if transition == OF_NO_CHANGE:
        return Read(ignored=1)
    told.chosen("alert_transition", *OPENS, RESOLVES)
    at = told.time("date", arrived)
    scope = ",".join(sorted(_tags(told.text("alert_scope", most=MOST_BYTES_OF_AN_ID))))
    monitor = told.required("alert_id", most=MOST_BYTES_OF_AN_ID)
    key = violation_key("datadog", told.text("org_id", most=MOST_BYTES_OF_AN_ID), monitor, scope)
    if transition == RESOLVES:
        return Read([TicketResolved(violation_key=key, at=at, reason="recovered")])
    title = told.required("alert_title")
    tags = _tags(f"{told.text('alert_scope')},{told.text('tags', most=MOST_BYTES_OF_A_MESSAGE)}")
    labels = dict(tag.split(":", 1) for tag in reversed(tags) if ":" in tag)
    severity = SEVERITIES.get(transition) or told.text("alert_priority", "alert_type")
    kept = ("alert_metric", "alert_query", "alert_status", "link", "tags")
    opened = TicketOpened(
        violation_key=key,
        at=at,
        ticket=ticket(
            PREFIX.sub("", title, count=1) or title,
            told.text("text", "alert_status", "alert_title", most=MOST_BYTES_OF_A_MESSAGE),
            Fields({"hostname": told.text("hostname"), **labels, "severity": severity}),
            first_seen_at=iso(at),
            subject_context={name: value for name in kept if (value := told.text(name))},
        ),
    )
    return Read([opened])


def _without_unset(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {
        name: value
        for name, value in body.items()
        if not (isinstance(value, str) and UNSET.fullmatch(value.strip()))
    }


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in text.split(",") if tag.strip()]
