"""The sample tickets and Lambda events in events/, as the demo and the tests read them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).resolve().parents[2] / "events"
TICKETS = EVENTS / "tickets"
LIVE = "lambda-errors-after-deploy"
"""The ticket that says only that an alarm fired: the rest is for the sources to find (local/demo/live)."""

ALARM = "checkout-quote-errors"
"""That alarm; of it, intake writes the same ticket itself."""


def ticket_names() -> list[str]:
    """Names of the shipped tickets, sorted."""
    return sorted(path.stem for path in TICKETS.glob("*.json"))


def load_ticket(name: str) -> dict[str, Any]:
    """One shipped ticket, ready to be put: fractions are Decimals, because boto3 refuses floats."""
    ticket: dict[str, Any] = json.loads(_text(TICKETS, name), parse_float=Decimal)
    return ticket


def load_event(name: str) -> dict[str, Any]:
    """One Lambda event, as Lambda would hand it to a handler."""
    event: dict[str, Any] = json.loads(_text(EVENTS, name))
    return event


def _text(folder: Path, name: str) -> str:
    return (folder / f"{name}.json").read_text("utf-8")
