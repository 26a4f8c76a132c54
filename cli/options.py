"""What every command takes, and hands to its function as `Session`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any

import click

from cli.deployment import Deployment, Where
from cli.screen import Screen, one_line
from runtime.faults import shown

LONGEST_ID = 2048
"""Bytes. Source: DynamoDB, partition keys."""
OPTIONS = (
    click.option(
        "--stack",
        envvar="DIFFERENTIAL_STACK",
        default="differential",
        show_default=True,
        show_envvar=True,
        help="The stack's name.",
    ),
    click.option("--profile", default="", envvar="AWS_PROFILE", help="The AWS profile to go by."),
    click.option("--region", default="", help="The AWS region of the stack."),
    click.option("--local", "is_local", is_flag=True, help="The stack that `make local` keeps up."),
    click.option("--json", "is_json", is_flag=True, help="One JSON document, for programs."),
)


@dataclass(frozen=True)
class Session:
    """The stack that is meant, and where the answer goes."""

    deployment: Deployment
    screen: Screen


def with_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the common options, and its function a Session in their place."""

    def run(stack: str, profile: str, region: str, is_local: bool, is_json: bool, **given: Any) -> Any:
        where = Where(stack, "" if is_local else profile, region, is_local)
        return function(Session(Deployment(where), Screen(is_json=is_json)), **given)

    for option in reversed(OPTIONS):
        run = option(run)
    return update_wrapper(run, function)


class TicketId(click.ParamType[str]):
    """A key that the table can hold."""

    name = "ticket_id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not 0 < len(value.encode()) <= LONGEST_ID:
            self.fail(f"must be a text of 1 to {LONGEST_ID} bytes, got {shown(value)}", param, ctx)
        return str(value)


about_a_ticket = click.argument("ticket_id", type=TicketId())


def asks_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--yes`: a command that cannot be taken back asks, unless it is given."""
    return click.option("--yes", is_flag=True, help="Do not ask.")(function)


def confirm(question: str, *, yes: bool) -> None:
    """Raises click.Abort when the answer is no, or nobody is there to ask."""
    if not yes:
        click.confirm(one_line(question), abort=True, err=True)
