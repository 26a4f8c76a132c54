"""`differential watch`."""

import time
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import click

from cli.contents import why_it_waits
from cli.errors import Exit
from cli.one_ticket import ticket
from cli.options import Session, about_a_ticket, with_session
from cli.screen import one_line
from tickets.states import DiagnosisStatus, Status
from views.listing import WAITING

EVERY_SECONDS = 1.0


@click.command()
@about_a_ticket
@with_session
def command(session: Session, ticket_id: str) -> int:
    """The states of TICKET_ID as they happen, until it is diagnosed; 1 when it cannot be."""
    screen, seen = session.screen, ""
    live = not screen.is_json and screen.console.is_terminal
    status = screen.console.status("") if live else nullcontext()
    with status as spinner:
        while True:
            item = ticket(session, ticket_id)
            state, why = _state(item)
            if state != seen:
                seen = state
                if screen.is_json:
                    screen.data({"ticket_id": ticket_id, "state": state, "why": why})
                else:
                    screen.line(
                        f"{datetime.now().astimezone():%H:%M:%S}  {state}{f'  ({why})' if why else ''}"
                    )
            if (code := _ended(item)) is not None:
                return code
            if spinner is not None:
                spinner.update(f"{one_line(ticket_id, 60)}: {state}")
            time.sleep(EVERY_SECONDS)


def _state(item: dict[str, Any]) -> tuple[str, str]:
    return str(item.get("diagnosis_status", WAITING)), one_line(why_it_waits(item))


def _ended(item: dict[str, Any]) -> Exit | None:
    if "rediagnose" in item:
        return None
    match item.get("diagnosis_status"):
        case DiagnosisStatus.DONE:
            return Exit.OK
        case DiagnosisStatus.FAILED:
            return Exit.NOT_SO
        case _:
            return Exit.OK if item.get("status") == Status.RESOLVED else None
