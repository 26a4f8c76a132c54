"""What a sender has told, in any form: that a violation has begun, or that it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class TicketOpened:
    violation_key: str
    at: datetime
    ticket: Mapping[str, Any]


@dataclass(frozen=True)
class TicketResolved:
    violation_key: str
    at: datetime
    reason: str = ""
