"""The open, recent incidents that an alarm may join: one value, kept as one item of StateTable."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self, TypeGuard

from intake.observation import Place

STATE_ID = "incidents"
MOST_INCIDENTS = 200
MOST_BYTES_OF_NAMES = 32_000
"""Of each kind on one incident: subjects near it, resources, stacks. The first ones stay."""
MOST_NAME_BYTES = 512
"""A longer name joins nothing: cut, it would be the same as another."""
MOST_BYTES = 200_000
"""Of all incidents together, as JSON; an item may have 400 KB. Source: DynamoDB quotas."""


@dataclass(frozen=True)
class OpenIncident:
    """One of them; times are epoch milliseconds, by the monitors' clocks.

    `near` are the head's subject, those next to it, and the subjects of what joined, but not those next to
    these; `resources` and `stacks` are those of all that joined.
    """

    incident_id: str
    first_at: int
    last_at: int
    near: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()

    @classmethod
    def from_item(cls, item: Any) -> Self | None:
        """None when it is none of what `to_item` writes."""
        if not isinstance(item, Mapping):
            return None
        incident_id, first, last = (item.get(name) for name in ("incident_id", "first_at", "last_at"))
        if not (isinstance(incident_id, str) and incident_id and _is_whole(first) and _is_whole(last)):
            return None
        lists = (_names(item.get(name)) for name in ("near", "resources", "stacks"))
        return cls(incident_id, int(first), int(last), *lists)

    def to_item(self) -> dict[str, Any]:
        lists = {"near": self.near, "resources": self.resources, "stacks": self.stacks}
        return {
            "incident_id": self.incident_id,
            "first_at": self.first_at,
            "last_at": self.last_at,
            **{name: list(names) for name, names in lists.items() if names},
        }

    def takes(self, place: Place, at_ms: int, window_ms: int) -> bool:
        """Whether an alarm of that time on that place belongs to it: never by its time alone."""
        if not self.first_at - window_ms <= at_ms <= self.last_at + window_ms:
            return False
        return (
            place.subject in self.near
            or place.stack in self.stacks
            or not set(self.resources).isdisjoint(place.resources)
        )

    def with_alarm(self, place: Place, at_ms: int) -> Self:
        return replace(
            self,
            first_at=min(self.first_at, at_ms),
            last_at=max(self.last_at, at_ms),
            near=_names([*self.near, place.subject]),
            resources=_names([*self.resources, *place.resources]),
            stacks=_names([*self.stacks, place.stack]),
        )


@dataclass(frozen=True)
class Directory:
    """All of them. `version` is what stands in the item, None where nothing does; each write counts it up."""

    window_ms: int
    incidents: tuple[OpenIncident, ...] = ()
    version: Any = None

    @classmethod
    def from_item(cls, item: Mapping[str, Any] | None, window_seconds: float) -> Self:
        """What cannot be read of the item is left out, and gone with the next write."""
        kept = item.get("incidents") if item else None
        known = map(OpenIncident.from_item, kept if isinstance(kept, list) else ())
        found = {incident.incident_id: incident for incident in known if incident}
        return cls(round(window_seconds * 1000), tuple(found.values()), item.get("version") if item else None)

    def to_item(self) -> dict[str, Any]:
        version = int(self.version) + 1 if _is_whole(self.version) else 1
        return {
            "state_id": STATE_ID,
            "version": version,
            "incidents": [incident.to_item() for incident in self.incidents],
        }

    def incident_for(self, place: Place, at_ms: int) -> str | None:
        """The incident that an alarm joins; where several would take it, the one that began first."""
        fit = [each for each in self.incidents if each.takes(place, at_ms, self.window_ms)]
        oldest = min(fit, key=lambda each: (each.first_at, each.incident_id), default=None)
        return oldest.incident_id if oldest else None

    def with_incident(self, incident_id: str, place: Place, near: Iterable[str], at_ms: int) -> Self:
        """A new incident, or a former one that is open again; `near` are the subjects next to its own."""
        begun = OpenIncident(incident_id, at_ms, at_ms, near=_names([place.subject, *near]))
        return self._with(begun.with_alarm(place, at_ms))

    def with_member(self, incident_id: str, place: Place, at_ms: int) -> Self:
        """The incident is as recent as its members, and reaches as far; an unknown one stays unknown."""
        known = next((each for each in self.incidents if each.incident_id == incident_id), None)
        return self._with(known.with_alarm(place, at_ms)) if known else self

    def without(self, incident_id: str) -> Self:
        return replace(self, incidents=tuple(self._but(incident_id)))

    def _but(self, incident_id: str) -> Iterable[OpenIncident]:
        return (each for each in self.incidents if each.incident_id != incident_id)

    def _with(self, incident: OpenIncident) -> Self:
        """The ones that rang last, as many as there is room for."""
        kept = sorted([*self._but(incident.incident_id), incident], key=lambda each: -each.last_at)
        sizes = (len(json.dumps(each.to_item(), ensure_ascii=False).encode()) for each in kept)
        room, fitting = MOST_BYTES, 0
        for size in sizes:
            room -= size
            if room < 0:
                break
            fitting += 1
        return replace(self, incidents=tuple(kept[: min(fitting, MOST_INCIDENTS)]))


def _names(written: Any) -> tuple[str, ...]:
    """Texts that are not empty, each once, in their order; a name that is too long is left out."""
    texts = (
        dict.fromkeys(each for each in written if isinstance(each, str)) if isinstance(written, list) else ()
    )
    room, fitting = MOST_BYTES_OF_NAMES, []
    for text in texts:
        size = len(text.encode("utf-8", "replace"))
        if text and size <= min(room, MOST_NAME_BYTES):
            fitting.append(text)
            room -= size
    return tuple(fitting)


def _is_whole(value: Any) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)


@dataclass(frozen=True)
class Directories:
    """Reads directories; `window_seconds` is how far from an incident's alarms one may ring to join it."""

    window_seconds: float

    def from_item(self, item: Mapping[str, Any]) -> Directory:
        return Directory.from_item(item, self.window_seconds)
