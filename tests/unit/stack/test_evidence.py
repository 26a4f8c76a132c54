"""The rights of the sources of evidence: there when the source's parameter is on, and only then."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.template import Template

SOURCES = {
    "ReadMetrics": {"cloudwatch:GetMetricData", "cloudwatch:ListMetrics"},
    "ReadAlarms": {"cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"},
}
"""A source's parameter, and what it gives the right to."""


def actions(**parameters: str) -> set[str]:
    given: set[str] = set()
    for statement in statements(Template.read(parameters=parameters)):
        action = statement["Action"]
        given.update(action if isinstance(action, list) else [action])
    return given


def statements(template: Template) -> Iterator[dict[str, Any]]:
    for policy in template.resource("DiagnoseRole").properties["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.parametrize(("parameter", "given"), SOURCES.items(), ids=SOURCES)
def test_a_sources_rights_come_and_go_with_its_parameter(parameter: str, given: set[str]) -> None:
    on, off = actions(), actions(**{parameter: "false"})

    assert on - off == given
    assert off <= on


@pytest.mark.parametrize("parameter", SOURCES)
def test_the_function_is_told_which_sources_it_has(parameter: str) -> None:
    variable = "READ_" + parameter.removeprefix("Read").upper()
    for value in ("true", "false"):
        function = Template.read(parameters={parameter: value}).resource("DiagnoseFunction")
        assert function.properties["Environment"]["Variables"][variable] == value


def test_no_source_may_write_or_read_what_tickets_do_not_ask_for() -> None:
    given = set().union(*SOURCES.values())

    assert all(action.partition(":")[2].startswith(("Get", "List", "Describe")) for action in given)
