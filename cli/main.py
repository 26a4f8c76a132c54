"""The door: `differential COMMAND`, its options, and what an error becomes."""

import importlib
import sys
from collections.abc import Sequence

import click

from cli import VERSION
from cli.errors import INTERRUPTED, CliError, Exit, plainly
from cli.screen import one_line

COMMANDS = {
    "list": "the tickets that are open, severest first",
    "show": "one ticket with its diagnosis",
    "report": "a Markdown draft of the record of an incident",
    "watch": "a ticket's states as they happen, until it is diagnosed",
    "open": "a ticket, from options, a file or standard input",
    "rediagnose": "ask for a fresh diagnosis",
    "feedback": "say whether a diagnosis was right",
    "acknowledge": "say that somebody has seen it",
    "hold": "keep monitors from resolving a ticket",
    "resolve": "say that it is over",
    "detach": "make the member of an incident a ticket of its own",
    "gate": "whether Claude is called now; open it by hand",
    "spend": "what the day has cost, against its cap",
    "redrive": "bring failed tickets back from the dead letters",
    "mcp": "an assistant's way in: a server of the Model Context Protocol",
    "doctor": "look a deployed stack over, and say what to do",
}
"""Every command with its one line, so that `--help` imports none of them."""


class Commands(click.Group):
    """Imports a command's module when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION)
def differential() -> None:
    """See what Differential thinks of your incidents, and answer it.

    Every command takes --stack, --profile, --region, --local and --json. Exit codes: 0 done, 1 it is not so,
    2 wrong usage, 3 AWS or the stack cannot be asked, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives back its exit code; an error is one line on standard error."""
    given = sys.argv[1:] if arguments is None else arguments
    if odd := next((each for each in given if not _is_text(each)), None):
        return _say(CliError(f"an argument is no text in UTF-8: {odd}", Exit.USAGE))
    try:
        code = differential.main(given, prog_name="differential", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(INTERRUPTED, err=True)
        return Exit.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return Exit.USAGE
    except click.ClickException as error:
        return _say(CliError(f"{error.format_message().rstrip('.')}{_help_for(error)}", Exit.USAGE))
    except CliError as error:
        return _say(error)
    except BrokenPipeError:
        sys.stderr.close()  # the reader, such as `head`, has seen enough
        return Exit.OK
    except Exception as error:
        if told := plainly(error):
            return _say(told)
        raise
    return code if isinstance(code, int) else Exit.OK


def run() -> None:
    """What `differential` runs."""
    sys.exit(main())


def _say(error: CliError) -> int:
    click.echo(f"differential: {one_line(str(error), 500)}", err=True)
    return error.code


def _help_for(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"; `{context.command_path} --help` has more" if context else ""


def _is_text(argument: str) -> bool:
    """Bytes that are no UTF-8 come from the shell as halves of pairs, which no table takes."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True
