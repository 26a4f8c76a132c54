"""The webhook's door in the template: nothing of it by default; opened, it stands alone."""

import re
from typing import Any

import pytest

from local.aws.template import TEMPLATE, Template
from tests.support.translated import translated

# The template alone is looked at: there is nothing of ours to follow.
pytestmark = pytest.mark.not_followed

ALL = translated()["Resources"]
OF_IT = {name: resource for name, resource in ALL.items() if name.startswith("Webhook")}


def test_by_default_nothing_of_it_exists() -> None:
    assert OF_IT.keys() > {"WebhookFunction", "WebhookFunctionUrl", "WebhookRole", "WebhookSecret"}
    assert {resource.get("Condition") for resource in OF_IT.values()} == {"HasWebhook"}
    types = {
        resource["Type"] for resource in OF_IT.values() if not resource["Type"].startswith("AWS::Lambda")
    }
    shut = Template.read().of_type("AWS::Serverless::Function", *types)
    assert not [resource for resource in shut if resource.logical_id.startswith("Webhook")]
    assert "WebhookUrl" not in {output.name for output in Template.read().outputs()}


def test_no_other_function_has_an_address() -> None:
    urls = [name for name, resource in ALL.items() if resource["Type"] == "AWS::Lambda::Url"]
    public = [
        name
        for name, resource in ALL.items()
        if resource["Type"] == "AWS::Lambda::Permission" and resource["Properties"].get("Principal") == "*"
    ]

    assert urls == ["WebhookFunctionUrl"]
    assert all(name.startswith("WebhookFunction") for name in public)


def test_its_address_gives_anybody_its_own_executions_and_no_more() -> None:
    opened = Template.read(parameters={"WebhookDoor": "true", "WebhookConcurrency": "7"})
    function = opened.resource("WebhookFunction").properties

    assert int(function["ReservedConcurrentExecutions"]) == 7
    assert function["FunctionUrlConfig"] == {"AuthType": "NONE"}
    assert "Events" not in function


def test_its_role_reads_its_secret_and_puts_its_two_events_on_the_bus() -> None:
    [policy] = OF_IT["WebhookRole"]["Properties"]["Policies"]
    rights: dict[str, Any] = {
        statement["Action"]: statement
        for statement in policy["PolicyDocument"]["Statement"]
        if isinstance(statement["Action"], str)
    }

    assert rights.keys() == {"secretsmanager:GetSecretValue", "events:PutEvents"}
    assert rights["secretsmanager:GetSecretValue"]["Resource"] == {"Fn::GetAtt": ["WebhookSecret", "Id"]}
    assert rights["events:PutEvents"]["Condition"] == {
        "StringEquals": {
            "events:source": "differential.webhook",
            "events:detail-type": ["Ticket Opened", "Ticket Resolved"],
        }
    }


def test_its_secret_is_made_and_in_no_text() -> None:
    properties = OF_IT["WebhookSecret"]["Properties"]

    assert properties["GenerateSecretString"]["PasswordLength"] >= 32
    assert "SecretString" not in properties
    assert not re.search(r"\{\{resolve:secretsmanager", TEMPLATE.read_text("utf-8"))


def test_with_a_key_of_ones_own_its_role_may_read_the_secret_without_an_api_key() -> None:
    parameters = {
        "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "ClaudeProvider": "bedrock",
        "WebhookDoor": "true",
    }
    policy = Template.read(parameters=parameters).resource("UseKeyPolicy").properties["PolicyDocument"]

    assert any("secretsmanager" in str(statement["Condition"]) for statement in policy["Statement"])
