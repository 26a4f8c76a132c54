"""The local stack reads the same template that is deployed."""

import json
import textwrap

import pytest

from local.aws.intrinsics import TemplateError
from local.aws.template import Template
from tests.conftest import CreateStack


def template(resources: str, head: str = "", **parameters: str) -> Template:
    text = textwrap.dedent(head) + "\nResources:\n" + textwrap.indent(textwrap.dedent(resources), "  ")
    return Template(text, parameters=parameters, endpoint="http://127.0.0.1:4566")


def value_of(expression: str, head: str = "", **parameters: str) -> object:
    """What a property written as `expression` becomes, beside a queue and a table."""
    resources = f"""
        Thing:
          Type: AWS::SNS::Topic
          Properties:
            DisplayName: {expression}
        WorkQueue:
          Type: AWS::SQS::Queue
        ThingsTable:
          Type: AWS::DynamoDB::Table
          Properties:
            TableName: !Sub "${{AWS::StackName}}-of-things"
    """
    return template(resources, head, **parameters).resource("Thing").properties.get("DisplayName")


HEAD = """
    Parameters:
      Stage:
        Type: String
        Default: test
        AllowedValues: [test, live]
      Size:
        Type: Number
        Default: 3
    Conditions:
      Live: !Equals [!Ref Stage, live]
      Small: !And [!Not [!Condition Live], !Equals [!Ref Size, 3]]
    Mappings:
      Sizes:
        test:
          cpu: 2
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Ref Stage", "test"),
        ("!Ref Size", "3"),
        ("!Ref ThingsTable", "differential-of-things"),
        ("!Ref WorkQueue", "http://127.0.0.1:4566/123456789012/differential-work"),
        ("!GetAtt WorkQueue.Arn", "arn:aws:sqs:us-east-1:123456789012:differential-work"),
        ("!GetAtt WorkQueue.QueueName", "differential-work"),
        ("!GetAtt ThingsTable.Arn", "arn:aws:dynamodb:us-east-1:123456789012:table/differential-of-things"),
        (
            '!Sub "${WorkQueue.QueueName} in ${AWS::Region} ${!literal}"',
            "differential-work in us-east-1 ${literal}",
        ),
        ('!Sub ["${What}-${Stage}", {What: !Ref Size}]', "3-test"),
        ("!If [Live, a, b]", "b"),
        ("!If [Small, a, b]", "a"),
        ("!Join ['-', [a, !Ref Stage]]", "a-test"),
        ("!Select [1, !Split [',', 'a,b']]", "b"),
        ("!FindInMap [Sizes, !Ref Stage, cpu]", 2),
        ("!If [Live, a, !Ref AWS::NoValue]", None),
    ],
)
def test_intrinsic_functions_are_resolved(expression: str, expected: object) -> None:
    assert value_of(expression, HEAD) == expected


def test_a_parameter_can_be_given() -> None:
    assert value_of("!If [Live, a, b]", HEAD, Stage="live") == "a"


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("!Cidr [a, 1, 2]", "Fn::Cidr"),
        ("!Ref Nothing", "Nothing"),
        ("!GetAtt WorkQueue.Colour", "WorkQueue.Colour"),
        ("!If [Missing, a, b]", "Missing"),
    ],
)
def test_what_is_not_understood_is_named_with_its_resource(expression: str, names: str) -> None:
    with pytest.raises(TemplateError, match=rf"Thing: .*{names}"):
        value_of(expression, HEAD)


@pytest.mark.parametrize(
    ("given", "names"), [({"Stage": "stage"}, "Stage is 'stage'"), ({"Colour": "red"}, "Colour")]
)
def test_a_wrong_parameter_is_refused(given: dict[str, str], names: str) -> None:
    with pytest.raises(TemplateError, match=names):
        value_of("a", HEAD, **given)


def test_a_resource_whose_condition_does_not_hold_does_not_exist() -> None:
    resources = """
        LiveQueue:
          Type: AWS::SQS::Queue
          Condition: Live
    """
    assert template(resources, HEAD).of_type("AWS::SQS::Queue") == []
    assert [
        queue.logical_id for queue in template(resources, HEAD, Stage="live").of_type("AWS::SQS::Queue")
    ] == ["LiveQueue"]


def test_globals_reach_every_function_and_its_own_values_win() -> None:
    head = """
        Globals:
          Function:
            Timeout: 10
            MemorySize: 256
            Environment:
              Variables:
                SHARED: globals
                WHERE: globals
    """
    resources = """
        OneFunction:
          Type: AWS::Serverless::Function
          Properties:
            Timeout: 20
            Environment:
              Variables:
                WHERE: own
    """
    properties = template(resources, head).resource("OneFunction").properties
    assert (properties["Timeout"], properties["MemorySize"]) == (20, 256)
    assert properties["Environment"]["Variables"] == {"SHARED": "globals", "WHERE": "own"}


def test_the_project_s_template_becomes_a_stack(create_stack: CreateStack) -> None:
    stack = create_stack()
    assert stack.ref("TicketsTable") == "differential-tickets"
    assert stack.ref("StateTable") == "differential-state"
    names = {url.rpartition("/")[2] for url in stack.sqs.list_queues()["QueueUrls"]}
    queues = ("intake", "intake-dead-letter", "retry", "dead-letter", "stream-failure", "notify-failure")
    assert names == {f"differential-{queue}" for queue in queues}
    assert stack.secrets.get_secret_value(SecretId="differential-anthropic-api-key")["SecretString"]
    attributes = stack.sqs.get_queue_attributes(QueueUrl=stack.ref("RetryQueue"), AttributeNames=["All"])[
        "Attributes"
    ]
    assert json.loads(attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": stack.arn("DeadLetterQueue"),
        "maxReceiveCount": 5,
    }
    table = stack.dynamodb.describe_table(TableName="differential-tickets")["Table"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {
        "by-status",
        "by-similar",
        "by-rediagnose",
        "by-incident",
    }
    assert stack.environment("DiagnoseFunction")["TICKETS_TABLE"] == "differential-tickets"
    assert stack.environment("RearmFunction")["RETRY_QUEUE_URL"] == stack.ref("RetryQueue")
