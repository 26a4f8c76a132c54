"""What has to be known before any source looks: the subject's record and the alarm's definition."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from diagnose.evidence.clients import Clients
from diagnose.evidence.incident import Incident, incident_of, place_of
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.onset import Onset, rings_since, settled
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.why_not import why_not
from subjects.discovery import alarm_of
from subjects.subject import Subject
from tickets.ticket import Ticket

Alarm = Mapping[str, Any]


class FindsSubjects(Protocol):
    """What this module needs of the table of subjects."""

    def find(self, subject_id: str) -> tuple[Subject | None, Looked]: ...


@dataclass(frozen=True)
class Incidents:
    """Makes incidents of tickets; without clients no alarm is looked up, without subjects no subject."""

    subjects: FindsSubjects | None = None
    clients: Clients | None = None
    home_account: str = ""
    home_region: str = ""

    def of(
        self, ticket: Ticket, began: Onset, now: datetime, redact: Redact
    ) -> tuple[Incident, list[Looked]]:
        """The incident, and what came of the two places that were looked at for it. Never raises."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            by_subject = pool.submit(self._subject, ticket.subject or ticket.component)
            by_alarm = pool.submit(self._alarm, ticket)
            subject, subject_looked = by_subject.result()
            alarm, alarm_looked = by_alarm.result()
        began = settled(began, rings_since(alarm))  # or all would look around the wrong time
        incident = incident_of(ticket, began, now, subject, self.home_account, self.home_region, alarm)
        if isinstance(subject_looked, Found):
            sections = (replace(each, lines=redact(each.lines)) for each in subject_looked.sections)
            subject_looked = Found(tuple(sections))
        return incident, [subject_looked, *alarm_looked]

    def _subject(self, subject_id: str) -> tuple[Subject | None, Looked]:
        if self.subjects is None:
            return None, NotAsked("the subject's record", "not configured")
        return self.subjects.find(subject_id)

    def _alarm(self, ticket: Ticket) -> tuple[Alarm | None, list[Looked]]:
        name = alarm_of(ticket.alarm)
        if self.clients is None or not name:
            return None, []  # the source of alarms says so
        account, region = place_of(ticket, self.home_account, self.home_region)
        if account != self.home_account:
            return None, []
        place = f"the definition of alarm {name[:255]!r}"
        try:
            found = defined(self.clients, name, region)
        except Exception as error:  # noqa: BLE001 - no source may cost the diagnosis, and this is the first
            return None, [CouldNotLook(place, why_not(error))]
        return found, [] if found else [FoundNothing(place)]


def defined(clients: Clients, name: str, region: str) -> Alarm | None:
    """An alarm by its name, of metrics or composite."""
    answer = clients("cloudwatch", region).describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
    return next((alarm for alarm in alarms if alarm.get("AlarmName") == name), None)
