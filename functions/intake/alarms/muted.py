"""Alarms that are looked at again, because the end of a mute rule is no event.

The event of a muted alarm waits on the intake queue, as it came, a hop of 900 s each, until the alarm is
over, a newer event waits in its place, or no mute rule is active. It is sent after the ticket was written: a
crash between the two leaves the event undeleted, and it comes again.
"""

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from tickets.wake_up import MAX_DELAY_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MUTED = "muted"


class Muted(BaseModel):
    """The message; `event` is the text of the one that told of the alarm."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["muted"] = "muted"
    event: str


class MutedAlarms:
    """Sends it."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def wait(self, event: str) -> None:
        """Raises what boto3 does: the message at hand is to be delivered again then."""
        self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=Muted(event=event).model_dump_json(),
            DelaySeconds=MAX_DELAY_SECONDS,
        )
