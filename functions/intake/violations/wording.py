"""What intake writes on a ticket of what a monitor said, and what is diagnosed of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from intake.observation import MonitorState, Observation
from intake.violations.violation import Violation
from runtime.clock import iso
from tickets.setting_aside import Reason
from tickets.states import Status
from tickets.urgency import RANKS, USUAL_RANK

MAX_SLUG = 60
OTHERS = re.compile(r"[^A-Za-z0-9]+")

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """What is diagnosed without anybody's asking, and how long a violation that is over may come back."""

    minimum_occurrences: int = 1
    minimum_severity: str = ""
    flap_window_ms: int = 86_400_000

    def sets_aside(self, severity: Any, occurrences: int) -> Reason | None:
        """Why a ticket is not diagnosed; None when it is."""
        if self.minimum_severity and _rank(severity) > _rank(self.minimum_severity):
            return Reason.SEVERITY
        return Reason.OCCURRENCES if occurrences < self.minimum_occurrences else None

    def is_flap(self, violation: Violation, at_ms: int) -> bool:
        """Whether an alarm at that time belongs to the former ticket."""
        return at_ms - violation.resolved_at <= self.flap_window_ms


def ticket_id_of(observation: Observation) -> str:
    """The id of a ticket that this observation opens; the same whenever the event is delivered."""
    name = str(observation.ticket.get("invariant_name") or observation.violation_key)
    slug = OTHERS.sub("-", name)[:MAX_SLUG].strip("-") or "violation"
    key = sha256(observation.violation_key.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    at = iso(observation.at_ms / 1000).replace("-", "").replace(":", "").replace(".", "")
    return f"{slug}-{key}-{at}"


def opened(observation: Observation, violation: Violation) -> dict[str, Any]:
    """A new ticket, or the former one with the evidence and the onset of the alarm that goes on now.

    It is resolved where its violation is over already.
    """
    at = iso(observation.at_ms / 1000)
    return {
        **observation.ticket,
        "violation_key": observation.violation_key,
        "first_seen_at": at,
        "last_seen_at": at,
        "occurrence_count": violation.occurrences,
        **monitored(violation),
        "status": Status.OPEN if violation.is_in_alarm else Status.RESOLVED,
    }


def seen_again(observation: Observation, before: Violation, violation: Violation) -> dict[str, Any]:
    """One more alarm; onset and last sight move only where it came earlier or later than those known."""
    update: dict[str, Any] = {"occurrence_count": violation.occurrences, **monitored(violation)}
    last = before.settled_at if before.is_in_alarm else before.resolved_at
    if observation.at_ms > last:
        update["last_seen_at"] = iso(observation.at_ms / 1000)
    if before.is_in_alarm and violation.began_at < before.began_at:
        update["first_seen_at"] = iso(violation.began_at / 1000)
    return update


def monitored(violation: Violation) -> dict[str, Any]:
    """What the monitor says; that data are missing only of what is in alarm."""
    if violation.is_in_alarm:
        return {"monitor_state": violation.state, "monitor_at": violation.state_at}
    return {"monitor_state": MonitorState.OK, "monitor_at": violation.settled_at}


def _rank(severity: Any) -> int:
    return RANKS.get(str(severity or "").strip().casefold(), USUAL_RANK)
