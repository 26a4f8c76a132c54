"""What other producers tell on the stack's bus, one model for each detail type; docs/schemas has them.

Fields of other names are let pass, so that a producer may send more than is read here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from tickets.moments import moment
from tickets.ticket import RequiredText, Ticket

MOST_BYTES_OF_A_KEY = 1024
"""Of a `violation_key`, in UTF-8."""
NOT_A_PRODUCERS = frozenset({"ticket_id", "status", "violation_key", "unusable", "without_zone"})
PRODUCERS = frozenset({*Ticket.model_fields, "store_id"}) - NOT_A_PRODUCERS
"""The attributes that a producer may send of a ticket: docs/tickets.md, "What a producer writes"."""


def _fits(key: str) -> str:
    if len(key.encode("utf-8", "surrogatepass")) > MOST_BYTES_OF_A_KEY:
        raise ValueError(f"text of at most {MOST_BYTES_OF_A_KEY} bytes")
    return key


def _moment(value: Any) -> Any:
    try:
        found = moment(value)
    except ValueError as error:
        raise ValueError("a time") from error
    if not isinstance(found, datetime):
        raise ValueError("a time")  # noqa: TRY004 - pydantic reports ValueErrors
    return found


At = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "description": "When the monitor saw it, by its own clock: RFC 3339, or epoch time.",
        }
    ),
]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1]
    violation_key: Annotated[RequiredText, AfterValidator(_fits)] = Field(
        max_length=MOST_BYTES_OF_A_KEY,
        description="What tells this violation from all others; the same each time, at most 1,024 bytes.",
    )
    at: At


def _of_a_ticket(schema: dict[str, Any]) -> None:
    """Names what else a ticket may have, in the words of its own model."""
    required = schema["properties"]
    fields = {name: field for name, field in Ticket.model_fields.items() if name in PRODUCERS}
    schema["properties"] = required | {
        name: {"description": field.description} for name, field in fields.items() if name not in required
    }


class ProducersTicket(BaseModel):
    """A ticket's attributes as its producer has them; all but two may be absent."""

    model_config = ConfigDict(frozen=True, extra="allow", json_schema_extra=_of_a_ticket)

    invariant_name: RequiredText
    message: RequiredText


class TicketOpened(_Told):
    """A violation has begun, or is still there."""

    ticket: ProducersTicket

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What the ticket has of a producer's attributes, as it was sent."""
        sent = {**self.ticket.model_dump(), **(self.ticket.model_extra or {})}
        return {name: value for name, value in sent.items() if name in PRODUCERS and value is not None}


class TicketResolved(_Told):
    """A violation is over."""

    reason: str = Field("", description="Why, in a few words.")


INCOMING: Mapping[str, type[TicketOpened] | type[TicketResolved]] = {
    "Ticket Opened": TicketOpened,
    "Ticket Resolved": TicketResolved,
}
"""By detail type."""
