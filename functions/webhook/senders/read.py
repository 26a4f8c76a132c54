"""What was read of a body, in the words of the bus."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.incoming import MOST_BYTES_OF_A_KEY, ProducersTicket, TicketOpened, TicketResolved
from runtime.characters import bounded
from runtime.clock import iso
from webhook.fields import Fields

MOST_BYTES_OF_A_MESSAGE = 4096
MOST_BYTES_AROUND = 8192
"""Of a sender's own fields that go along as context; ten such events fit one call to the bus."""
MOST_BYTES_OF_AN_ID = 16_384
"""Of what a sender tells its violations apart by."""
COMPONENT = ("component", "instance", "pod", "container", "host", "hostname", "node", "server")
SUBJECT = ("subject", "service", "service_name", "app", "application")
SEVERITY = ("severity", "level", "priority")
"""Labels and tags that name what a ticket asks for, the most telling first."""
WATCHERS = re.compile(
    r"(?:^|[-_/.])(?:exporter|kube-state-metrics|kubelet|cadvisor|kubernetes|nodes?|blackbox|probes?|snmp"
    r"|pushgateway|federate)(?:$|[-_/.])",
    re.IGNORECASE,
)
"""In a `job` of Prometheus: what watches others.

It is one for all that it watches. As their subject it would make one incident of all alarms at once.
"""
COLLECTORS = re.compile(r"kube-state-metrics|pushgateway|federate", re.IGNORECASE)
"""In a `job`: what has the metrics of others at an address of its own, which is no component of theirs."""
COLLECTED = (
    *("component", "exported_pod", "pod", "deployment", "statefulset", "daemonset", "job_name", "cronjob"),
    *("persistentvolumeclaim", "exported_instance", "node"),
)
"""Labels of what such metrics are of."""


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


def opened(
    key: str, at: datetime, invariant: str, message: str, labels: Fields, **others: Any
) -> TicketOpened:
    """A violation that has begun, or is still there; `others` are more of its ticket's attributes."""
    known = {
        "invariant_name": invariant,
        "message": message or invariant,
        "component": labels.text(*(COLLECTED if COLLECTORS.search(labels.text("job")) else COMPONENT)),
        "subject": labels.text(*SUBJECT) or _job(labels),
        "severity": labels.text(*SEVERITY),
        **others,
    }
    ticket = ProducersTicket.model_validate({name: value for name, value in known.items() if value})
    return TicketOpened(version=1, violation_key=key, at=at, ticket=ticket)


def _job(labels: Fields) -> str:
    job = labels.text("job")
    return "" if WATCHERS.search(job) else job


def resolved(key: str, at: datetime, reason: str = "") -> TicketResolved:
    """A violation that is over."""
    return TicketResolved(version=1, violation_key=key, at=at, reason=reason)


def as_event(told: TicketOpened | TicketResolved) -> tuple[str, str]:
    """Detail type and detail; halves of pairs, which no JSON of AWS's may hold, are question marks."""
    detail: dict[str, Any] = {
        "version": told.version,
        "violation_key": told.violation_key,
        "at": iso(told.at),
    }
    match told:
        case TicketOpened():
            kind, detail["ticket"] = "Ticket Opened", dict(told.attributes)
        case TicketResolved():
            kind, detail["reason"] = "Ticket Resolved", told.reason
    text = json.dumps(detail, ensure_ascii=False)
    return kind, text.encode("utf-8", "replace").decode()
