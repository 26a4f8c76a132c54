"""`Ticket Opened` and `Ticket Resolved`, of whoever puts them on the stack's bus."""

from collections.abc import Mapping
from typing import Any

from events.incoming import INCOMING, TicketOpened
from intake.observation import MonitorState, Observation, Place
from intake.reading.envelope import Envelope, validated
from intake.reading.values import listed, mapping, text
from subjects.discovery import resources_of

MOST_BYTES_OF_A_REASON = 2048
MOST_BYTES_OF_A_NAME = 1024


def read_producers(event: Envelope) -> Observation:
    """Raises UnreadableError."""
    told = validated(INCOMING[event.detail_type], event.detail, "detail")
    is_open = isinstance(told, TicketOpened)
    ticket = dict(told.attributes) if isinstance(told, TicketOpened) else {}
    return Observation(
        event_id=event.id,
        violation_key=told.violation_key,
        state=MonitorState.ALARM if is_open else MonitorState.OK,
        at_ms=int(told.at.timestamp() * 1000),
        ticket=ticket,
        alarm="",
        place=_place(ticket, event),
        reason="" if isinstance(told, TicketOpened) else text(told.reason, MOST_BYTES_OF_A_REASON),
    )


def _place(ticket: Mapping[str, Any], event: Envelope) -> Place:
    """Without a subject of its own a ticket's component is tried, as docs/tickets.md says."""
    component = ticket.get("component", ticket.get("store_id"))
    subject = text(ticket.get("subject"), MOST_BYTES_OF_A_NAME) or text(component, MOST_BYTES_OF_A_NAME)
    named = ticket.get("resource")
    written = [text(each, MOST_BYTES_OF_A_NAME) for each in (listed(named) or [named])]
    dimensions = {name: str(value) for name, value in mapping(ticket.get("dimensions")).items()}
    account, region = (text(ticket.get(name), 64) or getattr(event, name) for name in ("account", "region"))
    found = resources_of(dimensions, account, region)
    return Place(subject, tuple(dict.fromkeys(each for each in (*written, *found) if each)), "")
