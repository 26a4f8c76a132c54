"""A sender of one's own: the details of `Ticket Opened` and `Ticket Resolved`, one or a list of them."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from events.incoming import TicketOpened, TicketResolved
from runtime.echo import echoed
from runtime.faults import wanted
from webhook.fields import BadFieldError, Fields
from webhook.senders.read import Read, as_event

MOST_BYTES = 240 * 1024
"""Of one event, so that the bus takes it."""


def read_plain(body: Any, arrived: float) -> Read:
    """Those with a `ticket` open one, the others resolve. One that cannot be read costs itself alone."""
    if body == []:
        raise BadFieldError("body: must hold an event, got an empty list")
    read = Read()
    for where, value in enumerate(body) if isinstance(body, list) else [("", body)]:
        try:
            read.told.append(_told(value, f"[{where}]" if isinstance(body, list) else "", arrived))
        except BadFieldError as error:
            read.faults.append(str(error))
    return read


def _told(value: Any, where: str, arrived: float) -> TicketOpened | TicketResolved:
    fields = Fields(value, where).values
    try:
        told = (TicketOpened if fields.get("ticket") is not None else TicketResolved).model_validate(fields)
    except ValidationError as error:
        fault = error.errors()[0]
        named = ".".join(part for part in (where, *map(str, fault["loc"])) if part)
        given = "" if fault["type"] == "missing" else f", got {echoed(fault['input'])}"
        raise BadFieldError(f"{named}: {wanted(fault)}{given}") from error
    if (size := len(as_event(told)[1].encode())) > MOST_BYTES:
        raise BadFieldError(
            f"{where or 'body'}: must have at most {MOST_BYTES} bytes as an event, got {size}"
        )
    return told.model_copy(update={"at": min(told.at, datetime.fromtimestamp(arrived, UTC))})
