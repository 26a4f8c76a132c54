"""The incident ticket as its producers write it: what is required, what has a default, what is tolerated."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from runtime.faults import shown
from runtime.unreadable import unreadable_in
from tickets.moments import is_without_zone, moment
from tickets.plain import Placeholder, as_json, plain
from tickets.states import Status


class BadTicketError(Exception):
    """Raised when a ticket cannot be diagnosed as it stands; the text names each field and its value."""


def _text(value: Any) -> Any:
    """Numbers and booleans as text (older producers write integer-like ids); other types are left to fail."""
    if isinstance(value, Placeholder):
        raise ValueError("no text")  # noqa: TRY004 - pydantic reports ValueErrors
    return str(value) if isinstance(value, int | float | Decimal) else value


def _shown_as_text(value: Any) -> Any:
    """A list or a map as JSON: who is affected is worth knowing in any form."""
    return as_json(value) if isinstance(value, list | dict) else _text(value)


# A description says what is expected, in a producer's words: it is in the error when a value does not fit.
Text = Annotated[
    str, BeforeValidator(_text), StringConstraints(strip_whitespace=True), Field(description="text")
]
RequiredText = Annotated[Text, StringConstraints(min_length=1), Field(description="text that is not empty")]
Affected = Annotated[
    str,
    BeforeValidator(_shown_as_text),
    StringConstraints(strip_whitespace=True),
    Field(description="text, a list or a map"),
]
Moment = Annotated[
    Annotated[datetime, BeforeValidator(moment)] | None,
    Field(description="a time in ISO 8601 or RFC 1123, or epoch time"),
]
Context = Annotated[
    str | dict[str, Any] | list[Any], BeforeValidator(_text), Field(description="text, a list or a map")
]
NO_PRODUCERS = frozenset({"members", "unusable", "without_zone"})
"""The fields of a ticket that no producer writes."""
TIMES = ("first_seen_at", "last_seen_at")


def _dimensions(value: Any) -> Any:
    """A metric's dimensions as a map, whether they come as one or as AWS's list of names and values."""
    if not isinstance(value, list) or not all(isinstance(pair, dict) for pair in value):
        return value
    pairs = [{str(name).lower(): inner for name, inner in pair.items()} for pair in value]
    if not all({"name", "value"} <= pair.keys() for pair in pairs):
        raise ValueError("no names and values")
    return {str(pair["name"]): pair["value"] for pair in pairs}


Names = Annotated[
    tuple[Text, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(description="a text or a list of texts"),
]
Dimensions = Annotated[
    dict[str, Text],
    BeforeValidator(_dimensions),
    Field(description="a map of names to values, or a list of maps with name and value"),
]


class Ticket(BaseModel):
    """One incident.

    Only `ticket_id`, `status`, `invariant_name` and `message` must be written by a producer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ticket_id: RequiredText
    status: Status = Field(description=f"one of {', '.join(Status)}")
    invariant_name: RequiredText
    message: RequiredText
    component: Affected = Field("", validation_alias=AliasChoices("component", "store_id"))
    violation_key: Text = ""
    subject: Text = ""
    severity: Text = "warning"
    first_seen_at: Moment = None
    last_seen_at: Moment = None
    occurrence_count: int = Field(1, ge=0, description="a whole number, 0 or more")
    held: bool = Field(False, description="true or false")
    batch_key: Text = ""
    metric_snapshot: dict[str, Any] | list[Any] = Field(default_factory=dict, description="a map or a list")
    topology: Context = ""
    log_tail: Context = ""
    subject_context: Context = ""
    alarm: Text = ""
    namespace: Text = ""
    metric_name: Text = ""
    dimensions: Dimensions = Field(default_factory=dict)
    statistic: Text = ""
    period: int = Field(0, ge=0, le=86_400, description="seconds, 0 to 86400")
    resource: Names = ()
    log_group: Names = ()
    account: Text = ""
    region: Text = ""
    members: int = Field(0, ge=0, description="a whole number, 0 or more", exclude=True)
    """How many tickets have joined it; intake counts them, and no producer writes it."""
    unusable: tuple[str, ...] = Field((), exclude=True)
    without_zone: frozenset[str] = Field(frozenset(), exclude=True)
    """The times that were written without a zone, and taken as UTC."""

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """The ticket in `item` (plain or DynamoDB values); optional fields that do not fit are named.

        Raises BadTicketError when a required field is missing or does not fit.
        """
        fields = {
            key: value
            for key, value in plain(item).items()
            if value is not None and key not in ("unusable", "without_zone")
        }
        without_zone = frozenset(name for name in TIMES if is_without_zone(fields.get(name)))
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        known = {*cls.model_fields, "store_id"}
        unusable = [
            f"{name}: holds {lost}"
            for name, value in item.items()
            if (lost := next(unreadable_in(value), None)) and not (lost is value and name in known)
        ]
        # More than one round: a `component` that does not fit uncovers a `store_id` that may not either.
        while True:
            try:
                return cls.model_validate(
                    {**fields, "unusable": tuple(unusable), "without_zone": without_zone}
                )
            except ValidationError as error:
                faults = {
                    _field(fault["loc"], fields): cls._describe(fault["loc"], fields)
                    for fault in error.errors()
                }
            if required := [text for name, text in faults.items() if name not in {*optional, "store_id"}]:
                raise BadTicketError("; ".join(required))
            unusable += faults.values()
            fields = {name: value for name, value in fields.items() if name not in faults}

    @classmethod
    def _describe(cls, location: tuple[int | str, ...], fields: Mapping[str, Any]) -> str:
        """The field, what it must be and what it is, in a producer's words rather than in the model's."""
        name = _field(location, fields)
        if name not in fields:
            return f"{name}: missing"
        expected = cls.model_fields["component" if name == "store_id" else name].description
        return f"{name}: must be {expected}, got {shown(fields[name])}"

    @property
    def similar_key(self) -> str:
        """What this ticket's likes share: the same invariant."""
        return similar_key_of(self.invariant_name)


def similar_key_of(invariant_name: Any) -> str:
    """The key by which a ticket of this invariant is found; empty where it has none."""
    return _text(invariant_name).strip()[:512] if isinstance(invariant_name, str | Decimal | int) else ""


def _field(location: tuple[int | str, ...], fields: Mapping[str, Any]) -> str:
    name = str(location[0])
    return "store_id" if name == "component" and name not in fields and "store_id" in fields else name
