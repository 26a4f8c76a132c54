"""The incident ticket as its producers write it: what is required, what has a default, what is tolerated."""

from collections.abc import Mapping
from datetime import UTC, datetime
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
from tickets.states import Status


class BadTicketError(Exception):
    """Raised when a ticket cannot be diagnosed as it stands; the text names each field and its value."""


class BinaryPreview(str):
    """Stands for a binary value: says how large it was."""

    __slots__ = ()


def plain(value: Any) -> Any:
    """Any DynamoDB value as JSON-like data.

    Sets become sorted lists, binaries a description of their size.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    if isinstance(value, Decimal):
        whole = value.is_finite() and value.adjusted() < 18 and value == value.to_integral_value()
        return int(value) if whole else value
    if isinstance(value, bytes | bytearray):
        return BinaryPreview(f"<binary, {len(value)} bytes>")
    return value


def _text(value: Any) -> Any:
    """Numbers and booleans as text (older producers write integer-like ids); other types are left to fail."""
    if isinstance(value, BinaryPreview):
        raise ValueError("binary where text is expected")  # noqa: TRY004 - pydantic reports ValueErrors
    return str(value) if isinstance(value, int | float | Decimal) else value


def _moment(value: Any) -> Any:
    """ISO-8601 text or epoch seconds as an aware UTC time; text without a zone is taken as UTC."""
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(float(value), UTC)
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def _moment_or_error(value: Any) -> Any:
    try:
        return _moment(value)
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from error


# A description says what is expected, in a producer's words: it is in the error when a value does not fit.
Text = Annotated[
    str, BeforeValidator(_text), StringConstraints(strip_whitespace=True), Field(description="text")
]
RequiredText = Annotated[Text, StringConstraints(min_length=1), Field(description="text that is not empty")]
Moment = Annotated[
    Annotated[datetime, BeforeValidator(_moment_or_error)] | None,
    Field(description="a time in ISO 8601, or in epoch seconds"),
]
Context = Annotated[
    str | dict[str, Any] | list[Any], BeforeValidator(_text), Field(description="text, a list or a map")
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
    component: Text = Field("", validation_alias=AliasChoices("component", "store_id"))
    violation_key: Text = ""
    subject: Text = ""
    severity: Text = "warning"
    first_seen_at: Moment = None
    last_seen_at: Moment = None
    occurrence_count: int = Field(1, ge=0, description="a whole number, 0 or more")
    held: bool = Field(False, description="true or false")
    batch_key: Text = ""
    metric_snapshot: dict[str, Any] = Field(default_factory=dict, description="a map")
    topology: Context = ""
    log_tail: Context = ""
    subject_context: Context = ""
    unusable: tuple[str, ...] = Field((), exclude=True)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """The ticket in `item` (plain or DynamoDB values); optional fields that do not fit are named.

        Raises BadTicketError when a required field is missing or does not fit.
        """
        fields = {key: value for key, value in plain(item).items() if value is not None and key != "unusable"}
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        unusable: list[str] = []
        # More than one round: a `component` that does not fit uncovers a `store_id` that may not either.
        while True:
            try:
                return cls.model_validate({**fields, "unusable": tuple(unusable)})
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
        return self.invariant_name[:512]


def _field(location: tuple[int | str, ...], fields: Mapping[str, Any]) -> str:
    name = str(location[0])
    return "store_id" if name == "component" and name not in fields and "store_id" in fields else name
