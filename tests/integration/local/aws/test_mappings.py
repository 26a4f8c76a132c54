"""The local event source mappings behave as Lambda's do, with the settings of a template."""

import json
import threading
import time
from collections import Counter
from typing import Any

import pytest

from local.aws.intervals import Intervals
from local.aws.intrinsics import TemplateError
from local.aws.mappings import Mappings
from local.aws.stack import Stack
from tests.conftest import CreateStack

Event = dict[str, Any]

TEMPLATE = """
Parameters:
  Concurrency: {Type: Number, Default: 1}
  RetryAttempts: {Type: Number, Default: 2}
  RecordAge: {Type: Number, Default: 60}
  BatchSize: {Type: Number, Default: 1}
Resources:
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: thing_id, AttributeType: S}]
      KeySchema: [{AttributeName: thing_id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
  WorkQueue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 1}
  FailureQueue:
    Type: AWS::SQS::Queue
  StreamFunction:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 7
      MemorySize: 256
      ReservedConcurrentExecutions: !Ref Concurrency
      Events:
        Things:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt ThingsTable.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: !Ref BatchSize
            MaximumRetryAttempts: !Ref RetryAttempts
            MaximumRecordAgeInSeconds: !Ref RecordAge
            FilterCriteria:
              Filters:
                - Pattern: '{"dynamodb": {"NewImage": {"colour": {"S": [{"anything-but": ["grey"]}]}}}}'
            DestinationConfig:
              OnFailure:
                Type: SQS
                Destination: !GetAtt FailureQueue.Arn
  QueueFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt WorkQueue.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
  ClockFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Tick:
          Type: Schedule
          Properties: {Schedule: rate(5 minutes)}
"""

QUICK = Intervals(poll_seconds=0.01, idle_poll_seconds=0.02, retry_seconds=0.01, throttle_seconds=0.005)


class Handlers:
    """Handlers that remember what they were given; `stream`, `queue` and `clock` say what they do with it."""

    def __init__(self) -> None:
        self.records: list[Event] = []
        self.batches: list[list[Event]] = []
        self.ticks: list[Event] = []
        self.contexts: list[Any] = []

    def on_stream(self, record: Event) -> None:
        """Nothing goes wrong unless a test replaces this."""

    def on_queue(self, messages: list[Event]) -> Any:
        return None

    def stream(self, event: Event, context: Any) -> None:
        self.contexts.append(context)
        for record in event["Records"]:
            self.records.append(record)
            self.on_stream(record)

    def queue(self, event: Event, context: Any) -> Any:
        self.batches.append(event["Records"])
        return self.on_queue(event["Records"])

    def clock(self, event: Event, context: Any) -> str:
        self.ticks.append(event)
        return "ticked"

    def things(self) -> list[str]:
        return [record["dynamodb"]["Keys"]["thing_id"]["S"] for record in self.records]


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


def mappings(stack: Stack, handlers: Handlers, intervals: Intervals = QUICK) -> Mappings:
    return Mappings(
        stack,
        {
            "StreamFunction": handlers.stream,
            "QueueFunction": handlers.queue,
            "ClockFunction": handlers.clock,
        },
        intervals=intervals,
    )


def put(stack: Stack, thing: str, colour: str = "red", **more: Any) -> None:
    item = {"thing_id": {"S": thing}, "colour": {"S": colour}, **more}
    stack.dynamodb.put_item(TableName="differential-things", Item=item)


def send(stack: Stack, *bodies: str) -> None:
    for body in bodies:
        stack.sqs.send_message(QueueUrl=stack.ref("WorkQueue"), MessageBody=body)


def failures(stack: Stack) -> list[Event]:
    answer = stack.sqs.receive_message(QueueUrl=stack.ref("FailureQueue"), MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_records_written_before_the_start_are_delivered_one_by_one(
    create_stack: CreateStack, handlers: Handlers
) -> None:
    stack = create_stack(TEMPLATE)
    put(stack, "a", size={"N": "1"}, blob={"B": b"\x00\x01"})
    with mappings(stack, handlers) as running:
        put(stack, "b")
        running.drain()
    assert sorted(handlers.things()) == ["a", "b"]
    record = next(record for record in handlers.records if "blob" in record["dynamodb"]["NewImage"])
    assert record["dynamodb"]["NewImage"]["blob"] == {"B": "AAE="}
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"] == stack.template.names.attribute("ThingsTable", "StreamArn")
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)


def test_the_handler_gets_the_template_s_settings_in_its_context(
    create_stack: CreateStack, handlers: Handlers
) -> None:
    stack = create_stack(TEMPLATE)
    with mappings(stack, handlers) as running:
        put(stack, "a")
        running.drain()
    [context] = handlers.contexts
    assert context.function_name == "differential-stream"
    assert context.memory_limit_in_mb == 256
    assert context.invoked_function_arn.endswith(":function:differential-stream")
    assert 5000 < context.get_remaining_time_in_millis() < 7000


def test_the_filter_is_honoured(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE)
    with mappings(stack, handlers) as running:
        put(stack, "a", "grey")
        put(stack, "a", "red")
        stack.dynamodb.delete_item(TableName="differential-things", Key={"thing_id": {"S": "a"}})
        running.drain()
    assert [record["eventName"] for record in handlers.records] == ["MODIFY"]


def test_a_write_that_changes_nothing_wakes_nothing(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE)
    with mappings(stack, handlers) as running:
        put(stack, "a")
        put(stack, "a")
        running.drain()
    assert [record["eventName"] for record in handlers.records] == ["INSERT"]


def test_one_thing_s_records_stay_in_order(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE)
    with mappings(stack, handlers) as running:
        for number in range(10):
            for thing in ("a", "b", "c"):
                put(stack, thing, step={"N": str(number)})
        running.drain()
    for thing in ("a", "b", "c"):
        images = [record["dynamodb"]["NewImage"] for record in handlers.records]
        steps = [int(image["step"]["N"]) for image in images if image["thing_id"]["S"] == thing]
        assert steps == list(range(10))


def test_a_failed_record_is_retried_and_blocks_only_its_shard(
    create_stack: CreateStack, handlers: Handlers
) -> None:
    stack = create_stack(TEMPLATE)
    failed_once: set[str] = set()

    def fail_first(record: Event) -> None:
        thing = record["dynamodb"]["Keys"]["thing_id"]["S"]
        if thing == "bad" and thing not in failed_once:
            failed_once.add(thing)
            raise RuntimeError("not this time")

    handlers.on_stream = fail_first  # type: ignore[method-assign]
    with mappings(stack, handlers) as running:
        for thing in ("bad", "good", "better"):
            put(stack, thing)
        running.drain()
        assert running.functions["StreamFunction"].errors == ["RuntimeError: not this time"]
    assert Counter(handlers.things()) == {"bad": 2, "good": 1, "better": 1}
    assert failures(stack) == []


def test_a_record_that_always_fails_goes_to_the_on_failure_queue_as_a_position(
    create_stack: CreateStack, handlers: Handlers
) -> None:
    stack = create_stack(TEMPLATE, RetryAttempts="2")

    def fail_bad(record: Event) -> None:
        if record["dynamodb"]["Keys"]["thing_id"]["S"] == "bad":
            raise RuntimeError("never")

    handlers.on_stream = fail_bad  # type: ignore[method-assign]
    with mappings(stack, handlers) as running:
        put(stack, "bad")
        put(stack, "good")
        running.drain()
    assert Counter(handlers.things()) == {"bad": 3, "good": 1}
    [message] = failures(stack)
    sequence = next(
        record["dynamodb"]["SequenceNumber"]
        for record in handlers.records
        if record["dynamodb"]["Keys"]["thing_id"]["S"] == "bad"
    )
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 3
    assert message["responseContext"]["functionError"] == "Unhandled"
    position = message["DDBStreamBatchInfo"]
    assert position["startSequenceNumber"] == position["endSequenceNumber"] == sequence
    assert position["batchSize"] == 1
    assert position["streamArn"] == stack.template.names.attribute("ThingsTable", "StreamArn")
    assert "bad" not in json.dumps(message)


def test_a_record_that_grows_too_old_is_given_up(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE, RetryAttempts="-1", RecordAge="1")

    def fail(record: Event) -> None:
        raise RuntimeError("never")

    handlers.on_stream = fail  # type: ignore[method-assign]
    with mappings(stack, handlers) as running:
        put(stack, "a")
        running.drain()
    assert len(handlers.records) > 3
    [message] = failures(stack)
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert message["requestContext"]["approximateInvokeCount"] == len(handlers.records)


@pytest.mark.parametrize("concurrency", [1, 2])
def test_no_more_run_at_once_than_reserved_and_a_throttle_costs_no_attempt(
    create_stack: CreateStack, handlers: Handlers, concurrency: int
) -> None:
    stack = create_stack(TEMPLATE, Concurrency=str(concurrency), RetryAttempts="0")
    lock, running_now, most, full = threading.Lock(), 0, 0, threading.Event()

    def overlap(record: Event) -> None:
        nonlocal running_now, most
        with lock:
            running_now += 1
            most = max(most, running_now)
            if running_now == concurrency:
                full.set()
        full.wait(5)
        with lock:
            running_now -= 1

    handlers.on_stream = overlap  # type: ignore[method-assign]
    with mappings(stack, handlers) as running:
        for number in range(20):
            put(stack, f"thing-{number}")
        running.drain()
    assert most == concurrency
    assert sorted(handlers.things()) == sorted(f"thing-{number}" for number in range(20))
    assert failures(stack) == []


def test_throttled_records_wait_for_the_one_that_runs(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE, RetryAttempts="0")
    started, release = threading.Event(), threading.Event()

    def hold(record: Event) -> None:
        started.set()
        release.wait(5)

    handlers.on_stream = hold  # type: ignore[method-assign]
    with mappings(stack, handlers) as running:
        for number in range(8):
            put(stack, f"thing-{number}")
        assert started.wait(5)
        running.drain(lambda: running.throttles() > 0)
        assert len(handlers.records) == 1
        release.set()
        running.drain()
    assert len(handlers.records) == 8
    assert failures(stack) == []


def test_batches_are_as_large_as_the_template_says(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE, BatchSize="5")
    for number in range(10):
        put(stack, "a", step={"N": str(number)})
    with mappings(stack, handlers) as running:
        running.drain()
    assert len(handlers.records) == 10
    assert len(handlers.contexts) < 10


def test_only_the_messages_that_failed_come_back(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE)

    def fail_bad_once(messages: list[Event]) -> Any:
        failed = [
            {"itemIdentifier": message["messageId"]}
            for message in messages
            if message["body"] == "bad" and message["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        return {"batchItemFailures": failed}

    handlers.on_queue = fail_bad_once  # type: ignore[method-assign]
    send(stack, "good", "bad", "better")
    with mappings(stack, handlers) as running:
        running.drain(lambda: len(handlers.batches) == 2)
        running.drain()
    assert [message["body"] for message in handlers.batches[0]] == ["good", "bad", "better"]
    assert [message["body"] for message in handlers.batches[1]] == ["bad"]
    assert handlers.batches[1][0]["attributes"]["ApproximateReceiveCount"] == "2"
    assert handlers.batches[0][0]["eventSourceARN"] == stack.arn("WorkQueue")


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "somebody else's"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"wrong": "key"}]},
        RuntimeError("broken"),
    ],
)
def test_an_error_or_an_answer_without_sense_brings_the_whole_batch_back(
    create_stack: CreateStack, handlers: Handlers, answer: Any
) -> None:
    stack = create_stack(TEMPLATE)

    def fail_once(messages: list[Event]) -> Any:
        if len(handlers.batches) > 1:
            return {"batchItemFailures": []}
        if isinstance(answer, Exception):
            raise answer
        return answer

    handlers.on_queue = fail_once  # type: ignore[method-assign]
    send(stack, "one", "two")
    with mappings(stack, handlers) as running:
        running.drain(lambda: len(handlers.batches) >= 2)
        running.drain()
    assert [message["body"] for batch in handlers.batches for message in batch] == ["one", "two"] * 2


def test_a_schedule_fires_at_the_local_pace_and_on_request(
    create_stack: CreateStack, handlers: Handlers
) -> None:
    stack = create_stack(TEMPLATE)
    with mappings(stack, handlers) as running:
        assert running.fire("ClockFunction") == "ticked"
        assert len(handlers.ticks) == 1
    with mappings(stack, handlers, Intervals(schedule_seconds=0.01)) as running:
        running.drain(lambda: len(handlers.ticks) > 3)
    assert handlers.ticks[0]["detail-type"] == "Scheduled Event"


def test_drain_says_which_errors_kept_it_from_ending(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE, RetryAttempts="-1")

    def fail(record: Event) -> None:
        raise RuntimeError("never")

    handlers.on_stream = fail  # type: ignore[method-assign]
    with mappings(stack, handlers) as running:
        put(stack, "a")
        running.drain(lambda: len(handlers.records) > 0)
        with pytest.raises(TimeoutError, match="RuntimeError: never"):
            running.drain(timeout=0.2)


def test_an_idle_stack_is_drained_at_once(create_stack: CreateStack, handlers: Handlers) -> None:
    stack = create_stack(TEMPLATE)
    with mappings(stack, handlers) as running:
        started = time.monotonic()
        running.drain()
        assert time.monotonic() - started < 2


def test_a_setting_that_the_local_stack_cannot_honour_is_refused(
    create_stack: CreateStack, handlers: Handlers
) -> None:
    stack = create_stack(
        TEMPLATE.replace("BatchSize: 10", "BatchSize: 10\n            MaximumBatchingWindowInSeconds: 5")
    )
    with pytest.raises(TemplateError, match=r"QueueFunction\.Work: .*MaximumBatchingWindowInSeconds"):
        mappings(stack, handlers)
