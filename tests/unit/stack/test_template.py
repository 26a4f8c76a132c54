"""What template.yaml promises to those who deploy it: lint-free, least privilege, nothing lost."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from local.aws.template import ROOT, TEMPLATE
from tests.support.translated import translated

# The template alone is looked at: there is nothing of ours to follow.
pytestmark = pytest.mark.not_followed

Resource = dict[str, Any]

STACK_NAME = {"Ref": "AWS::StackName"}
NO_VALUE = {"Ref": "AWS::NoValue"}
WITHOUT_RESOURCES = {
    "application-signals:ListEntityEvents",
    "application-signals:ListServiceDependencies",
    "application-signals:ListServiceDependents",
    "application-signals:ListServiceStates",
    "application-signals:ListServices",
    "cloudtrail:LookupEvents",
    "ecs:DescribeTaskDefinition",
    "health:DescribeEvents",
    "logs:GetQueryResults",
    "logs:StopQuery",
    "ssm:DescribeParameters",
    "tag:GetResources",
    "xray:BatchGetTraces",
    "xray:GetTraceSummaries",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListAlarmMuteRules",
    "cloudwatch:ListMetrics",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions that AWS lets nobody restrict to a resource. Source: the service authorization reference."""
FOURTEEN_DAYS = 14 * 24 * 3600


def declared() -> dict[str, Any]:
    document: dict[str, Any] = yaml_parse(TEMPLATE.read_text("utf-8"))
    return document


RESOURCES: Mapping[str, Resource] = declared()["Resources"]


def of_type(kind: str) -> list[Any]:
    found = [pytest.param(value, id=name) for name, value in RESOURCES.items() if value["Type"] == kind]
    assert found, f"the template has no {kind}"
    return found


def statements(role: Resource) -> Iterator[dict[str, Any]]:
    """All that a role may be given, whatever the parameters say."""
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def only_with_a_key(when_given: Any, otherwise: Any) -> dict[str, Any]:
    return {"Fn::If": ["HasKmsKey", when_given, otherwise]}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_sam_finds_no_fault() -> None:
    sam = shutil.which("sam", path=f"{ROOT / '.venv-sam' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert sam, "the SAM CLI is missing: `make tools` installs it"

    run = subprocess.run(
        [sam, "validate", "--lint", "--template", str(TEMPLATE), "--region", "us-east-1"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def test_cfn_lint_finds_no_fault_in_what_sam_makes_of_it() -> None:
    """The raw template hides faults of what SAM generates: a mapping's limits, time-outs that do not fit."""
    from cfnlint.api import lint  # noqa: PLC0415 - a second of each worker's, for one test

    assert [str(match) for match in lint(json.dumps(translated()))] == []


@pytest.mark.parametrize("role", of_type("AWS::IAM::Role"))
def test_a_role_names_its_actions_and_resources(role: Resource) -> None:
    if role is not RESOURCES["ChatRole"]:  # it touches nothing that is encrypted
        key = only_with_a_key([{"Ref": "UseKeyPolicy"}], NO_VALUE)
        assert role["Properties"]["ManagedPolicyArns"] == key
    for statement in statements(role):
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        if statement["Resource"] == "*":
            assert set(listed(statement["Action"])) <= WITHOUT_RESOURCES


@pytest.mark.parametrize("function", of_type("AWS::Serverless::Function"))
def test_a_function_has_a_role_and_a_log_group_of_its_own(function: Resource) -> None:
    properties = function["Properties"]
    role, _ = properties["Role"]["Fn::GetAtt"]
    log_group = properties["LoggingConfig"]["LogGroup"]["Ref"]
    others = [other for other in RESOURCES.values() if other is not function]

    assert not [other for other in others if other.get("Properties", {}).get("Role") == properties["Role"]]
    assert RESOURCES[log_group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert [
        statement["Resource"]
        for statement in statements(RESOURCES[role])
        if "logs:PutLogEvents" in statement["Action"]
    ] == [{"Fn::GetAtt": [log_group, "Arn"]}]


@pytest.mark.parametrize("queue", of_type("AWS::SQS::Queue"))
def test_a_queue_is_encrypted_and_keeps_messages_for_14_days(queue: Resource) -> None:
    assert queue["Properties"]["SqsManagedSseEnabled"] == only_with_a_key(False, True)
    assert queue["Properties"]["KmsMasterKeyId"] == only_with_a_key({"Ref": "KmsKeyArn"}, NO_VALUE)
    assert queue["Properties"]["MessageRetentionPeriod"] == FOURTEEN_DAYS


def test_only_the_retry_queue_may_send_its_dead_letters_to_the_dead_letter_queue() -> None:
    retry, dead = RESOURCES["RetryQueue"]["Properties"], RESOURCES["DeadLetterQueue"]["Properties"]
    [allowed] = dead["RedriveAllowPolicy"]["sourceQueueArns"]

    assert retry["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
    assert allowed["Fn::Sub"].endswith(":" + retry["QueueName"]["Fn::Sub"])


@pytest.mark.parametrize("table", of_type("AWS::DynamoDB::Table"))
def test_a_table_outlives_the_stack_and_can_be_restored(table: Resource) -> None:
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["SSESpecification"]["SSEEnabled"] is True


def test_only_the_tickets_wake_anything() -> None:
    assert "StreamSpecification" not in RESOURCES["StateTable"]["Properties"]


def test_the_secret_has_no_value() -> None:
    assert RESOURCES["AnthropicApiKey"]["Properties"].keys() == {"Description", "KmsKeyId"}


def test_numbers_that_stand_in_two_places_agree() -> None:
    shared = declared()["Globals"]["Function"]["Environment"]["Variables"]
    schedule = RESOURCES["SweepFunction"]["Properties"]["Events"]["Schedule"]["Properties"]["Schedule"]
    visibility = RESOURCES["RetryQueue"]["Properties"]["VisibilityTimeout"]

    assert schedule == f"rate({int(shared['SWEEP_INTERVAL_SECONDS']) // 60} minutes)"
    assert visibility == 6 * RESOURCES["RearmFunction"]["Properties"]["Timeout"]


@pytest.mark.parametrize("alarm", of_type("AWS::CloudWatch::Alarm"))
def test_an_alarm_looks_at_its_own_stack_alone(alarm: Resource) -> None:
    """Two stacks in one account must not answer each other's alarms."""
    [dimension] = alarm["Properties"]["Dimensions"]
    if alarm["Properties"]["Namespace"] == "Differential":
        service = declared()["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        assert dimension == {"Name": "service", "Value": service} == {"Name": "service", "Value": STACK_NAME}
    else:
        assert dimension["Value"].keys() <= {"Ref", "Fn::GetAtt"}  # a resource of this stack


def test_a_ticket_may_wait_for_days() -> None:
    """Each hop sends a message to the queue that woke the function: a loop to Lambda, stopped after 16."""
    assert RESOURCES["RearmFunction"]["Properties"]["RecursiveLoop"] == "Allow"


def test_log_levels_that_would_drop_the_metrics_are_not_offered() -> None:
    assert set(declared()["Parameters"]["LogLevel"]["AllowedValues"]) == {"DEBUG", "INFO"}


@pytest.mark.parametrize("alarm", of_type("AWS::CloudWatch::Alarm"))
def test_an_alarm_reaches_people_and_has_its_paragraph(alarm: Resource) -> None:
    properties = alarm["Properties"]
    paragraph = re.fullmatch(r'.+\. docs/operations\.md, "(.+)"', properties["AlarmDescription"])

    assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "AlarmTopic"}]
    assert paragraph
    assert f"# {paragraph[1]}\n" in (ROOT / "docs/operations.md").read_text("utf-8")


@pytest.mark.parametrize("alarm", of_type("AWS::CloudWatch::Alarm"))
def test_an_alarm_watches_a_metric_that_exists(alarm: Resource) -> None:
    """A misspelt metric is an alarm that is silent for ever."""
    known = {
        "AWS/Lambda": {"Errors", "IteratorAge", "Throttles"},
        "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
        "AWS/SNS": {"NumberOfNotificationsFailed"},
    }
    properties = alarm["Properties"]
    if properties["Namespace"] in known:
        assert properties["MetricName"] in known[properties["Namespace"]]
    else:
        sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]
        assert any(f'"{properties["MetricName"]}"' in source.read_text("utf-8") for source in sources)
