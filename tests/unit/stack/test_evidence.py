"""The rights of the sources of evidence: there when the source's parameter is on, and only then."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.template import Template

SOURCES = {
    "ReadMetrics": {"cloudwatch:GetMetricData", "cloudwatch:ListMetrics"},
    "ReadAlarms": {"cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"},
    "ReadLogs": {
        "logs:DescribeLogGroups",
        "logs:FilterLogEvents",
        "logs:GetQueryResults",
        "logs:StartQuery",
        "logs:StopQuery",
    },
    "ReadChanges": {
        "application-signals:ListEntityEvents",
        "application-signals:ListServiceStates",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStackResources",
        "cloudtrail:LookupEvents",
        "codedeploy:BatchGetDeployments",
        "codedeploy:ListDeployments",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "lambda:ListVersionsByFunction",
        "ssm:DescribeParameters",
    },
    "ReadNeighbours": {
        "application-signals:ListServiceDependencies",
        "application-signals:ListServiceDependents",
        "application-signals:ListServices",
        "cloudformation:DescribeStackResources",
        "cloudwatch:DescribeAlarms",
        "dynamodb:BatchGetItem",
        "dynamodb:Scan",
        "tag:GetResources",
    },
    "ReadSimilar": {"dynamodb:Query"},
    "ReadHealth": {"health:DescribeEvents"},
    "ReadTraces": {"xray:BatchGetTraces", "xray:GetTraceSummaries"},
    "ReadTemplate": {"cloudformation:DescribeStackResources", "cloudformation:GetTemplate"},
}
"""A source's parameter, and what it gives the right to."""
OFF_BY_DEFAULT = ("ReadHealth", "ReadTraces", "ReadTemplate")
READING = (
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "StartQuery",
    "StopQuery",
)


def granted(**parameters: str) -> dict[str, set[str]]:
    """The actions of each statement, by its name."""
    return {
        statement["Sid"]: set(action if isinstance(action := statement["Action"], list) else [action])
        for statement in statements(Template.read(parameters=parameters))
    }


def statements(template: Template) -> Iterator[dict[str, Any]]:
    for policy in template.resource("DiagnoseRole").properties["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.parametrize(("parameter", "given"), SOURCES.items(), ids=SOURCES)
def test_a_sources_rights_come_and_go_with_its_parameter(parameter: str, given: set[str]) -> None:
    on, off = granted(**{parameter: "true"}), granted(**{parameter: "false"})

    assert set().union(*(on[name] for name in on.keys() - off.keys())) == given
    assert off.items() <= on.items()


def test_nothing_that_costs_or_needs_more_than_reading_is_on_by_default() -> None:
    by_default = granted()

    for parameter in SOURCES:
        assert (granted(**{parameter: "true"}) == by_default) is (parameter not in OFF_BY_DEFAULT)


def test_the_log_groups_that_may_be_read_are_those_of_the_parameter() -> None:
    template = Template.read(parameters={"ReadableLogGroups": "/aws/lambda/shop-*"})
    [reading] = [statement for statement in statements(template) if statement["Sid"] == "ReadLogs"]

    assert all(":log-group:/aws/lambda/shop-*" in resource for resource in reading["Resource"])


@pytest.mark.parametrize("parameter", SOURCES)
def test_the_function_is_told_which_sources_it_has(parameter: str) -> None:
    variable = "READ_" + parameter.removeprefix("Read").upper()
    for value in ("true", "false"):
        function = Template.read(parameters={parameter: value}).resource("DiagnoseFunction")
        assert function.properties["Environment"]["Variables"][variable] == value


def test_no_source_may_write_or_read_what_tickets_do_not_ask_for() -> None:
    given = set().union(*SOURCES.values())

    assert all(action.partition(":")[2].startswith(READING) for action in given)
