"""What the pages have a reader type for AWS: operations and options that the CLI has."""

import re
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from local.aws.template import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"\baws ([a-z]+) ([a-z][a-z-]+)((?:\\\n|[^`\n])*)")
"""Up to the end of the span or the line; a line goes on after a backslash."""
OF_THE_CLI = {"cli-binary-format"}


def commands() -> list[tuple[str, str, str]]:
    return [found for page in PAGES for found in COMMAND.findall(page.read_text("utf-8"))]


@cache
def service(name: str) -> Any:
    return botocore.session.Session().get_service_model(name)


def operation(name: str, words: str) -> Any:
    """The operation that a command calls."""
    by_name = {xform_name(each, "-"): each for each in service(name).operation_names}
    return service(name).operation_model(by_name[words])


@pytest.mark.parametrize(("name", "words", "rest"), commands())
def test_a_command_exists_and_has_the_options_that_it_needs_and_no_others(
    name: str, words: str, rest: str
) -> None:
    shape = operation(name, words).input_shape
    given = {option.removeprefix("no-") for option in re.findall(r" --([a-z-]+)", rest)}

    assert given - OF_THE_CLI <= {xform_name(member, "-") for member in shape.members}
    if rest.strip():  # it is not just named
        assert {xform_name(member, "-") for member in shape.required_members} <= given


def test_commands_are_found() -> None:
    assert {("dynamodb", "put-item"), ("lambda", "put-function-concurrency")} <= {
        (name, words) for name, words, _ in commands()
    }
