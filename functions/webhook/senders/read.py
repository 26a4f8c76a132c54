"""What was read of a body."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.characters import bounded
from webhook.fields import Fields
from webhook.senders.told import TicketOpened, TicketResolved

MOST_BYTES_OF_A_MESSAGE = 4096
MOST_BYTES_AROUND = 8192
"""Of a sender's own fields that go along as context; ten such events fit one call to the bus."""
MOST_BYTES_OF_A_KEY = 1024
MOST_BYTES_OF_AN_ID = 16_384
"""Of what a sender tells its violations apart by."""
COMPONENT = ("component", "instance", "pod", "container", "host", "hostname", "node", "server")
SUBJECT = ("subject", "service", "service_name", "app", "application", "job")
SEVERITY = ("severity", "level", "priority")
"""Labels and tags that name what a ticket asks for, the most telling first."""


@dataclass
class Read:
    """`faults` name what could not be read of it; `ignored` counts what tells of no violation."""

    told: list[TicketOpened | TicketResolved] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ignored: int = 0


def violation_key(*parts: str) -> str:
    """The parts with colons between them; a key that is too long keeps its beginning, and a digest."""
    key = ":".join(parts)
    if len(key.encode()) <= MOST_BYTES_OF_A_KEY:
        return key
    beginning = bounded(key, MOST_BYTES_OF_A_KEY // 2)
    return f"{beginning}:{hashlib.sha256(key.encode()).hexdigest()}"


def ticket(invariant: str, message: str, labels: Fields, **others: Any) -> dict[str, Any]:
    """What a producer writes of a ticket, without what is empty."""
    known: Mapping[str, Any] = {
        "invariant_name": invariant,
        "message": message or invariant,
        "component": labels.text(*COMPONENT),
        "subject": labels.text(*SUBJECT),
        "severity": labels.text(*SEVERITY),
    }
    return {name: value for name, value in {**known, **others}.items() if value}
