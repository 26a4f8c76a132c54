"""`differential rediagnose`."""

import click

from cli.one_ticket import people, tell
from cli.options import Session, about_a_ticket, with_session


@click.command()
@about_a_ticket
@click.argument("why", default="")
@with_session
def command(session: Session, ticket_id: str, why: str) -> None:
    """Ask for a fresh diagnosis of TICKET_ID, and say WHY: it is kept with the former one."""
    outcome = people(session).rediagnose(ticket_id, why)
    tell(session, ticket_id, "will be diagnosed again", outcome)
