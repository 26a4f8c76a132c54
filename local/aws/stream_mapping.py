"""The event source mapping of a DynamoDB stream: filter, order, retries, record age, destination."""

import base64
import json
import threading
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from moto.events.models import EventPattern

from local.aws.activity import Activity
from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.intervals import Intervals
from local.aws.stack import Stack

Record = dict[str, Any]
Observer = Callable[[Record], None]
StartingPosition = Literal["TRIM_HORIZON", "LATEST"]


@dataclass(frozen=True)
class StreamSettings:
    """The settings of one mapping; -1 means no limit, as in Lambda."""

    stream_arn: str
    starting_position: StartingPosition
    batch_size: int = 100
    patterns: tuple[str, ...] = ()
    maximum_retry_attempts: int = -1
    maximum_record_age: int = -1
    on_failure_arn: str | None = None
    parallelization_factor: int = 1


class StreamMapping:
    """Reads the stream and delivers it.

    The emulator's stream has one shard; a real table has several, and Lambda reads them side by side. Here
    records are spread by key over `intervals.shards` shards: a ticket's stay in order, others overtake them.
    """

    def __init__(
        self,
        stack: Stack,
        function: LocalFunction,
        settings: StreamSettings,
        activity: Activity,
        intervals: Intervals,
        observer: Observer | None = None,
    ) -> None:
        """`observer` is shown every record, before the filter."""
        self.throttles = 0
        self.stream_arn = settings.stream_arn
        self._stack = stack
        self._function = function
        self._settings = settings
        self._activity = activity
        self._pace = intervals
        self._observer = observer
        self._patterns: list[Any] = [EventPattern.load(pattern) for pattern in settings.patterns]
        self._stopping = threading.Event()
        self._shards = [_Shard() for _ in range(intervals.shards * settings.parallelization_factor)]
        self._source = f"{function.logical_id} stream"
        activity.add_source(self._source)

    def threads(self) -> list[threading.Thread]:
        """One thread that reads, from this moment on if from the latest, and one a shard that delivers."""
        iterator, self._shard_id = self._first_iterator()
        reader = threading.Thread(target=self._guarded, args=(self._read, iterator), name=self._source)
        workers = [
            threading.Thread(target=self._guarded, args=(self._work, shard), name=f"{self._source} {number}")
            for number, shard in enumerate(self._shards)
        ]
        return [reader, *workers]

    def stop(self) -> None:
        self._stopping.set()
        for shard in self._shards:
            shard.close()

    def _guarded(self, run: Callable[..., None], *args: Any) -> None:
        try:
            run(*args)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this mapping
            self._activity.failed(error)

    def _read(self, iterator: str) -> None:
        empty = 0
        while not self._stopping.is_set():
            epoch = self._activity.epoch
            answer = self._stack.streams.get_records(ShardIterator=iterator, Limit=1000)
            iterator = answer["NextShardIterator"]
            records = [as_event(record, self._settings.stream_arn) for record in answer["Records"]]
            if records:
                empty = 0
                self._distribute(records)
            else:
                empty += 1
                self._activity.poll_was_empty(self._source, epoch)
            self._stopping.wait(self._pace.after_empty(empty))

    def _first_iterator(self) -> tuple[str, str]:
        arn = self._settings.stream_arn
        [shard] = self._stack.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        answer = self._stack.streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=self._settings.starting_position
        )
        return answer["ShardIterator"], shard["ShardId"]

    def _distribute(self, records: list[Record]) -> None:
        for record in records:
            if changes_nothing(record):
                continue
            if self._observer is not None:
                self._observer(record)
            if self._patterns and not any(pattern.matches_event(record) for pattern in self._patterns):
                continue
            key = json.dumps(record["dynamodb"]["Keys"], sort_keys=True).encode()
            self._activity.received(1)
            self._shards[zlib.crc32(key) % len(self._shards)].put([record])

    def _work(self, shard: "_Shard") -> None:
        while not self._stopping.is_set():
            batch = shard.take(self._settings.batch_size)
            if batch:
                try:
                    self._deliver(batch)
                finally:
                    self._activity.disposed(len(batch))

    def _deliver(self, batch: list[Record]) -> None:
        attempts = 0
        while not self._stopping.is_set():
            if self._too_old(batch):
                self._discard(batch, "RecordAgeExceeded", attempts)
                return
            try:
                self._function.invoke({"Records": batch})
            except ThrottledError:
                self.throttles += 1
                self._stopping.wait(self._pace.throttle_seconds)
            except FunctionError:
                attempts += 1
                if 0 <= self._settings.maximum_retry_attempts < attempts:
                    self._discard(batch, "RetryAttemptsExhausted", attempts)
                    return
                self._stopping.wait(self._pace.retry_seconds * 2 ** min(attempts - 1, 8))
            else:
                return

    def _too_old(self, batch: list[Record]) -> bool:
        limit = self._settings.maximum_record_age
        return limit >= 0 and time.time() - batch[0]["dynamodb"]["ApproximateCreationDateTime"] > limit

    def _discard(self, batch: list[Record], condition: str, attempts: int) -> None:
        """Send the batch's position, not its records, to the on-failure destination, as Lambda does.

        The shape is in https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html.
        """
        if self._settings.on_failure_arn is None:
            return
        first, last = batch[0]["dynamodb"], batch[-1]["dynamodb"]
        message = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{self._function.arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            }
            if attempts
            else None,
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "DDBStreamBatchInfo": {
                "shardId": self._shard_id,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _time(first["ApproximateCreationDateTime"]),
                "approximateArrivalOfLastRecord": _time(last["ApproximateCreationDateTime"]),
                "batchSize": len(batch),
                "streamArn": self._settings.stream_arn,
            },
        }
        queue = self._settings.on_failure_arn.rpartition(":")[2]
        url = self._stack.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._stack.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))


class _Shard:
    """Records waiting to be delivered in order."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def put(self, records: list[Record]) -> None:
        with self._changed:
            self._records.extend(records)
            self._changed.notify()

    def take(self, count: int) -> list[Record]:
        """Up to `count` records, once there are any; none when it is closed and empty."""
        with self._changed:
            while not (self._records or self._closed):
                self._changed.wait()
            return [self._records.popleft() for _ in range(min(count, len(self._records)))]


def changes_nothing(record: Record) -> bool:
    """DynamoDB emits no record for a write that changes nothing; the emulator does."""
    images = record["dynamodb"]
    return bool(record["eventName"] == "MODIFY" and images.get("OldImage") == images.get("NewImage"))


def as_event(record: Mapping[str, Any], stream_arn: str) -> Record:
    """A record as Lambda hands it on: plain JSON, with its source."""
    plain: Record = json.loads(json.dumps(record, default=_plain))
    return {**plain, "eventSourceARN": stream_arn}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} in a stream record")


def _time(epoch_seconds: float) -> str:
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
