"""A ticket of the user's own, read from a JSON file as a producer would write it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

_DIAGNOSED = ("open", "acknowledged")


class TicketFileError(Exception):
    """The file holds no ticket that could be written; the text names the file, and the field if it is one."""


def read_ticket(path: Path) -> dict[str, Any]:
    """The ticket in `path`, numbers as Decimal. What only the pipeline can judge is left to the pipeline."""
    try:
        ticket = json.loads(path.read_text("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant)
    except OSError as error:
        raise TicketFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TicketFileError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise TicketFileError(
            f"{path}: not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except ValueError as error:
        raise TicketFileError(f"{path}: {error}") from error
    if not isinstance(ticket, dict):
        raise TicketFileError(f"{path}: a ticket is one JSON object, not {_kind(ticket)}")
    if not (isinstance(ticket.get("ticket_id"), str) and ticket["ticket_id"]):
        raise TicketFileError(
            f"{path}: ticket_id: {_problem(ticket, 'ticket_id', 'a text that is not empty')}"
        )
    if ticket.get("status") not in _DIAGNOSED:
        problem = _problem(ticket, "status", " or ".join(_DIAGNOSED))
        raise TicketFileError(f"{path}: status: {problem}; no other ticket is diagnosed")
    if "diagnosis_status" in ticket:
        raise TicketFileError(
            f"{path}: diagnosis_status: belongs to the pipeline; leave it out to have this ticket diagnosed"
        )
    return ticket


def _problem(ticket: dict[str, Any], field: str, wanted: str) -> str:
    return f"missing, must be {wanted}" if field not in ticket else f"must be {wanted}, not {ticket[field]!r}"


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number or a boolean")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is a number that neither JSON nor DynamoDB has")
