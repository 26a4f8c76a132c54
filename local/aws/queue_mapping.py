"""The event source mapping of a queue: batches, partial batch responses, messages that come back."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from local.aws.activity import Activity
from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.intervals import Intervals
from local.aws.names import REGION
from local.aws.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class _Visibility(TypedDict, total=False):
    VisibilityTimeout: int


@dataclass(frozen=True)
class QueueSettings:
    """The settings of one mapping."""

    queue_arn: str
    batch_size: int = 10
    maximum_concurrency: int = 1
    """How many invocations at once, which here is also how many there always may be."""
    reports_batch_item_failures: bool = False


class QueueMapping:
    """Polls the queue and deletes what the function has dealt with; the rest comes back in time."""

    def __init__(
        self,
        stack: Stack,
        function: LocalFunction,
        settings: QueueSettings,
        activity: Activity,
        intervals: Intervals,
    ) -> None:
        self._stack = stack
        self._function = function
        self._settings = settings
        self._activity = activity
        self._pace = intervals
        self._visibility: _Visibility = {}
        if intervals.visibility_seconds is not None:
            self._visibility["VisibilityTimeout"] = intervals.visibility_seconds
        self._stopping = threading.Event()
        self._sources = [
            f"{function.logical_id} queue {number}" for number in range(settings.maximum_concurrency)
        ]
        for source in self._sources:
            activity.add_source(source)

    def threads(self) -> list[threading.Thread]:
        return [
            threading.Thread(target=self._guarded, args=(source,), name=source) for source in self._sources
        ]

    def stop(self) -> None:
        self._stopping.set()

    def _guarded(self, source: str) -> None:
        try:
            self._poll(source)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this mapping
            self._activity.failed(error)

    def _poll(self, source: str) -> None:
        name = self._settings.queue_arn.rpartition(":")[2]
        self._url = self._stack.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        empty = 0
        while not self._stopping.is_set():
            epoch = self._activity.epoch
            messages = self._receive()
            if messages:
                empty = 0
                self._activity.received(len(messages))
                try:
                    self._deliver(messages)
                finally:
                    self._activity.disposed(len(messages))
            else:
                empty += 1
                self._activity.poll_was_empty(source, epoch)
            self._stopping.wait(self._pace.after_empty(empty))

    def _receive(self) -> list["MessageTypeDef"]:
        return self._stack.sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(10, self._settings.batch_size),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            **self._visibility,
        ).get("Messages", [])

    def _deliver(self, messages: list["MessageTypeDef"]) -> None:
        try:
            answer = self._function.invoke({"Records": [self._as_event(message) for message in messages]})
        except (FunctionError, ThrottledError):
            return
        failed = self._failed(answer, {message["MessageId"] for message in messages})
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            self._stack.sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(done)
                ],
            )

    def _failed(self, answer: Any, delivered: set[str]) -> set[str]:
        """The messages that are to come back; an answer that makes no sense fails the whole batch.

        The rules are in https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html.
        """
        if not self._settings.reports_batch_item_failures or not answer:
            return set()
        try:
            failed = {item["itemIdentifier"] for item in answer.get("batchItemFailures") or []}
        except (AttributeError, KeyError, TypeError):
            return delivered
        return failed if failed.issubset(delivered) else delivered

    def _as_event(self, message: "MessageTypeDef") -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
                for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._settings.queue_arn,
            "awsRegion": REGION,
        }
