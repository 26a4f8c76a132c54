"""`differential acknowledge`."""

import click

from cli.one_ticket import me, people, tell
from cli.options import Session, about_a_ticket, with_session


@click.command()
@about_a_ticket
@with_session
def command(session: Session, ticket_id: str) -> None:
    """Say that you have seen TICKET_ID."""
    tell(session, ticket_id, "acknowledged", people(session).acknowledge(ticket_id, me()))
