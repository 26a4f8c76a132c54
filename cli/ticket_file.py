"""Tickets of the user's own, read from a file as a producer would write them; all that is wrong is said."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from cli.ticket_formats import Entry, FormatError, entries, shown

_DIAGNOSED = ("open", "acknowledged")
_DEEPEST = 32
"""DynamoDB's limit for maps and lists inside one another."""
_LARGEST_EXPONENT = 125
"""A number is below 1e126. Source: DynamoDB, numbers."""


class TicketFileError(Exception):
    """The file holds no tickets that could be written.

    A line for each fault: the file, the place in it, the field and its value.
    """


def read_tickets(path: Path) -> list[dict[str, Any]]:
    """The tickets in `path`, fractions as Decimal. What only the pipeline can judge is left to it."""
    try:
        found = list(entries(path))
    except OSError as error:
        raise TicketFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TicketFileError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from error
    except FormatError as error:
        raise TicketFileError(f"{path}: {error}") from error
    faults = [
        f"{path}{', ' if entry.place else ''}{entry.place}: {fault}"
        for entry in found
        for fault in _faults(entry)
    ]
    faults += [f"{path}, {fault}" for fault in _repeated(found)]
    if not found:
        faults = [f"{path}: holds no ticket"]
    if faults:
        raise TicketFileError("\n".join(faults))
    return [entry.value for entry in found]


def _faults(entry: Entry) -> Iterator[str]:
    """Everything that keeps a ticket from being written and diagnosed, each with its field."""
    ticket = entry.value
    if isinstance(ticket, FormatError):
        yield str(ticket)
        return
    if not isinstance(ticket, dict):
        yield f"a ticket is an object with fields, not {shown(ticket)}"
        return
    if not (isinstance(ticket.get("ticket_id"), str) and ticket["ticket_id"]):
        yield _problem(ticket, "ticket_id", "a text that is not empty")
    if ticket.get("status") not in _DIAGNOSED:
        yield f"{_problem(ticket, 'status', ' or '.join(_DIAGNOSED))} (no other ticket is diagnosed)"
    if "diagnosis_status" in ticket:
        yield (
            f"diagnosis_status: {shown(ticket['diagnosis_status'])} belongs to the pipeline;"
            " leave it out to have this ticket diagnosed"
        )
    yield from _unstorable(ticket, "", 0)


def _problem(ticket: dict[str, Any], field: str, wanted: str) -> str:
    if field not in ticket:
        return f"{field}: missing, must be {wanted}"
    return f"{field}: must be {wanted}, not {shown(ticket[field])}"


def _unstorable(value: Any, field: str, depth: int) -> Iterator[str]:
    """The values in `value` that DynamoDB cannot hold."""
    if depth > _DEEPEST:
        yield f"{field}: deeper than {_DEEPEST} levels, which DynamoDB does not take"
    elif isinstance(value, dict):
        for name, inner in value.items():
            path = f"{field}.{name}" if field else str(name)
            if not isinstance(name, str):
                yield f"{path}: the name of a field must be a text, not {shown(name)}"
            else:
                yield from _unstorable(inner, path, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unstorable(inner, f"{field}[{number}]", depth + 1)
    else:
        try:
            TypeSerializer().serialize(value)
            fits = not isinstance(value, Decimal) or value.adjusted() <= _LARGEST_EXPONENT
        except (ArithmeticError, TypeError):
            fits = False
        if not fits:
            yield f"{field}: DynamoDB cannot hold {shown(value)} (numbers have at most 38 digits)"


def _repeated(found: list[Entry]) -> Iterator[str]:
    first: dict[str, str] = {}
    for entry in found:
        ticket_id = entry.value.get("ticket_id") if isinstance(entry.value, dict) else None
        if isinstance(ticket_id, str) and first.setdefault(ticket_id, entry.place) != entry.place:
            yield f"{entry.place}: ticket_id: {shown(ticket_id)} is that of {first[ticket_id]} too"
