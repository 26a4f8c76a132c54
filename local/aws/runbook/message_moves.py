"""SQS's redrive of a dead-letter queue: StartMessageMoveTask and ListMessageMoveTasks, which moto lacks.

A move is over when it is answered. Without a destination it fails, as SQS's does for messages that no redrive
policy brought there: where each came from is not known here.
"""

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from local.aws.api.errors import ApiError
from local.aws.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_BATCH = 10


class MessageMoves:
    """The moves of a stack's queues so far."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._tasks: list[dict[str, Any]] = []

    def start(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Move all visible messages of a dead-letter queue to another queue."""
        sqs, source = self._stack.sqs, self._url("SourceArn", asked["SourceArn"])
        if not sqs.list_dead_letter_source_queues(QueueUrl=source)["queueUrls"]:
            raise ApiError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
        destination = asked.get("DestinationArn")
        handle = str(uuid.uuid4())
        task = {
            "Status": "COMPLETED",
            "SourceArn": asked["SourceArn"],
            "DestinationArn": destination,
            "MaxNumberOfMessagesPerSecond": asked.get("MaxNumberOfMessagesPerSecond"),
            "ApproximateNumberOfMessagesMoved": 0,
            "ApproximateNumberOfMessagesToMove": _count(sqs, source),
            "StartedTimestamp": int(time.time() * 1000),
        }
        if destination is None:
            task |= {"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"}
        else:
            task["ApproximateNumberOfMessagesMoved"] = _move(
                sqs, source, self._url("DestinationArn", destination)
            )
        self._tasks.insert(0, task)
        return {"TaskHandle": handle}

    def list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The last moves from a queue, newest first."""
        self._url("SourceArn", asked["SourceArn"])
        of_this_queue = [task for task in self._tasks if task["SourceArn"] == asked["SourceArn"]]
        return {"Results": of_this_queue[: asked.get("MaxResults") or 1]}

    def _url(self, parameter: str, arn: str) -> str:
        sqs = self._stack.sqs
        try:
            return sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist as error:
            raise ApiError(
                "ResourceNotFoundException",
                f"The resource that you specified for the {parameter} parameter doesn't exist.",
                404,
            ) from error


def _count(sqs: "SQSClient", url: str) -> int:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _move(sqs: "SQSClient", source: str, destination: str) -> int:
    """How many messages were moved; those that are delayed or in flight stay."""
    moved = 0
    while messages := _receive(sqs, source):
        for message in messages:
            sqs.send_message(
                QueueUrl=destination,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        moved += len(messages)
    return moved


def _receive(sqs: "SQSClient", url: str) -> "list[MessageTypeDef]":
    return sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=_BATCH, MessageAttributeNames=["All"], WaitTimeSeconds=0
    ).get("Messages", [])
