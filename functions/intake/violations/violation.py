"""What is known of one violation: its newest state by the monitor's own time, and the ticket of it.

`settled` is the newest of alarm and ok; that data are missing is noted and settles nothing. Times are epoch
milliseconds, 0 where there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from intake.observation import MonitorState, Observation
from tickets.setting_aside import Reason

REMEMBERED_EVENTS = 32
"""SQS and EventBridge deliver again within minutes; what comes later is told by its time."""
KEPT_SECONDS = 180 * 86_400
RANKS = {MonitorState.OK: 0, MonitorState.INSUFFICIENT_DATA: 1, MonitorState.ALARM: 2}
"""Which of two events of one moment is the newer: nothing that may be an incident is lost to a tie."""


class Happening(StrEnum):
    """What an observation means for a violation."""

    NOTHING = "nothing"
    """Delivered before, or overtaken by a newer one and without a ticket of its own."""
    BEGINS = "begins"
    """An alarm that is newer than the last ok."""
    REPEATS = "repeats"
    """One more alarm of what is in alarm, be it late."""
    MISSED = "missed"
    """An alarm whose ok is known already."""
    ENDS = "ends"
    """The ok of what was in alarm."""
    CONFIRMS = "confirms"
    """An ok of what was in no alarm: it may be the alarm that comes late."""
    NOTED = "noted"
    """Data are missing."""
    LASTS = "lasts"
    """It was muted, and goes on."""


@dataclass(frozen=True)
class Violation:
    """One violation; `version` counts its changes, `event_ids` are the newest that were taken in.

    `set_aside_for` and `incident_id` are what its ticket was told last. They save a read and are never
    trusted: people and the pipeline write the ticket too.
    """

    violation_key: str
    ticket_id: str = ""
    state: MonitorState | None = None
    state_at: int = 0
    settled: MonitorState | None = None
    settled_at: int = 0
    began_at: int = 0
    """Since when the ticket's present alarm goes on."""
    resolved_at: int = 0
    """When the last one that is known was over."""
    occurrences: int = 0
    """Alarms that the ticket tells of."""
    set_aside_for: str = ""
    incident_id: str = ""
    event_ids: tuple[str, ...] = ()
    version: int = 0

    @staticmethod
    def state_id(violation_key: str) -> str:
        """The key of its item in the state table."""
        return "violation#" + sha256(violation_key.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def from_item(cls, violation_key: str, item: Mapping[str, Any]) -> Self:
        """As `to_item` wrote it; a new one where there is none."""
        if not item:
            return cls(violation_key)
        state, settled = (
            MonitorState(item[name]) if item.get(name) else None for name in ("state", "settled")
        )
        names = ("state_at", "settled_at", "began_at", "resolved_at", "occurrences", "version")
        numbers: dict[str, Any] = {name: int(item.get(name, 0)) for name in names}
        texts: dict[str, Any] = {
            name: str(item.get(name, "")) for name in ("ticket_id", "set_aside_for", "incident_id")
        }
        event_ids = tuple(item.get("event_ids", ()))
        return cls(violation_key, state=state, settled=settled, event_ids=event_ids, **numbers, **texts)

    def with_lost(self, ticket: Mapping[str, Any]) -> Self:
        """With a ticket that is not known, and what the monitor had said by then where nothing newer is."""
        at, seen = int(ticket.get("monitor_at", 0)), ticket.get("occurrence_count")
        is_over = ticket["monitor_state"] == MonitorState.OK
        settled = MonitorState.OK if is_over else MonitorState.ALARM
        known = replace(
            self,
            ticket_id=str(ticket["ticket_id"]),
            occurrences=int(seen) if isinstance(seen, Decimal | int) else 1,
            set_aside_for=str(ticket.get("set_aside_for", "")),
            incident_id=str(ticket.get("incident_id", "")),
        )
        if not self.state or at > self.state_at:
            known = replace(known, state=settled, state_at=at)
        if self.settled and at <= self.settled_at:
            return replace(known, began_at=at)
        return replace(
            known,
            settled=settled,
            settled_at=at,
            began_at=at,
            resolved_at=at if is_over else self.resolved_at,
        )

    def to_item(self, now: float, *, is_over: bool) -> dict[str, Any]:
        """Its item; once its ticket `is_over` it may go when nothing has been heard of it for half a year."""
        item = {name: value for name, value in vars(self).items() if value not in (None, "")}
        item |= {"state_id": self.state_id(self.violation_key), "event_ids": list(self.event_ids)}
        return {**item, "expires_at": int(now) + KEPT_SECONDS} if is_over else item

    @property
    def is_in_alarm(self) -> bool:
        return self.settled == MonitorState.ALARM

    def meaning_of(self, observation: Observation) -> Happening:
        """What the observation means; the order of arrival does not matter, its own time does."""
        if observation.event_id in self.event_ids:
            return Happening.NOTHING
        if observation.state == MonitorState.INSUFFICIENT_DATA:
            return Happening.NOTED if self._is_news(observation) else Happening.NOTHING
        at = (observation.at_ms, RANKS[observation.state])
        known = (self.settled_at, RANKS[self.settled]) if self.settled else (-1, -1)
        if at == known:
            return Happening.NOTHING
        match observation.state, self.settled:
            case MonitorState.ALARM, MonitorState.ALARM:
                return Happening.REPEATS
            case MonitorState.ALARM, _:
                return Happening.BEGINS if at > known else Happening.MISSED
            case _, MonitorState.ALARM if at > known:
                return Happening.ENDS
            case _:
                return Happening.CONFIRMS if at > known else Happening.NOTHING

    def waits_for_the_end_of_a_mute(self, observation: Observation) -> bool:
        """Whether this alarm, the newest there is, goes on and is not diagnosed because it was muted."""
        is_newest = self.is_in_alarm and observation.at_ms >= self.settled_at
        return is_newest and bool(self.ticket_id) and self.set_aside_for == Reason.MUTED

    def after(self, observation: Observation, happening: Happening) -> Self:
        """With the observation taken in; which ticket tells of it is for the caller to say."""
        at = observation.at_ms
        new = replace(
            self,
            event_ids=(*self.event_ids, observation.event_id)[-REMEMBERED_EVENTS:],
            version=self.version + 1,
        )
        if self._is_news(observation):
            new = replace(new, state=observation.state, state_at=at)
        match happening:
            case Happening.BEGINS:
                return replace(new, settled=observation.state, settled_at=at, began_at=at)
            case Happening.REPEATS:
                earlier = self.resolved_at < at < self.began_at
                began_at = at if earlier else self.began_at
                return replace(new, settled_at=max(at, self.settled_at), began_at=began_at)
            case Happening.MISSED:
                return replace(new, resolved_at=self.settled_at)
            case Happening.ENDS:
                return replace(new, settled=observation.state, settled_at=at, resolved_at=at)
            case Happening.CONFIRMS:
                return replace(new, settled=observation.state, settled_at=at)
            case _:
                return new

    def _is_news(self, observation: Observation) -> bool:
        known = (self.state_at, RANKS[self.state]) if self.state else (-1, -1)
        return (observation.at_ms, RANKS[observation.state]) > known
