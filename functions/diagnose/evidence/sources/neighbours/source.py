"""What stands next to the subject, and the open tickets and alarms on it and on each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diagnose.evidence.clients import Clients
from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import both_ends, one_item
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.names import mentions, names_of, resources_of
from diagnose.evidence.sources.neighbours.alarms import Alarm, alarms_now
from diagnose.evidence.sources.neighbours.subjects import Neighbour, Records, around
from diagnose.evidence.sources.neighbours.tickets import open_tickets
from diagnose.evidence.sources.stack import Stack, stack_of
from diagnose.evidence.why_not import why_not

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

TITLE = "Neighbourhood: what it depends on, what depends on it, and open tickets and alarms on them"
ITSELF = "the subject itself"
MOST_LINES = 40
TICKETS = "unresolved tickets on it and on its neighbours"
ALARMS = "alarms in ALARM on it and on its neighbours"
MOST_NAMED = 5
"""Tickets or alarms named on one line; the others are counted."""
DULL = ("AWS::IAM::", "AWS::Logs::", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::CDK::")
"""Kinds of resources in a stack that nothing is learnt from."""


@dataclass
class _Place:
    """One thing in the neighbourhood, by which names others speak of it, and what is open on it."""

    what: str
    subject: str
    names: tuple[str, ...]
    tickets: list[str] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        """Neighbours always are, the subject itself when something is open on it."""
        return self.what != ITSELF or bool(self.tickets or self.alarms)

    def line(self) -> str:
        parts = [self.what]
        if self.tickets:
            parts.append(f"open tickets: {_few(self.tickets)}")
        if self.alarms:
            parts.append(f"in ALARM: {_few(list(map(str, self.alarms)))}")
        return one_item("; ".join(parts))

    def fact(self) -> Fact | None:
        """That an alarm on it rings, since the first of them."""
        if not self.alarms:
            return None
        return Fact(Kind.ALARM, min((alarm.since for alarm in self.alarms if alarm.since), default=None))


class Neighbours:
    """The records of subjects, the resource's stack, the tickets' index of statuses, and DescribeAlarms."""

    name = "neighbours"

    def __init__(self, subjects: "Table", tickets: "Table", clients: Clients, seconds: float = 6.0) -> None:
        self.seconds = seconds
        self._subjects = Records(subjects)
        self._tickets = tickets
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        looked: list[Looked] = []
        places = [*self._itself(incident), *self._by_record(incident, looked, until)]
        places += self._by_stack(incident, looked)
        if not places:
            return [*looked, NotAsked("open tickets and alarms nearby", "nothing says what is near")]
        looked += _fill(self._open_tickets(incident, places, until), TICKETS)
        looked += _fill(self._alarms(incident, places, until), ALARMS)
        told = [place for place in places if place.is_told]
        lines = redact([place.line() for place in told])
        if len(lines) > MOST_LINES:
            left = len(lines) - MOST_LINES
            lines = [*lines[:MOST_LINES], f"{left} more neighbours are not shown"]
        if lines:
            facts = tuple(place.fact() for place in told[:MOST_LINES])
            looked.insert(0, Found((Section("neighbours", TITLE, "N", tuple(lines), facts=facts),)))
        return looked

    def _itself(self, incident: Incident) -> Iterator[_Place]:
        subject = incident.subject.subject_id if incident.subject else incident.ticket.subject
        names = names_of(resources_of((*incident.resources, incident.ticket.component)))
        if subject or names:
            yield _Place(ITSELF, subject, names)

    def _by_record(self, incident: Incident, looked: list[Looked], until: SecondsLeft) -> Iterator[_Place]:
        if incident.subject is None:
            looked.append(NotAsked("subjects it depends on", "the subject has no record"))
            return
        place = f"subjects around {incident.subject.subject_id}"
        try:
            found = around(incident.subject, self._subjects, until)
        except Exception as error:  # noqa: BLE001 - the stack may still tell of neighbours
            looked.append(CouldNotLook(place, why_not(error)))
            return
        if found.unread:
            looked.append(CouldNotLook(f"{place}: what depends on it", found.unread))
        elif not found.neighbours:
            looked.append(FoundNothing(place))
        for neighbour in found.neighbours:
            yield _of_subject(neighbour)
        for fault in found.faults:
            yield _Place(f"in the subjects' records: {both_ends(fault, 300)}", "", ())

    def _by_stack(self, incident: Incident, looked: list[Looked]) -> Iterator[_Place]:
        if not incident.resources:
            looked.append(NotAsked("its CloudFormation stack", "no resource is known"))
            return
        try:
            client = self._clients("cloudformation", incident.region)
            stack = stack_of(client, resources_of(incident.resources))
        except Exception as error:  # noqa: BLE001 - the records may still tell of neighbours
            looked.append(CouldNotLook("its CloudFormation stack", why_not(error)))
            return
        if stack is None:
            looked.append(FoundNothing("its CloudFormation stack"))
        else:
            yield from _of_stack(stack)

    def _open_tickets(
        self, incident: Incident, places: Iterable[_Place], until: SecondsLeft
    ) -> Iterator[bool]:
        """Whether each unresolved ticket is on one of the places; it is noted there."""
        for ticket in open_tickets(self._tickets, until):
            place = _first(places, ticket.subject, ticket.component)
            if place and ticket.ticket_id != incident.ticket.ticket_id:
                place.tickets.append(str(ticket))
            yield bool(place)

    def _alarms(self, incident: Incident, places: Iterable[_Place], until: SecondsLeft) -> Iterator[bool]:
        """Whether each alarm in ALARM is on one of the places; all but the ticket's own are noted there."""
        if incident.elsewhere:
            raise PermissionError(incident.elsewhere)
        for alarm in alarms_now(self._clients("cloudwatch", incident.region), until):
            place = _first(places, "", alarm.told)
            if place and alarm.name != incident.alarm_name:
                place.alarms.append(alarm)
            yield bool(place)


def _fill(found: Iterator[bool], what: str) -> list[Looked]:
    """Reads all, and says what came of it where nothing did, or not all was read."""
    read = 0
    hit = False
    try:
        for is_near in found:
            read += 1
            hit = hit or is_near
    except TimeoutError:
        return [CouldNotLook(what, f"there are too many: {read} were read")]
    except PermissionError as elsewhere:
        return [CouldNotLook(what, str(elsewhere))]
    except Exception as error:  # noqa: BLE001 - the neighbours themselves are worth telling
        return [CouldNotLook(what, why_not(error))]
    return [] if hit else [FoundNothing(what)]


def _first(places: Iterable[_Place], subject: str, text: str) -> _Place | None:
    for place in places:
        if (place.subject and subject == place.subject) or mentions(text, place.names):
            return place
    return None


def _of_subject(neighbour: Neighbour) -> _Place:
    subject = neighbour.subject
    steps = "1 step" if neighbour.steps == 1 else f"{neighbour.steps} steps"
    told = [f"{neighbour.relation}, {steps}: {neighbour.name}"]
    if subject is None:
        return _Place(
            f"{told[0]} (no record of it was read)", neighbour.name, names_of(resources_of([neighbour.name]))
        )
    told += [both_ends(text, 300) for text in (subject.kind, subject.description) if text]
    names = names_of(resources_of([neighbour.name, *subject.resources]))
    return _Place(", ".join(told), neighbour.name, names)


def _of_stack(stack: Stack) -> Iterator[_Place]:
    for resource in stack.resources:
        if resource.physical and resource != stack.of and not resource.kind.startswith(DULL):
            what = (
                f"beside it in stack {stack.name}: {resource.logical}, {resource.kind}, {resource.physical}"
            )
            yield _Place(what, "", names_of(resources_of([resource.physical])))


def _few(told: list[str]) -> str:
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return ", ".join(told[:MOST_NAMED]) + more
