"""What a sender has told, in any form: that a violation has begun, or that it is over."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runtime.clock import iso


@dataclass(frozen=True)
class TicketOpened:
    """A violation has begun, or is still there (`at`, in UTC, by the sender's clock)."""

    violation_key: str
    at: datetime
    ticket: Mapping[str, Any]


@dataclass(frozen=True)
class TicketResolved:
    """It is over."""

    violation_key: str
    at: datetime
    reason: str = ""


DETAIL_TYPES = {TicketOpened: "Ticket Opened", TicketResolved: "Ticket Resolved"}


def as_event(told: TicketOpened | TicketResolved) -> tuple[str, str]:
    """Detail type and detail; halves of pairs, which no JSON of AWS's may hold, are question marks."""
    detail = json.dumps({"version": 1, **vars(told), "at": iso(told.at)}, ensure_ascii=False)
    return DETAIL_TYPES[type(told)], detail.encode("utf-8", "replace").decode()
