"""A sender of one's own: the details of `Ticket Opened` and `Ticket Resolved`, one or a list of them."""

from typing import Any

from runtime.echo import echoed
from webhook.fields import BadFieldError, Fields
from webhook.senders.read import MOST_BYTES_OF_A_KEY, MOST_BYTES_OF_A_MESSAGE, MOST_BYTES_OF_AN_ID, Read
from webhook.senders.told import TicketOpened, TicketResolved, as_event

MOST_BYTES = 240 * 1024
"""Of one event, so that the bus takes it."""


def read_plain(body: Any, arrived: float) -> Read:
    """Those with a `ticket` open one, the others resolve. One that cannot be read costs itself alone."""
    read = Read()
    if body == []:
        raise BadFieldError("body: must hold an event, got an empty list")
    several = body if isinstance(body, list) else [body]
    for number, value in enumerate(several):
        try:
            read.told.append(_told(Fields(value, f"[{number}]" if isinstance(body, list) else ""), arrived))
        except BadFieldError as error:
            read.faults.append(str(error))
    return read


def _told(event: Fields, arrived: float) -> TicketOpened | TicketResolved:
    if (version := event.text("version") or "1") != "1":
        raise BadFieldError(f"version: must be 1, got {echoed(version)}")
    key = event.required("violation_key", most=MOST_BYTES_OF_AN_ID)
    if len(key.encode()) > MOST_BYTES_OF_A_KEY:
        raise BadFieldError(
            f"violation_key: must have at most {MOST_BYTES_OF_A_KEY} bytes, got {echoed(key)}"
        )
    at = event.time("at", arrived)
    ticket = event.map("ticket")
    if not ticket.values:
        return TicketResolved(key, at, event.text("reason"))
    ticket.required("invariant_name")
    ticket.required("message", most=MOST_BYTES_OF_A_MESSAGE)
    opened = TicketOpened(key, at, ticket.values)
    if (size := len(as_event(opened)[1].encode())) > MOST_BYTES:
        raise BadFieldError(f"ticket: must have at most {MOST_BYTES} bytes as JSON, got {size}")
    return opened
