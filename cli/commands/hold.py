"""`differential hold`."""

import click

from cli.one_ticket import people, tell
from cli.options import Session, about_a_ticket, with_session


@click.command()
@about_a_ticket
@click.option("--release", is_flag=True, help="Monitors may resolve it again.")
@with_session
def command(session: Session, ticket_id: str, *, release: bool) -> None:
    """Keep monitors from resolving TICKET_ID."""
    if release:
        tell(session, ticket_id, "monitors may resolve it again", people(session).unhold(ticket_id))
    else:
        tell(session, ticket_id, "held: no monitor resolves it", people(session).hold(ticket_id))
