"""What one observation changes: the violation, its ticket and its incident, as they were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boto3.dynamodb.conditions import Attr

from intake.violations.ports import Told
from intake.violations.standing import Standing, Standings, without_incident
from intake.violations.violation import Violation
from intake.violations.wording import monitored, opened, seen_again, ticket_id_of
from tickets.membership import alarms_again, count, is_held, is_in_alarm, is_over, is_resolved
from tickets.pending import waits_anew
from tickets.setting_aside import Reason, is_set_aside, set_aside
from tickets.states import Status
from tickets.transactions import Change, Kept, Put, Tables, Update, unchanged, with_room

DECIDED_BY = (
    "status",
    "held",
    "diagnosis_status",
    "generation",
    "rediagnose",
    "detach",
    "incident_id",
    "members",
    "open_members",
    "monitor_state",
)
"""What a change of a ticket is decided by: it is made only while these are as they were read."""
MAY_BE_OVER = (Reason.SEVERITY, Reason.OCCURRENCES, Reason.MUTED)

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """The violation as it is to be, with what is written beside it; `is_over` when no ticket is open."""

    violation: Violation
    changes: Sequence[Change] = ()
    turn: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class Turn:
    """One observation on one violation, as both were read."""

    tables: Tables
    standings: Standings
    told: Told
    before: Violation
    after: Violation

    def begins(self) -> Written:
        """An alarm after an ok: on the open ticket, on the former one, or on a new one."""
        ticket, head = self._read()
        if not ticket:
            return self._opens()
        if not is_resolved(ticket):
            return self._goes_on(ticket, head)
        if not self.standings.policy.is_flap(self.before, self.told.observation.at_ms):
            return self._opens()
        violation = self._counted()
        peoples = {"held": ticket["held"]} if "held" in ticket else {}
        waits = waits_anew(ticket, self.standings.clock.now())
        update = {**opened(self.told.detailed, violation), **peoples, **waits}
        if head:
            stays, removed = set_aside(ticket, Reason.MEMBER)
            change = self._of(ticket, {**update, **stays}, removed)
            return Written(violation, [change, alarms_again(head)], "reopened")
        return self._stands(ticket, violation, update, "reopened")

    def repeats(self, *, reads: bool) -> Written:
        """One more alarm, counted; it may be the one that a ticket was set aside until."""
        violation = self._counted()
        update = seen_again(self.told.observation, self.before, violation)
        if not violation.ticket_id:
            return Written(violation)
        if not reads:
            change = Update((Kept.TICKETS, violation.ticket_id), update, Attr("ticket_id").exists())
            return Written(violation, [change])
        ticket, _ = self._read()
        if not ticket:
            return Written(violation)
        if self._may_be_released(ticket):
            return self._stands(ticket, violation, self._graver(update), "released")
        if not is_set_aside(ticket):
            violation = replace(violation, set_aside_for="")
        return Written(violation, [self._of(ticket, update)])

    def lasts(self) -> Written:
        """It was muted and is no more: it stands where it would if it rang now."""
        ticket, _ = self._read()
        if not self._may_be_released(ticket):
            return Written(replace(self.after, set_aside_for=""))
        return self._stands(ticket, self.after, self._graver({}), "released")

    def missed(self) -> Written:
        """An alarm whose ok came first still leaves a ticket, which is resolved."""
        at = self.told.observation.at_ms
        if not self.before.ticket_id:
            return self._opens()
        [ticket] = self.tables.read((Kept.TICKETS, self.before.ticket_id))
        if ticket and is_in_alarm(ticket):  # its ok came while the violation did not know of it
            return self.ends()
        is_known = at <= self.before.resolved_at
        violation = self._counted()
        if ticket and (is_known or not is_resolved(ticket) or self.standings.policy.is_flap(self.before, at)):
            update = seen_again(self.told.observation, self.before, violation)
            return Written(violation, [self._of(ticket, update)], is_over=is_resolved(ticket))
        return Written(violation, is_over=True) if is_known else self._opens()

    def ends(self) -> Written:
        """An ok after an alarm: resolved, unless it is held or members of the incident are in alarm."""
        ticket, head = self._read()
        changes: list[Change] = [is_over(head)] if head else []
        turn = ""
        if ticket:
            update = monitored(self.after)
            leads = "incident_id" not in ticket and count(ticket, "open_members") > 0
            stays = is_held(ticket) or is_resolved(ticket) or leads
            if not stays:
                update, turn = {**update, "status": Status.RESOLVED}, "resolved"
            changes.append(self._of(ticket, update))
        violation = self.after if ticket else replace(self.after, incident_id="")
        return Written(violation, changes, turn, is_over=not ticket or is_resolved(ticket) or bool(turn))

    def noted(self) -> Written:
        """Data are missing of what is in alarm: that is not over by it."""
        ticket, _ = self._read()
        return Written(self.after, [self._of(ticket, monitored(self.after))] if ticket else [])

    def _opens(self) -> Written:
        detailed = self.told.detailed
        ticket_id = ticket_id_of(detailed)
        violation = replace(self.after, ticket_id=ticket_id, occurrences=1, set_aside_for="", incident_id="")
        standing = Standing()
        if violation.is_in_alarm:
            standing = self.standings.of(self.told, ticket_id, {}, 1)
        item = {"ticket_id": ticket_id, **opened(detailed, violation), **standing.update}
        new = Put(Kept.TICKETS, item, Attr("ticket_id").not_exists())
        turn = "joined" if standing.incident_id else "opened"
        violation = _known(violation, standing)
        return Written(violation, [new, *standing.others], turn, is_over=not violation.is_in_alarm)

    def _goes_on(self, ticket: Item, head: Item) -> Written:
        """The ticket is open although its monitor had said ok: it was held, or members were in alarm."""
        violation = self._counted()
        update = seen_again(self.told.observation, self.before, violation)
        if head:
            return Written(violation, [self._of(ticket, update), alarms_again(head)])
        if self._may_be_released(ticket) or "incident_id" in ticket:
            return self._stands(ticket, violation, self._graver(update), "released")
        return Written(violation, [self._of(ticket, update)])

    def _stands(self, ticket: Item, violation: Violation, update: Item, turn: str) -> Written:
        ticket_id = str(ticket["ticket_id"])
        alone = {name: value for name, value in ticket.items() if name != "incident_id"}
        standing = self.standings.of(self.told, ticket_id, alone, violation.occurrences)
        if "incident_id" in ticket:
            standing = without_incident(standing)
        change = self._of(ticket, {**update, **standing.update}, standing.remove)
        if turn == "released" and standing.set_aside_for:
            turn = ""
        turn = "joined" if standing.incident_id else turn
        return Written(_known(violation, standing), [change, *standing.others], turn)

    def _may_be_released(self, ticket: Item) -> bool:
        waits = is_set_aside(ticket) and ticket.get("set_aside_for") in MAY_BE_OVER
        return waits and not is_resolved(ticket)

    def _graver(self, update: Item) -> Item:
        """With the severity that the monitor gives it now."""
        severity = self.told.detailed.ticket.get("severity")
        return {**update, "severity": severity} if severity else update

    def _counted(self) -> Violation:
        return replace(self.after, occurrences=self.before.occurrences + 1)

    def _of(self, ticket: Item, update: Item, remove: Sequence[str] = ()) -> Update:
        still = Attr("ticket_id").exists() & unchanged(ticket, DECIDED_BY)
        return with_room(ticket, Update((Kept.TICKETS, str(ticket["ticket_id"])), update, still, remove))

    def _read(self) -> tuple[Item, Item]:
        """The ticket, and the head of its incident; both empty where they are not, or not intake's any more.

        A deleted ticket, and one that was overwritten, was a member of what is known of it.
        """
        known = self.before
        if not known.ticket_id:
            return {}, {}
        keys = [(Kept.TICKETS, id_) for id_ in (known.ticket_id, known.incident_id) if id_]
        ticket, *heads = self.tables.read(*keys)
        incident_id = ticket.get("incident_id") if "monitor_state" in ticket else known.incident_id
        if not isinstance(incident_id, str) or not incident_id:
            return ticket, {}
        if incident_id != known.incident_id:
            heads = self.tables.read((Kept.TICKETS, incident_id))
        [head] = heads
        return ticket, head if "monitor_state" in head and "incident_id" not in head else {}


def _known(violation: Violation, standing: Standing) -> Violation:
    return replace(violation, set_aside_for=standing.set_aside_for, incident_id=standing.incident_id)
