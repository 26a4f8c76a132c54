"""The use case: a message of the intake queue becomes what is known of a violation, or a dead letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.alarms.enrichment import TaggedAlarms
from intake.alarms.muted import MUTED, Muted, MutedAlarms
from intake.dead_letters import DeadLetters
from intake.observation import MonitorState, Observation
from intake.reading.envelope import UnreadableError, read_json, validated
from intake.reading.message import read_message
from intake.storms.quiet import Quiet, QuietIncidents
from intake.violations.take_in import Outcome, TakeIn
from tickets.setting_aside import Reason

QUIET = "quiet"


@dataclass(frozen=True)
class Taken:
    """What became of a message, for the log and the metrics; `about` names the violation or the fault."""

    outcome: str
    about: Mapping[str, Any]
    turn: str = ""
    is_unreadable: bool = False


@dataclass(frozen=True)
class TakeMessage:
    """The collaborators of the use case."""

    alarms: TaggedAlarms
    take_in: TakeIn
    quiet_incidents: QuietIncidents
    muted_alarms: MutedAlarms
    dead_letters: DeadLetters
    alarm_severity: str
    """Of alarms that do not state theirs."""

    def handle(self, body: str) -> Taken:
        """Raises what boto3 does, and ConflictError: the message is to be delivered again then.

        What cannot be read would not be read the next time either. It is put aside for a person, as it came.
        """
        try:
            value = read_json(body)
            if value.get("kind") == QUIET:
                message = validated(Quiet, value)
                return Taken(self.quiet_incidents.handle(message), {"ticket_id": message.incident_id})
            is_again = value.get("kind") == MUTED
            event = validated(Muted, value).event if is_again else body
            observation = read_message(read_json(event) if is_again else value, self.alarm_severity)
        except UnreadableError as error:
            self.dead_letters.put(body, str(error))
            return Taken("unreadable", {"reason": error.without_value}, is_unreadable=True)
        about = {"violation_key": observation.violation_key, "event_id": observation.event_id}
        if is_again:
            outcome = self.take_in.look_again(observation)
        else:
            if self.alarms.selects_by_tag:
                observation = self.alarms.with_tags(observation)
            if not self.alarms.is_selected(observation):
                return Taken("ignored: its alarm has not the tag", about)
            outcome = self.take_in.take_in(observation)
        if _may_be_unmuted(observation, outcome):
            self.muted_alarms.wait(event)
        return _taken(outcome, about)


def _may_be_unmuted(observation: Observation, outcome: Outcome) -> bool:
    """Also of an event that is delivered again: it may be that the first time ended before the message."""
    return outcome.set_aside_for == Reason.MUTED and observation.state == MonitorState.ALARM


def _taken(outcome: Outcome, about: Mapping[str, str]) -> Taken:
    known = {
        "ticket_id": outcome.ticket_id,
        "turn": outcome.turn,
        "set_aside_for": outcome.set_aside_for,
        "incident_id": outcome.incident_id,
    }
    return Taken(
        outcome.happening.value,
        {**about, **{name: value for name, value in known.items() if value}},
        turn=outcome.turn,
    )
