"""What monitors say in tests, and the use case that takes it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, cast

from intake.observation import MonitorState, Observation, Place
from intake.storms.directory import Directory
from intake.violations.standing import Standings
from intake.violations.take_in import Outcome, TakeIn
from intake.violations.wording import Policy
from tests.support.fake_clock import FakeClock
from tests.support.in_memory_tables import InMemoryTables, Item
from tickets.transactions import Kept, Tables

START_MS = 1_800_000_000_000
ALARM, OK, MISSING = MonitorState.ALARM, MonitorState.OK, MonitorState.INSUFFICIENT_DATA
STORM_SECONDS = 1800.0
SHOP = Place(stack="shop")


@dataclass
class FakeEnrichment:
    """What is known of alarms; `asked` counts."""

    severity: str = "critical"
    muted: set[str] = field(default_factory=set)
    asked: int = 0

    def details(self, observation: Observation) -> Observation:
        self.asked += 1
        return replace(observation, ticket={"severity": self.severity, **observation.ticket})

    def is_muted(self, observation: Observation) -> bool:
        return observation.violation_key in self.muted


@dataclass
class FakeStorms:
    """Nothing is near; `later` are the incidents that were to be joined after their diagnosis."""

    later: list[Any] = field(default_factory=list)

    def near(self, place: Place) -> frozenset[str]:
        return frozenset()

    def will_be_joined(self, head: Any) -> None:
        self.later.append(head)


class Directories:
    """As S's directory is read."""

    def from_item(self, item: Mapping[str, Any]) -> Directory:
        return Directory.from_item(item, STORM_SECONDS)


class Monitored:
    """Monitors, one second after the other, and what has become of what they said."""

    def __init__(self, tables: Any = None, policy: Policy | None = None) -> None:
        self.tables = tables or InMemoryTables()
        self.clock = FakeClock(START_MS / 1000)
        self.enrichment, self.storms = FakeEnrichment(), FakeStorms()
        kept, rules = cast("Tables", self.tables), policy or Policy()
        standings = Standings(kept, Directories(), self.storms, rules, self.clock)
        self.use_case = TakeIn(kept, self.enrichment, standings, self.clock)
        self._serial = count(1)

    def observation(
        self,
        state: MonitorState,
        key: str = "v",
        at: float = 0.0,
        *,
        event_id: str = "",
        place: Place | None = None,
        **ticket: Any,
    ) -> Observation:
        """`at` is in seconds from the start."""
        told = {"invariant_name": f"{key} errors", "message": "5 errors", **ticket} if state == ALARM else {}
        return Observation(
            event_id=event_id or f"event-{next(self._serial)}",
            violation_key=key,
            state=state,
            at_ms=START_MS + round(at * 1000),
            ticket=told,
            alarm="",
            place=place or Place(),
            reason="",
        )

    def says(self, state: MonitorState, key: str = "v", at: float = 0.0, **told: Any) -> Outcome:
        self.clock.advance(max(0.0, START_MS / 1000 + at - self.clock.now()))
        return self.use_case.take_in(self.observation(state, key, at, **told))

    def tickets(self, key: str = "v") -> list[Item]:
        """The violation's tickets, oldest first."""
        found = [item for item in self.tables.tickets.values() if item.get("violation_key") == key]
        return sorted(found, key=lambda item: str(item["ticket_id"]))

    def ticket(self, key: str = "v") -> Item:
        """The newest of them."""
        return self.tickets(key)[-1]

    def write(self, key: str = "v", **attributes: Any) -> None:
        """What a person or the pipeline writes on the newest ticket; None removes."""
        ticket_id = self.ticket(key)["ticket_id"]
        item = {**self.tables.items[Kept.TICKETS, ticket_id], **attributes}
        self.tables.items[Kept.TICKETS, ticket_id] = {
            name: value for name, value in item.items() if value is not None
        }

    def delete(self, key: str = "v") -> None:
        del self.tables.items[Kept.TICKETS, self.ticket(key)["ticket_id"]]
