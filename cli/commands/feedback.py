"""`differential feedback`."""

import click

from cli.one_ticket import me, people, tell
from cli.options import Session, about_a_ticket, with_session
from tickets.feedback import Verdict


@click.command()
@about_a_ticket
@click.argument("verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@click.argument("words", default="")
@with_session
def command(session: Session, ticket_id: str, verdict: str, words: str) -> None:
    """Say that the diagnosis of TICKET_ID is confirmed or wrong, and in WORDS what it was and what helped."""
    outcome = people(session).feedback(ticket_id, Verdict(verdict), words, me())
    tell(session, ticket_id, f"the diagnosis is noted as {verdict}", outcome)
