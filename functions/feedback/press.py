"""A press of a button: which ticket is meant, in which generation, and what is to be written on it."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from runtime.echo import echoed
from runtime.faults import wanted
from tickets.states import MAX_GENERATION
from tickets.wake_up import TicketId


class Action(StrEnum):
    """What the buttons say."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    REDIAGNOSE = "rediagnose"
    ACKNOWLEDGE = "acknowledge"


class BadPressError(Exception):
    """Raised when a payload is none of a button's; the text names field and value, and nothing in it acts."""


def _absent_if_empty(value: Any) -> Any:
    """A variable that a message does not have comes as an empty text."""
    return None if value == "" else value


class Press(BaseModel):
    """The payload of a button. All of it may be text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ticket_id: TicketId
    generation: Annotated[
        Annotated[int, Field(ge=0, le=MAX_GENERATION)] | None, BeforeValidator(_absent_if_empty)
    ] = None
    action: Action
    words: str = ""


def read_press(payload: Any) -> Press:
    """Raises BadPressError."""
    try:
        return Press.model_validate(payload)
    except ValidationError as error:
        fault = error.errors()[0]
        field = str(fault["loc"][0]) if fault["loc"] else "payload"
        given = "" if fault["type"] == "missing" else f", got {echoed(fault['input'])}"
        raise BadPressError(f"{field}: {wanted(fault)}{given}") from error
