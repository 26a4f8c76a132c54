"""What stands next to the subject, and the open tickets and alarms on it and on each of them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.neighbours.alarms import alarms_now
from diagnose.evidence.sources.neighbours.place import (
    ITSELF,
    Place,
    distinct,
    of_resource,
    of_stack,
    of_subject,
    place_of_alarm,
    place_of_ticket,
)
from diagnose.evidence.sources.neighbours.signals import calls_around
from diagnose.evidence.sources.neighbours.tags import tagged_alike
from diagnose.evidence.sources.neighbours.tickets import open_tickets
from diagnose.evidence.sources.stack import stack_of
from diagnose.evidence.times import Window
from diagnose.evidence.why_not import why_not
from runtime.both_ends import both_ends
from subjects.around import around
from subjects.names import names_of, resources_of
from subjects.records import Records
from timeseries.figures import counted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

TITLE = "Neighbourhood: what it depends on, what depends on it, and open tickets and alarms on them"
MOST_LINES = 40
TICKETS = "unresolved tickets on it and on its neighbours"
ALARMS = "alarms in ALARM on it and on its neighbours"
STACK = "its CloudFormation stack"
CALLS = "calls of its services in Application Signals"
TAGGED = "resources with the tag of its application"
BELOW, ABOVE = "it calls {}, by Application Signals", "{} calls it, by Application Signals"
BEFORE, AFTER = timedelta(hours=3), timedelta(hours=1)
"""Application Signals is asked for calls from so long before the onset to so long after it."""
Told = tuple[list[Place], list[Looked]]
"""Neighbours, and what is to be said beside them."""


class Neighbours:
    """By subjects' records, Application Signals, stack and tags; then unresolved tickets, and alarms."""

    name = "neighbours"

    def __init__(self, subjects: "Table", tickets: "Table", clients: Clients, seconds: float = 8.0) -> None:
        self.seconds = seconds
        self._subjects = Records(subjects)
        self._tickets = tickets
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        ways = (self._by_record, self._by_calls, self._by_stack, self._by_tags)
        with ThreadPoolExecutor(max_workers=len(ways)) as pool:
            found = [*pool.map(lambda way: way(incident, until), ways)]
        looked = [each for _, said in found for each in said]
        places = distinct([*_itself(incident), *(place for near, _ in found for place in near)])
        if not places:
            return [*looked, NotAsked("open tickets and alarms nearby", "nothing says what is near")]
        looked += _fill(self._open_tickets(incident, places, until), TICKETS)
        looked += _fill(self._alarms(incident, places, until), ALARMS)
        told = [place for place in places if place.is_told]
        lines = redact([place.line() for place in told])
        if len(lines) > MOST_LINES:
            left = len(lines) - MOST_LINES
            lines = [*lines[:MOST_LINES], f"not shown: {counted(left, 'neighbour')}"]
        if lines:
            facts = tuple(place.fact() for place in told[:MOST_LINES])
            looked.insert(0, Found((Section("neighbours", TITLE, "N", tuple(lines), facts=facts),)))
        return looked

    def _by_record(self, incident: Incident, until: SecondsLeft) -> Told:
        if incident.subject is None:
            return [], [NotAsked("subjects it depends on", "the subject has no record")]
        place = f"subjects around {incident.subject.subject_id}"
        try:
            found = around(incident.subject, self._subjects, until)
        except Exception as error:  # noqa: BLE001 - others may still tell of neighbours
            return [], [CouldNotLook(place, why_not(error))]
        places = [of_subject(each) for each in found.neighbours]
        places += (
            Place(f"in the subjects' records: {both_ends(fault, 300)}", "", ()) for fault in found.faults
        )
        if found.unread:
            return places, [CouldNotLook(f"{place}: what depends on it", found.unread)]
        return places, [] if found.neighbours else [FoundNothing(place)]

    def _by_calls(self, incident: Incident, until: SecondsLeft) -> Told:
        window = Window.around(incident.began.at, BEFORE, AFTER, incident.now)
        names = names_of(resources_of(incident.resources))

        def look() -> Told:
            client = self._clients("application-signals", incident.region)
            found = calls_around(client, names, window.start, window.end, until)
            places = [
                of_resource(how, each)
                for how, resources in ((BELOW, found.below), (ABOVE, found.above))
                for each in resources
                if each.written
            ]
            if found.unread:
                return places, [CouldNotLook(CALLS, found.unread)]
            return places, [] if places else [FoundNothing(CALLS, window)]

        return _of_resources(incident, CALLS, look)

    def _by_stack(self, incident: Incident, until: SecondsLeft) -> Told:
        def look() -> Told:
            client = self._clients("cloudformation", incident.region)
            stack = stack_of(client, resources_of(incident.resources), until)
            return ([*of_stack(stack)], []) if stack else ([], [FoundNothing(STACK)])

        return _of_resources(incident, STACK, look)

    def _by_tags(self, incident: Incident, until: SecondsLeft) -> Told:
        resources = resources_of(incident.resources)
        if resources and not any(each.arn for each in resources):
            return [], [NotAsked(TAGGED, "no resource is named by its ARN")]

        def look() -> Told:
            found = tagged_alike(self._clients("resourcegroupstaggingapi", incident.region), resources, until)
            places = [of_resource(f"tagged {found.tag}, as it is: {{}}", each) for each in found.resources]
            if found.unread:
                return places, [CouldNotLook(TAGGED, found.unread)]
            return places, [] if places else [FoundNothing(TAGGED)]

        return _of_resources(incident, TAGGED, look)

    def _open_tickets(
        self, incident: Incident, places: Sequence[Place], until: SecondsLeft
    ) -> Iterator[bool]:
        """Whether each unresolved ticket is on one of the places; it is noted there."""
        for ticket in open_tickets(self._tickets, until):
            place = place_of_ticket(places, ticket.subject, ticket.component)
            if place and ticket.ticket_id != incident.ticket.ticket_id:
                place.tickets.append(str(ticket))
            yield bool(place)

    def _alarms(self, incident: Incident, places: Sequence[Place], until: SecondsLeft) -> Iterator[bool]:
        """Whether each alarm in ALARM is on one of the places; all but the ticket's own are noted there."""
        if incident.elsewhere:
            raise PermissionError(incident.elsewhere)
        for alarm in alarms_now(self._clients("cloudwatch", incident.region), until):
            place = place_of_alarm(places, alarm)
            if place and alarm.get("AlarmName") != incident.alarm_name:
                place.alarms.append(alarm)
            yield bool(place)


def _itself(incident: Incident) -> Iterator[Place]:
    subject = incident.subject.subject_id if incident.subject else incident.ticket.subject
    names = names_of(resources_of((*incident.resources, incident.ticket.component)))
    if subject or names:
        yield Place(ITSELF, subject, names)


def _of_resources(incident: Incident, place: str, look: Callable[[], Told]) -> Told:
    """What a service tells of the incident's resources."""
    if not incident.resources:
        return [], [NotAsked(place, "no resource is known")]
    if incident.elsewhere:
        return [], [CouldNotLook(place, incident.elsewhere)]
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - others may still tell of neighbours
        return [], [CouldNotLook(place, why_not(error))]


def _fill(found: Iterator[bool], what: str) -> list[Looked]:
    """Reads all, and says what came of it where nothing did, or not all was read."""
    read = 0
    hit = False
    try:
        for is_near in found:
            read += 1
            hit = hit or is_near
    except TimeoutError:
        why = f"there are too many: {read} were read" if read else "no time was left"
        return [CouldNotLook(what, why)]
    except PermissionError as elsewhere:
        return [CouldNotLook(what, str(elsewhere))]
    except Exception as error:  # noqa: BLE001 - the neighbours themselves are worth telling
        return [CouldNotLook(what, why_not(error))]
    return [] if hit else [FoundNothing(what)]
