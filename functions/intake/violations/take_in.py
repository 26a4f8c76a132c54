"""The use case: take in what a monitor says, as one ticket for each violation.

Every change is one transaction of the violation, its ticket and, where it has one, its incident, on
condition that they stand as they were read. So a crash leaves nothing half done, and of two that act at
once the second reads again. Tried and dropped: a FIFO queue with the violation for its group, which orders
arrivals and not a monitor's times, and guards no ticket against people's writes.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from boto3.dynamodb.conditions import Attr

from intake.observation import Observation
from intake.violations.ports import Enrichment, Told
from intake.violations.standing import Standings
from intake.violations.turn import MAY_BE_OVER, Item, Turn, Written
from intake.violations.violation import Happening, Violation
from intake.violations.wording import ticket_id_of
from runtime.clock import Clock
from tickets.attributes import invalid_values
from tickets.transactions import ConflictError, Kept, Put, Tables

ATTEMPTS = 12
LONGEST_PAUSE_SECONDS = 1.0
MOST_AHEAD_SECONDS = 300
"""A monitor whose clock is further ahead would have everything later pass for late."""


@dataclass(frozen=True)
class Outcome:
    """What an observation came to; `turn` is opened, reopened, joined, released, resolved, or empty."""

    happening: Happening
    ticket_id: str = ""
    turn: str = ""
    set_aside_for: str = ""
    incident_id: str = ""


@dataclass(frozen=True)
class TakeIn:
    """The collaborators of the use case."""

    tables: Tables
    enrichment: Enrichment
    standings: Standings
    clock: Clock

    def take_in(self, observation: Observation) -> Outcome:
        """Raises ConflictError when others were always faster; the event is to be delivered again then."""
        told = self._told(observation)
        return self._until_written(lambda is_first: self._take_in(told, is_first=is_first))

    def look_again(self, observation: Observation) -> Outcome:
        """At an alarm that was muted when it was taken in. Raises as `take_in` does."""
        told = self._told(observation)
        return self._until_written(lambda _is_first: self._look_again(told))

    def _told(self, observation: Observation) -> Told:
        latest = int((self.clock.now() + MOST_AHEAD_SECONDS) * 1000)
        return Told(replace(observation, at_ms=min(observation.at_ms, latest)), self.enrichment)

    def _until_written(self, write: Callable[[bool], Outcome]) -> Outcome:
        for attempt in range(ATTEMPTS):
            try:
                return write(attempt == 0)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
                most = min(LONGEST_PAUSE_SECONDS, 0.02 * 2**attempt)
                self.clock.sleep(random.uniform(0, most))  # noqa: S311 - no secret
        raise AssertionError("unreachable")

    def _take_in(self, told: Told, *, is_first: bool) -> Outcome:
        observation = told.observation
        key = observation.violation_key
        [item] = self.tables.read((Kept.STATE, Violation.state_id(key)))
        before = found = Violation.from_item(key, item)
        if not is_first and not found.ticket_id:
            before = self._adopted(told, found)
        happening = before.meaning_of(observation)
        if happening == Happening.NOTHING and before is found:
            return Outcome(happening, before.ticket_id, set_aside_for=before.set_aside_for)
        after = before.after(observation, happening)
        turn = Turn(self.tables, self.standings, told, before, after)
        match happening:
            case Happening.BEGINS:
                written = turn.begins()
            case Happening.REPEATS:
                written = turn.repeats(reads=not is_first or before.set_aside_for in MAY_BE_OVER)
            case Happening.MISSED:
                written = turn.missed()
            case Happening.ENDS:
                written = turn.ends()
            case Happening.NOTED if after.is_in_alarm:
                written = turn.noted()
            case _:  # nothing changes for the ticket: the violation may go when it might have before
                written = Written(after, is_over="expires_at" in item or not before.ticket_id)
        self._write(item, written)
        return _came_to(happening, written)

    def _look_again(self, told: Told) -> Outcome:
        key = told.observation.violation_key
        [item] = self.tables.read((Kept.STATE, Violation.state_id(key)))
        before = Violation.from_item(key, item)
        if not before.waits_for_the_end_of_a_mute(told.observation):
            return Outcome(Happening.NOTHING, before.ticket_id)
        if told.is_muted:
            return Outcome(Happening.LASTS, before.ticket_id, set_aside_for=before.set_aside_for)
        after = replace(before, version=before.version + 1)
        written = Turn(self.tables, self.standings, told, before, after).lasts()
        self._write(item, written)
        return _came_to(Happening.LASTS, written)

    def _adopted(self, told: Told, unknown: Violation) -> Violation:
        """With the ticket that this event has opened already, where the violation's item was lost since."""
        [ticket] = self.tables.read((Kept.TICKETS, ticket_id_of(told.detailed)))
        is_intakes = ticket.get("violation_key") == unknown.violation_key and "monitor_state" in ticket
        return unknown.with_lost(ticket) if is_intakes and not invalid_values(ticket) else unknown

    def _write(self, item: Item, written: Written) -> None:
        violation = written.violation
        unread = Attr("version").eq(item["version"]) if item else Attr("state_id").not_exists()
        new = violation.to_item(self.clock.now(), is_over=written.is_over)
        self.tables.write(Put(Kept.STATE, new, unread), *written.changes)


def _came_to(happening: Happening, written: Written) -> Outcome:
    violation = written.violation
    known = (violation.ticket_id, written.turn, violation.set_aside_for, violation.incident_id)
    return Outcome(happening, *known)
