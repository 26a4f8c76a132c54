"""`differential acknowledge`."""

import click

from cli.one_ticket import me, people, tell
from cli.options import Session, with_session


@click.command()
@click.argument("ticket_id")
@with_session
def command(session: Session, ticket_id: str) -> None:
    """Say that you have seen TICKET_ID."""
    tell(session, ticket_id, "acknowledged", people(session).acknowledge(ticket_id, me()))
