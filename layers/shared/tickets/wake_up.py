"""The messages that bring tickets back.

On the retry queue while they wait for the gate, on the dead-letter queue when they failed.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from runtime.faults import in_words
from tickets.states import MAX_GENERATION

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS = 900
"""The longest delay of one message. Source: SQS, DelaySeconds."""


MAX_KEY_BYTES = 2048
"""The longest `ticket_id` that a table takes. Source: DynamoDB, partition keys.

With a `status` it is the sort key of the index by-status, too, and so has at most 1,024.
"""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""


class BadMessageError(Exception):
    """Raised when a message is not one of ours; the text names the field and its value."""


def _fits_a_key(ticket_id: str) -> str:
    if len(ticket_id.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"text of at most {MAX_KEY_BYTES} bytes")
    return ticket_id


TicketId = Annotated[str, Field(min_length=1), AfterValidator(_fits_a_key)]


class FailedTicket(BaseModel):
    """The message on the dead-letter queue: which ticket failed, in which generation, why."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ticket_id: TicketId
    generation: int = Field(ge=0, le=MAX_GENERATION)
    kind: Literal["failed"]
    reason: str = ""


class GateOpens(BaseModel):
    """The message that brings back the tickets which wait for the gate, when it opens (epoch seconds)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["gate"]
    opens_at: int = Field(ge=0, le=LAST_SECOND)


Message = FailedTicket | GateOpens


def read_message(body: str) -> Message:
    """Raises BadMessageError when the body is not one of our messages."""
    with suppress(ValidationError):
        return GateOpens.model_validate_json(body)
    try:
        return FailedTicket.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in fault["loc"]) or "body"
        raise BadMessageError(f"{field}: {in_words(fault)}") from error


class WakeUpQueue:
    """One SQS queue of such messages; `connect` gives the client when one is first sent."""

    def __init__(self, connect: Callable[[], "SQSClient"], queue_url: str) -> None:
        self._connect = connect
        self._queue_url = queue_url

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        """Sends one message, visible after the delay: whole seconds, rounded up, as many as SQS allows."""
        delay = min(MAX_DELAY_SECONDS, max(0, math.ceil(delay_seconds)))
        self._connect().send_message(
            QueueUrl=self._queue_url,
            MessageBody=message.model_dump_json(ensure_ascii=True),  # an id may hold what SQS refuses
            DelaySeconds=delay,
        )
