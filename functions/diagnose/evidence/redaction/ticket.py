"""A ticket as it may leave the account."""

from collections.abc import Mapping
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from tickets.ticket import Ticket

SHOWN = ({*Ticket.model_fields, "store_id"}) - {"ticket_id", "status", "unusable"}


def redacted_ticket(item: Mapping[str, Any], redact: Redact) -> Ticket:
    """The ticket in `item` without its secrets, which are taken out of the whole texts, before any is cut.

    Raises BadTicketError as Ticket does.
    """
    shown = {name: value for name, value in item.items() if name in SHOWN}
    return Ticket.from_item({**item, **redact(shown)})
