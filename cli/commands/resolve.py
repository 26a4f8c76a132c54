"""`differential resolve`."""

import click

from cli.one_ticket import people, tell
from cli.options import Session, about_a_ticket, asks_first, confirm, with_session


@click.command()
@about_a_ticket
@asks_first
@with_session
def command(session: Session, ticket_id: str, *, yes: bool) -> None:
    """Say that TICKET_ID is over; one that waits is then not diagnosed."""
    confirm(f"Resolve {ticket_id}?", yes=yes)
    tell(session, ticket_id, "resolved", people(session).resolve(ticket_id))
