"""What taking in an observation needs of others: what is known of an alarm, and of storms."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

from intake.observation import Observation, Place


class Enrichment(Protocol):
    """Asked only when a ticket opens, opens again, or may be released."""

    def details(self, observation: Observation) -> Observation:
        """With what the alarm's tags and configuration say."""

    def is_muted(self, observation: Observation) -> bool:
        """Whether somebody has muted the alarm."""


class Directory(Protocol):
    """The open incidents of late, a value; an incident's id is the `ticket_id` of its head."""

    def incident_for(self, place: Place, at_ms: int) -> str | None:
        """The incident that the place is connected to."""

    def with_incident(self, incident_id: str, place: Place, near: frozenset[str], at_ms: int) -> Self: ...

    def with_member(self, incident_id: str, place: Place, at_ms: int) -> Self: ...

    def without(self, incident_id: str) -> Self: ...

    def to_item(self) -> dict[str, Any]:
        """Its item, the key and the next version with it."""


class Directories(Protocol):
    """How a directory is read."""

    def from_item(self, item: Mapping[str, Any]) -> Directory: ...


class Storms(Protocol):
    """What is around a place, and who sees to members that come late."""

    def near(self, place: Place) -> frozenset[str]:
        """What the place is connected to."""

    def will_be_joined(self, head: Mapping[str, Any]) -> None:
        """Called, maybe more than once, before a member joins whom the head's diagnosis does not know of."""


@dataclass(frozen=True)
class Told:
    """One observation with what is known of its alarm, asked for at most once."""

    observation: Observation
    enrichment: Enrichment

    @cached_property
    def detailed(self) -> Observation:
        return self.enrichment.details(self.observation)

    @cached_property
    def is_muted(self) -> bool:
        return self.enrichment.is_muted(self.observation)
