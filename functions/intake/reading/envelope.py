"""A message of the queue as the event of EventBridge that it holds."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from intake.reading.values import storable_json
from runtime.faults import in_words

Model = TypeVar("Model", bound=BaseModel)


class UnreadableError(Exception):
    """Raised when a message is none that intake takes; the text names the field and its value."""

    @property
    def without_value(self) -> str:
        """For the log, which holds no text of a ticket's."""
        return str(self).partition(", got ")[0]


class Envelope(BaseModel):
    """What EventBridge puts around a detail. Source: EventBridge, event structure."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1)
    source: str
    detail_type: str = Field(alias="detail-type")
    account: str = ""
    region: str = ""
    resources: list[Any] = Field(default_factory=list)
    detail: dict[str, Any]


def read_json(body: str) -> Mapping[str, Any]:
    """The JSON object in a message, its texts clean. Raises UnreadableError."""
    try:
        value = storable_json(json.loads(body, parse_constant=_no_number))
    except ValueError as error:
        raise UnreadableError(f"body: must be JSON, {len(body)} characters are not") from error
    except RecursionError as error:
        raise UnreadableError(f"body: nested too deep, {len(body)} characters") from error
    if not isinstance(value, Mapping):
        raise UnreadableError(f"body: must be a JSON object, got {type(value).__name__}")
    return value


def validated(model: type[Model], value: Any, where: str = "") -> Model:
    """The value as the model has it. Raises UnreadableError with its first fault."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in (*([where] if where else []), *fault["loc"]))
        raise UnreadableError(f"{field or 'body'}: {in_words(fault)}") from error


def _no_number(name: str) -> None:
    raise ValueError(name)
