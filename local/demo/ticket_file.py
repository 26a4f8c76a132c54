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
        ticket = json.loads(path.read_text("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse_constant)
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
    if faults := _faults(ticket):
        raise TicketFileError(f"{path}: {'; '.join(faults)}")
    return ticket


def _faults(ticket: dict[str, Any]) -> list[str]:
    """Everything that keeps the ticket from being written and diagnosed, each with its field."""
    faults = []
    if not (isinstance(ticket.get("ticket_id"), str) and ticket["ticket_id"]):
        faults.append(f"ticket_id: {_problem(ticket, 'ticket_id', 'a text that is not empty')}")
    if ticket.get("status") not in _DIAGNOSED:
        problem = _problem(ticket, "status", " or ".join(_DIAGNOSED))
        faults.append(f"status: {problem} (no other ticket is diagnosed)")
    if "diagnosis_status" in ticket:
        faults.append("diagnosis_status: belongs to the pipeline; leave it out to have this ticket diagnosed")
    return faults


def _problem(ticket: dict[str, Any], field: str, wanted: str) -> str:
    if field not in ticket:
        return f"missing, must be {wanted}"
    value = ticket[field]
    return f"must be {wanted}, not {value if isinstance(value, Decimal) else repr(value)}"


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number or a boolean")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is a number that neither JSON nor DynamoDB has")
