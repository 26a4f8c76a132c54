"""`differential detach`."""

import click

from cli.one_ticket import people, tell
from cli.options import Session, about_a_ticket, asks_first, confirm, with_session


@click.command()
@about_a_ticket
@click.argument("why", default="")
@asks_first
@with_session
def command(session: Session, ticket_id: str, why: str, *, yes: bool) -> None:
    """Take TICKET_ID out of its incident: it becomes a ticket of its own, and is diagnosed by itself."""
    confirm(f"Detach {ticket_id} from its incident?", yes=yes)
    tell(session, ticket_id, "will be a ticket of its own", people(session).detach(ticket_id, why))
