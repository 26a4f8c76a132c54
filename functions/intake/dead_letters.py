"""Where messages go that cannot be read: as they are, with the reason beside them."""

from typing import TYPE_CHECKING

from runtime.characters import bounded

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_BYTES_OF_A_REASON = 1024


class DeadLetters:
    """The dead-letter queue; a redrive brings a message back as it came."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def put(self, body: str, reason: str) -> None:
        """Raises what boto3 does: the message is to be delivered again then."""
        text = bounded(reason, MOST_BYTES_OF_A_REASON) or "no reason"
        self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": text}},
        )
