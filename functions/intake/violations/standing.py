"""Where a ticket in alarm stands: diagnosed by itself, the member of an incident, or set aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.observation import Place
from intake.violations.ports import Directories, Directory, Storms, Told
from intake.violations.wording import Policy
from runtime.clock import Clock, iso
from tickets.membership import OF_A_MEMBER, WITHOUT_LATER_MEMBERS, count, joins, may_be_joined
from tickets.pending import opened_pending
from tickets.setting_aside import Reason, is_set_aside, release, set_aside
from tickets.transactions import Change, Kept, Put, Tables, unchanged

DIRECTORY_ID = "incidents"
NOWHERE = Place()

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """What is written on the ticket, and on what besides."""

    update: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    others: Sequence[Change] = ()
    set_aside_for: str = ""
    incident_id: str = ""


@dataclass(frozen=True)
class Standings:
    """Finds where a ticket stands."""

    tables: Tables
    directories: Directories
    storms: Storms
    policy: Policy
    clock: Clock

    def of(self, told: Told, ticket_id: str, ticket: Item, occurrences: int) -> Standing:
        """Of a ticket as it is, empty when it is new, that is in alarm and no member.

        1. What is muted is left alone, and no incident grows by it.
        2. What is connected to an open incident joins it, however grave it is by itself. A head with members
           does not join another, nor does what a person has detached.
        3. What is below the policy is kept. It is no incident that others could join: they would wait too.
        4. Anything else is an incident of its own that others may join.
        """
        if told.is_muted:
            return _aside(ticket, Reason.MUTED)
        observation = told.detailed
        place, at_ms = observation.place, observation.at_ms
        item: Item = self.tables.read((Kept.STATE, DIRECTORY_ID))[0] if place != NOWHERE else {}
        directory = self.directories.from_item(item).without(ticket_id)
        if place != NOWHERE and not count(ticket, "members") and "detach" not in ticket:
            while incident_id := directory.incident_for(place, at_ms):
                [head] = self.tables.read((Kept.TICKETS, incident_id))
                if may_be_joined(head) and not is_set_aside(head):
                    grown = directory.with_member(incident_id, place, at_ms)
                    written = [] if grown == directory else [_written(grown, item)]
                    return self._joined(ticket, head, at_ms, written)
                directory = directory.without(incident_id)
        severity = observation.ticket.get("severity", ticket.get("severity"))
        if reason := self.policy.sets_aside(severity, occurrences):
            return _aside(ticket, reason)
        now = self.clock.now()
        update, removed = release(ticket, now) if ticket else (opened_pending(now), ())
        if place == NOWHERE:
            return Standing(update, removed)
        near = self.storms.near(place)
        listed = directory.with_incident(ticket_id, place, near, at_ms)
        return Standing(update, removed, [_written(listed, item)])

    def _joined(self, ticket: Item, head: Item, at_ms: int, written: Sequence[Change]) -> Standing:
        incident_id = str(head["ticket_id"])
        if head.get("diagnosis_status") in WITHOUT_LATER_MEMBERS:
            self.storms.will_be_joined(head)
        update, removed = set_aside(ticket, Reason.MEMBER)
        update |= {"incident_id": incident_id, "member_since": iso(at_ms / 1000)}
        others = [joins(head, self.clock.now()), *written]
        return Standing(update, removed, others, Reason.MEMBER, incident_id)


def without_incident(standing: Standing) -> Standing:
    """Of a ticket whose incident is gone: unless it has joined another, it is no member any more."""
    removed = [name for name in OF_A_MEMBER if name not in standing.update]
    return Standing(
        standing.update,
        [*standing.remove, *removed],
        standing.others,
        standing.set_aside_for,
        standing.incident_id,
    )


def _aside(ticket: Item, reason: Reason) -> Standing:
    update, removed = set_aside(ticket, reason)
    return Standing(update, removed, set_aside_for=reason)


def _written(directory: Directory, read: Item) -> Put:
    return Put(Kept.STATE, directory.to_item(), unchanged(read, ("state_id", "version")))
