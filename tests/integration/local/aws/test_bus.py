"""Events, notifications and requests over HTTP reach the functions of a template as AWS delivers them."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from local.aws.intervals import Intervals
from local.aws.intrinsics import TemplateError
from local.aws.mappings import Mappings
from local.aws.stack import Stack
from local.aws.topics import Inbox
from tests.conftest import CreateStack

TEMPLATE = """
Resources:
  Bus:
    Type: AWS::Events::EventBus
    Properties: {Name: !Ref AWS::StackName}
  BusPolicy:
    Type: AWS::Events::EventBusPolicy
    Properties:
      EventBusName: !Ref Bus
      StatementId: producers
      Statement:
        Effect: Allow
        Principal: {AWS: "111122223333"}
        Action: events:PutEvents
        Resource: !GetAtt Bus.Arn
  EventsQueue:
    Type: AWS::SQS::Queue
  FailureQueue:
    Type: AWS::SQS::Queue
  AlarmRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.cloudwatch]
        detail: {alarmName: [{anything-but: {prefix: !Sub "${AWS::StackName}-"}}]}
      Targets:
        - {Id: queue, Arn: !GetAtt EventsQueue.Arn}
  TicketsRule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [{anything-but: differential}], detail-type: [Ticket Opened]}
      Targets:
        - {Id: queue, Arn: !GetAtt EventsQueue.Arn}
  NewsTopic:
    Type: AWS::SNS::Topic
  QueueFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt EventsQueue.Arn
            ScalingConfig: {MaximumConcurrency: 2}
  RuleFunction:
    Type: AWS::Serverless::Function
    Properties:
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig:
          OnFailure: {Type: SQS, Destination: !GetAtt FailureQueue.Arn}
      Events:
        Outage:
          Type: EventBridgeRule
          Properties:
            EventBusName: !Ref Bus
            Pattern: {source: [differential]}
  WebFunction:
    Type: AWS::Serverless::Function
    Properties:
      ReservedConcurrentExecutions: 1
      FunctionUrlConfig: {AuthType: NONE}
Outputs:
  Web: {Value: !GetAtt WebFunctionUrl.FunctionUrl}
"""


class Handlers:
    """Remember what they were given."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []

    def queue(self, event: dict[str, Any], context: Any) -> None:
        self.messages += event["Records"]

    def rule(self, event: dict[str, Any], context: Any) -> None:
        self.events.append(event)
        if event["detail"].get("fails"):
            raise ValueError

    def web(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        self.requests.append(event)
        return {"statusCode": 202, "headers": {"x-seen": "yes"}, "body": "taken"}


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def stack(create_stack: CreateStack) -> Stack:
    return create_stack(TEMPLATE)


@pytest.fixture
def mappings(stack: Stack, handlers: Handlers) -> Mappings:
    by_function = {
        "QueueFunction": handlers.queue,
        "RuleFunction": handlers.rule,
        "WebFunction": handlers.web,
    }
    return Mappings(stack, by_function, intervals=Intervals(retry_seconds=0.01, poll_seconds=0.01))


def put(stack: Stack, source: str, kind: str, detail: dict[str, Any], bus: str = "default") -> None:
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": bus}
    assert stack.events.put_events(Entries=[{**entry, "Resources": ["arn:of:it"]}])["FailedEntryCount"] == 0


def test_an_event_that_a_rule_lets_through_comes_by_the_queue_in_its_envelope(
    stack: Stack, mappings: Mappings, handlers: Handlers
) -> None:
    kind, bus = "CloudWatch Alarm State Change", stack.ref("Bus")
    with mappings:
        put(stack, "aws.cloudwatch", kind, {"alarmName": 'checkout "<id>"'})
        put(stack, "aws.cloudwatch", kind, {"alarmName": "differential-dead-letters"})
        put(stack, "mine", "Ticket Opened", {"version": 1}, bus)
        put(stack, "differential", "Ticket Opened", {}, bus)
        put(stack, "mine", "Something Else", {}, bus)
        mappings.drain()
    came = sorted((json.loads(message["body"]) for message in handlers.messages), key=lambda e: e["source"])
    assert [(event["source"], event["detail-type"], event["detail"]) for event in came] == [
        ("aws.cloudwatch", kind, {"alarmName": 'checkout "<id>"'}),
        ("mine", "Ticket Opened", {"version": 1}),
    ]
    assert {"account", "id", "region", "time", "version", "resources"} <= set(came[0])
    policy = json.loads(stack.events.describe_event_bus(Name=bus)["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["producers"]


def test_an_event_that_a_function_always_fails_is_tried_as_often_as_set_and_given_up_with_the_event(
    stack: Stack, mappings: Mappings, handlers: Handlers
) -> None:
    with mappings:
        put(stack, "differential", "Diagnosis Delayed", {"fails": True}, stack.ref("Bus"))
        put(stack, "differential", "Diagnosis Resumed", {"fails": False}, stack.ref("Bus"))
        mappings.drain()
    assert sorted(event["detail"]["fails"] for event in handlers.events) == [False, True, True]
    [message] = stack.sqs.receive_message(QueueUrl=stack.ref("FailureQueue"))["Messages"]
    record = json.loads(message["Body"])
    assert record["requestPayload"]["detail"] == {"fails": True}
    assert record["requestContext"]["approximateInvokeCount"] == 2


def test_what_is_published_to_a_topic_lies_in_its_inbox_once(stack: Stack) -> None:
    inbox = Inbox(stack, "NewsTopic")
    stack.sns.publish(TopicArn=stack.ref("NewsTopic"), Message="diagnosed", Subject="one")
    assert inbox.take() == ["diagnosed"]
    assert inbox.take() == []


def test_a_function_answers_at_its_address(stack: Stack, mappings: Mappings, handlers: Handlers) -> None:
    [output] = stack.template.outputs()
    with mappings:
        request = urllib.request.Request(
            f"{output.value}plain?a=1", data=b'{"x": 1}', headers={"X-Token": "t"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert (answer.status, answer.headers["x-seen"], answer.read()) == (202, "yes", b"taken")
        mappings.functions["WebFunction"].reserved_concurrency = 0
        with pytest.raises(urllib.error.HTTPError, match="429"):
            urllib.request.urlopen(request, timeout=10)
    [event] = handlers.requests
    assert (event["rawPath"], event["rawQueryString"], event["body"]) == ("/plain", "a=1", '{"x": 1}')
    assert event["headers"]["x-token"] == "t"
    assert event["requestContext"]["http"]["method"] == "POST"


def test_a_rule_that_reaches_no_queue_is_refused(create_stack: CreateStack) -> None:
    with pytest.raises(TemplateError, match=r"AlarmRule: .*its queues"):
        create_stack(TEMPLATE.replace("Arn: !GetAtt EventsQueue.Arn", "Arn: arn:aws:sns:us-east-1:1:x", 1))
