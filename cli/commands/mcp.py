"""`differential mcp`."""

import os
import signal
import sys
from typing import Any, NoReturn

import click

from cli import VERSION
from cli.errors import INTERRUPTED, CliError, Exit
from cli.options import Session, with_session

NOT_INSTALLED = (
    "the package mcp, 2.3 or newer, is not installed; install it with this command line: "
    "pipx install 'differential[mcp] @ git+<this repository>'"
)
STARTED_BY_HAND = "An assistant starts this and speaks to it; docs/cli.md says how. Ctrl-C ends it."


@click.command()
@click.option("--write", is_flag=True, help="Let it write: feedback, and requests for a fresh diagnosis.")
@with_session
def command(session: Session, *, write: bool) -> None:
    """A server of the Model Context Protocol on standard input and output, for an assistant to start.

    It reads tickets; docs/cli.md says how an assistant is told of it.
    """
    try:
        from cli.assistant.server import Assistant  # noqa: PLC0415 - the package is an extra
    except ImportError as error:
        raise CliError(NOT_INSTALLED, Exit.UNREACHABLE) from error
    from cli.assistant.tools import Tools  # noqa: PLC0415 - as above

    if sys.stdin.isatty():
        click.echo(STARTED_BY_HAND, err=True)
    signal.signal(signal.SIGINT, _end)
    Assistant(Tools(session), writes=write, version=VERSION).run("stdio")


def _end(*_: Any) -> NoReturn:
    """At once: a thread waits for the next line of standard input, and Python would wait for that thread."""
    click.echo(INTERRUPTED, err=True)
    os._exit(Exit.INTERRUPTED)
