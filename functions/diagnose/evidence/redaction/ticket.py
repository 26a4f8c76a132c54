"""A ticket as it may leave the account."""

from collections.abc import Mapping
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from tickets.ticket import NO_PRODUCERS, Ticket

FIRST = ("subject_context",)
"""Redacted first, so that its placeholders have the same numbers at each incident: the API caches it."""
SHOWN = {*Ticket.model_fields, "store_id"} - {"ticket_id", "status"} - NO_PRODUCERS


def redacted_ticket(item: Mapping[str, Any], redact: Redact) -> Ticket:
    """The ticket in `item` without its secrets, which are taken out of the whole texts, before any is cut.

    Raises BadTicketError as Ticket does.
    """
    names = sorted(item.keys() & SHOWN, key=lambda name: (name not in FIRST, name))
    shown = {name: item[name] for name in names}
    return Ticket.from_item({**item, **redact(shown)})
