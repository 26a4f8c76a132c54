"""What the template makes of the parameters that choose the way to Claude."""

from collections.abc import Mapping
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from local.aws.intrinsics import Resolver
from local.aws.names import ACCOUNT, REGION, Names
from local.aws.template import TEMPLATE, Template

BEDROCK = {"ClaudeProvider": "bedrock", "BedrockGeography": "jp", "Model": "claude-opus-5-5"}
PLATFORM = {"ClaudeProvider": "aws", "WorkspaceId": "wrkspc_01AbC"}


def stack(parameters: Mapping[str, str]) -> Template:
    read = Template.read(parameters=parameters)
    read.names.learn("TicketsTable", "StreamArn", "arn:aws:dynamodb:a-stream")
    return read


def environment(parameters: Mapping[str, str]) -> dict[str, str]:
    function = stack(parameters).resource("DiagnoseFunction")
    variables: Mapping[str, str] = function.properties["Environment"]["Variables"]
    names = ("CLAUDE_PROVIDER", "MODEL", "ANTHROPIC_SECRET_ID", "WORKSPACE_ID")
    return {name: variables[name] for name in names}


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, ("anthropic", "claude-sonnet-5-5", "differential-anthropic-api-key", "")),
        ({"ClaudeProvider": "bedrock"}, ("bedrock", "global.anthropic.claude-sonnet-5-5", "", "")),
        (BEDROCK, ("bedrock", "jp.anthropic.claude-opus-5-5", "", "")),
        (PLATFORM, ("aws", "claude-sonnet-5-5", "", "wrkspc_01AbC")),
    ],
    ids=["the defaults", "bedrock's defaults", "bedrock", "aws"],
)
def test_the_function_is_told_the_way_and_the_model_as_it_is_called_there(
    parameters: Mapping[str, str], told: tuple[str, ...]
) -> None:
    assert tuple(environment(parameters).values()) == told


def test_the_role_may_ask_the_model_that_the_function_is_told_of() -> None:
    [policy] = stack(BEDROCK).resource("DiagnoseRole").properties["Policies"]
    by_name: dict[str, Any] = {
        statement["Sid"]: statement["Resource"] for statement in policy["PolicyDocument"]["Statement"]
    }
    profile = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{environment(BEDROCK)['MODEL']}"

    assert profile in by_name["AskByTheProfile"]
    assert (
        "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-5-5"
        in by_name["AskTheModelBehindTheProfile"]
    )


@pytest.mark.parametrize("parameters", [{}, BEDROCK, PLATFORM], ids=["anthropic", "bedrock", "aws"])
def test_a_secret_and_its_output_are_there_for_a_key_alone(parameters: Mapping[str, str]) -> None:
    made = stack(parameters)

    assert bool(made.of_type("AWS::SecretsManager::Secret")) == (parameters == {})
    assert ("AnthropicApiKeyArn" in {output.name for output in made.outputs()}) == (parameters == {})


@pytest.mark.parametrize(
    ("parameters", "deploys"),
    [({}, True), (BEDROCK, True), (PLATFORM, True), ({"ClaudeProvider": "aws"}, False)],
    ids=["anthropic", "bedrock", "aws", "aws without a workspace"],
)
def test_a_deployment_without_its_workspace_is_refused(parameters: Mapping[str, str], deploys: bool) -> None:
    document = yaml_parse(TEMPLATE.read_text("utf-8"))
    defaults = {name: str(declared["Default"]) for name, declared in document["Parameters"].items()}
    resolver = Resolver(document["Conditions"], {}, Names(document, {**defaults, **parameters}))
    rule = document["Rules"]["WorkspaceIsNamed"]
    holds = [resolver.resolve(assertion["Assert"]) for assertion in rule["Assertions"]]

    assert (not resolver.resolve(rule["RuleCondition"]) or all(holds)) == deploys
