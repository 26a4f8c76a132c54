"""`differential report`."""

from collections.abc import Iterator
from typing import Any

import click

from cli.one_ticket import ticket
from cli.options import Session, about_a_ticket, with_session
from cli.screen import printable
from rendering.markdown import markdown
from rendering.room import within
from tickets.queries import TicketQueries
from tickets.table import TicketTable
from views.report import facts_of
from views.report_text import blocks_of

LONGEST = 256 * 1024
"""Bytes of the document: enough for any record, which a ticket of at most 400 KiB holds."""


@click.command()
@about_a_ticket
@with_session
def command(session: Session, ticket_id: str) -> None:
    """A Markdown draft of the record of the incident TICKET_ID: what is known, and what is not."""
    item = ticket(session, ticket_id)
    facts = facts_of(item, _members(session, ticket_id))
    if session.screen.is_json:
        session.screen.data(facts)
    else:
        click.echo(printable(within(LONGEST, lambda room: blocks_of(facts, room), markdown)), nl=False)


def _members(session: Session, incident_id: str) -> Iterator[dict[str, Any]]:
    queries = TicketQueries(TicketTable(session.deployment.tickets))
    after: Any = None
    while True:
        items, after = queries.page_of_members(incident_id, after)
        yield from items
        if after is None:
            return
