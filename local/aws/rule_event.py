"""A rule of EventBridge that invokes a function, without waiting for its answer."""

import json
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.aws.activity import Activity
from local.aws.bus import DEFAULT, put_rule
from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.intervals import Intervals
from local.aws.stack import Stack


@dataclass(frozen=True)
class RuleSettings:
    """The rule, and what the function says of events that it is invoked with and not asked about."""

    name: str
    pattern: dict[str, Any]
    bus: str = DEFAULT
    maximum_retry_attempts: int = 2
    on_failure_arn: str | None = None


class RuleEvent:
    """Invokes its function with each event that the rule lets through, again when it failed."""

    def __init__(
        self,
        stack: Stack,
        function: LocalFunction,
        settings: RuleSettings,
        activity: Activity,
        intervals: Intervals,
    ) -> None:
        self._sqs = stack.sqs
        self._function = function
        self._settings = settings
        self._activity = activity
        self._pace = intervals
        self._stopping = threading.Event()
        self._url = self._sqs.create_queue(QueueName=f"{settings.name}-events")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        put_rule(stack.events, settings.name, settings.pattern, settings.bus, {"Function": arn})
        activity.add_source(settings.name)

    def threads(self) -> list[threading.Thread]:
        return [threading.Thread(target=self._guarded, name=self._settings.name)]

    def stop(self) -> None:
        self._stopping.set()

    def _guarded(self) -> None:
        try:
            self._poll()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this stack
            self._activity.failed(error)

    def _poll(self) -> None:
        empty = 0
        while not self._stopping.is_set():
            epoch = self._activity.epoch
            messages = self._sqs.receive_message(QueueUrl=self._url).get("Messages", [])
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                self._activity.received(1)
                try:
                    self._deliver(json.loads(message["Body"]))
                finally:
                    self._activity.disposed(1)
            empty = 0 if messages else empty + 1
            if not messages:
                self._activity.poll_was_empty(self._settings.name, epoch)
            self._stopping.wait(self._pace.after_empty(empty))

    def _deliver(self, event: dict[str, Any]) -> None:
        """A throttle costs no attempt, as in Lambda, where it may last six hours."""
        attempts = 0
        while not self._stopping.is_set():
            try:
                self._function.invoke(event)
            except ThrottledError:
                self._stopping.wait(self._pace.throttle_seconds)
            except FunctionError:
                attempts += 1
                if attempts > self._settings.maximum_retry_attempts:
                    self._give_up(event, attempts)
                    return
                self._stopping.wait(self._pace.retry_seconds * 2 ** (attempts - 1))
            else:
                return

    def _give_up(self, event: dict[str, Any], attempts: int) -> None:
        """Tell the on-failure destination, in the shape of Lambda's invocation records."""
        if self._settings.on_failure_arn is None:
            return
        record = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{self._function.arn}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": attempts,
            },
            "requestPayload": event,
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
        }
        queue = self._settings.on_failure_arn.rpartition(":")[2]
        url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))
