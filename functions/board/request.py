"""What the dashboard asks for: a page, in which theme and width, or a button's press with what was typed.

CloudWatch puts the widget's parameters, or those of the button that was pressed, beside `widgetContext`, and
what stands in the page's fields into `widgetContext.forms.all`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from board.reading import map_of, text_of
from runtime.echo import echoed
from runtime.faults import wanted
from tickets.states import MAX_GENERATION
from tickets.wake_up import TicketId
from views.listing import STATES

NARROW = 600
"""Pixels, below which columns are left out."""
LONGEST_TIME = 100
FIELDS = ("state", "severity", "words")
"""What may be typed or chosen on a page; a button's own value goes before it."""


class View(StrEnum):
    """The pages."""

    LIST = "list"
    TICKET = "ticket"
    REPORT = "report"


class Action(StrEnum):
    """What the buttons write."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    REDIAGNOSE = "rediagnose"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    HOLD = "hold"
    UNHOLD = "unhold"
    DETACH = "detach"


class BadRequestError(Exception):
    """Raised when an event asks for no page; the text names field and value, and nothing in it acts."""


class Request(BaseModel):
    """One call of the widget. `after` is the place of the last row of the page before.

    `generation` and `diagnosed_at` are those of the ticket and of the diagnosis that the page showed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    view: View = View.LIST
    ticket_id: TicketId | None = None
    action: Action | None = None
    generation: Annotated[int, Field(ge=0, le=MAX_GENERATION)] | None = None
    diagnosed_at: Annotated[str, Field(max_length=LONGEST_TIME)] | None = None
    state: Annotated[str, BeforeValidator(text_of)] = ""
    severity: Annotated[str, BeforeValidator(text_of)] = ""
    words: Annotated[str, BeforeValidator(text_of)] = ""
    after: tuple[str, str] | None = None
    is_dark: bool = False
    is_narrow: bool = False

    @field_validator("state")
    @classmethod
    def _is_known(cls, state: str) -> str:
        if state and state not in STATES:
            raise ValueError(f"one of {', '.join(STATES)}")
        return state


def is_asked_for_help(event: Any) -> bool:
    """CloudWatch asks what the widget is before it is put on a dashboard."""
    return map_of(event).get("describe") is True


def read_request(event: Any) -> Request:
    """Raises BadRequestError."""
    call = map_of(event)
    context = map_of(call.get("widgetContext"))
    typed = map_of(map_of(context.get("forms")).get("all"))
    width = context.get("width")
    frame = {
        "is_dark": context.get("theme") == "dark",
        "is_narrow": isinstance(width, int | float) and width < NARROW,
    }
    fields = {name: typed[name] for name in FIELDS if name in typed}
    try:
        found = Request.model_validate({**fields, **call, **frame})
    except ValidationError as error:
        fault = error.errors()[0]
        raise BadRequestError(f"{fault['loc'][0]}: {wanted(fault)}, got {echoed(fault['input'])}") from error
    if found.ticket_id is None and (found.action or found.view is not View.LIST):
        raise BadRequestError("ticket_id: missing")
    if found.action:
        _has_to_be_a_press(found, map_of(context.get("params")))
    return found


def _has_to_be_a_press(found: Request, parameters: Mapping[str, Any]) -> None:
    """Nothing is written because somebody looks: the parameters of a widget come with every refresh.

    Whoever may change a dashboard could else write with the rights of those who look at it.
    """
    if "action" in parameters:
        raise BadRequestError("action: must be a button's, not one of the widget's parameters")
    if found.generation is None:
        raise BadRequestError("generation: missing")
