"""`differential open`."""

import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from cli.errors import CliError, Exit
from cli.options import Session, with_session
from cli.ticket_file import TicketFileError, read_tickets
from runtime.clock import iso
from runtime.items import storable
from tickets.states import Status

STANDARD_INPUT = "standard input"
"""As errors call it."""


@click.command()
@click.argument("file", required=False, type=click.Path(allow_dash=True))
@click.option("--id", "ticket_id", default="", help="Its id; one is made if none is given.")
@click.option("--invariant", "invariant_name", default="", help="Which rule was broken.")
@click.option("--message", default="", help="What was seen, with its figures.")
@click.option("--component", default="", help="What it was seen on.")
@click.option("--subject", default="", help="The system that it belongs to.")
@click.option("--severity", default="", help="warning unless you say.")
@with_session
def command(session: Session, file: str | None, ticket_id: str, **fields: str) -> None:
    """A ticket from options, or the tickets in FILE.

    FILE is JSON, JSON Lines, YAML or DynamoDB JSON in any of them; - is standard input.
    """
    tickets = _from_file(file) if file else [_from_options(ticket_id, fields)]
    opened: list[str] = []
    refused: list[str] = []
    for ticket in tickets:
        if not _put(session, ticket):
            refused.append(ticket["ticket_id"])
            continue
        opened.append(ticket["ticket_id"])
        if not session.screen.is_json:
            named = ticket["ticket_id"]
            session.screen.line(f"{named}: open; `differential watch {named}` waits for its diagnosis")
    if session.screen.is_json:
        session.screen.data({"opened": opened})
    if refused:
        more = f" (so with {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise CliError(f"{refused[0]}: there is a ticket of this id{more}; give another one")


def _from_options(ticket_id: str, fields: dict[str, str]) -> dict[str, Any]:
    missing = [name for name in ("invariant_name", "message") if not fields[name].strip()]
    if missing:
        options = " and ".join(f"--{name.removesuffix('_name')}" for name in missing)
        raise CliError(f"a ticket needs {options}, or a file", Exit.USAGE)
    made = ticket_id or f"{fields['invariant_name'][:60]}-{secrets.token_hex(4)}"
    made_at = {"first_seen_at": iso(time.time())}
    return {"ticket_id": made, "status": Status.OPEN.value, **made_at} | {
        name: value for name, value in fields.items() if value
    }


def _from_file(file: str) -> list[dict[str, Any]]:
    try:
        if file != "-":
            return read_tickets(Path(file))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / STANDARD_INPUT
            path.write_bytes(sys.stdin.buffer.read())
            return read_tickets(path)
    except TicketFileError as error:
        first, *others = str(error).splitlines()
        told = first.partition(STANDARD_INPUT)
        more = f" (and {len(others)} more faults)" if others else ""
        raise CliError((STANDARD_INPUT + told[2] if told[1] else first) + more, Exit.USAGE) from error


def _put(session: Session, ticket: dict[str, Any]) -> bool:
    """Whether it was written; one that is there is not overwritten."""
    try:
        session.deployment.tickets.put_item(
            Item=storable(ticket), ConditionExpression=Attr("ticket_id").not_exists()
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
