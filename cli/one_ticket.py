"""The ticket that a command is about, and what a person's write on it came to."""

import getpass
from typing import Any

from cli.errors import CliError
from cli.options import Session
from runtime.clock import SystemClock
from runtime.faults import shown
from tickets.people import Outcome, People
from tickets.table import TicketTable

DONE = (Outcome.DONE, Outcome.ALREADY)
"""What was asked for is so."""


def ticket(session: Session, ticket_id: str) -> dict[str, Any]:
    """The ticket as it is now. Raises CliError when there is none."""
    item = TicketTable(session.deployment.tickets).get(ticket_id)
    if item is None:
        raise CliError(
            f"there is no ticket {shown(ticket_id)}; `differential list` shows those that are open"
        )
    return item


def people(session: Session) -> People:
    """The writes of people on the stack's tickets."""
    return People(TicketTable(session.deployment.tickets), SystemClock())


def me() -> str:
    """Who is at the keyboard; empty where the system does not know, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def tell(session: Session, ticket_id: str, what: str, outcome: Outcome) -> None:
    """Says what came of a write. Raises CliError when it was refused."""
    if outcome not in DONE:
        raise CliError(f"{ticket_id}: {outcome.value}")
    if session.screen.is_json:
        session.screen.data({"ticket_id": ticket_id, "did": what, "outcome": outcome.value})
    else:
        session.screen.line(
            f"{ticket_id}: {what}" if outcome is Outcome.DONE else f"{ticket_id}: {outcome.value}"
        )
