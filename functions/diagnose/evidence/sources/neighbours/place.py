"""One thing in the neighbourhood, and what is open on it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.lines import one_item
from diagnose.evidence.sources.alarm_names import Alarm, is_on, named_after
from diagnose.evidence.sources.neighbours.alarms import since, told
from diagnose.evidence.sources.stack import Stack
from runtime.both_ends import both_ends
from subjects.around import Neighbour
from subjects.names import Resource, mentions, names_of, resources_of

ITSELF = "the subject itself"
MOST_NAMED = 5
"""Tickets or alarms named on one line; the others are counted."""
DULL = ("AWS::IAM::", "AWS::Logs::", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::CDK::")
"""Kinds of resources in a stack that nothing is learnt from."""
RELATIONS = {True: "it depends on {}", False: "{} depends on it"}
"""By whether it is the subject that depends on the other."""


@dataclass
class Place:
    """By which names others speak of it, and what is open on it; `subject` is its id, if it is one."""

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
            parts.append(f"in ALARM: {_few([told(alarm) for alarm in self.alarms])}")
        return one_item("; ".join(parts))

    def fact(self) -> Fact | None:
        """That an alarm on it rings, since the first of them."""
        if not self.alarms:
            return None
        return Fact(Kind.ALARM, min((at for alarm in self.alarms if (at := since(alarm))), default=None))


def of_subject(neighbour: Neighbour) -> Place:
    subject = neighbour.subject
    notes = [both_ends(subject.kind, 60)] if subject and subject.kind else []
    notes += [f"{neighbour.steps} steps away"] if neighbour.steps > 1 else []
    notes += [] if subject else ["no record of it was read"]
    named = f"{neighbour.name} ({', '.join(notes)})" if notes else neighbour.name
    what = RELATIONS[neighbour.is_below].format(named)
    if subject and subject.description:
        what += f": {both_ends(subject.description, 300).rstrip('.')}"
    names = names_of(resources_of([neighbour.name, *(subject.resources if subject else ())]))
    return Place(what, neighbour.name, names)


def of_stack(stack: Stack) -> Iterator[Place]:
    for resource in stack.resources:
        if resource.physical and resource != stack.of and not resource.kind.startswith(DULL):
            kind = resource.kind.removeprefix("AWS::").replace("::", " ")
            what = f"beside it in stack {stack.name}: {kind} {resource.physical} ({resource.logical})"
            yield Place(what, "", names_of(resources_of([resource.physical])))


def of_resource(how: str, resource: Resource) -> Place:
    """A resource of which no more is known than its ARN or name, which stands for the {} in `how`."""
    kind = f"{resource.arn.service} " if resource.arn else ""
    return Place(how.replace("{}", f"{kind}{both_ends(resource.name, 160)}"), "", names_of([resource]))


def distinct(places: Iterable[Place]) -> list[Place]:
    """Each thing once, as it was told first."""
    known: set[str] = set()
    kept = []
    for place in places:
        own = {*place.names, *([place.subject] if place.subject else ())}
        if place.what != ITSELF and own & known:
            continue
        known |= own
        kept.append(place)
    return kept


def place_of_ticket(places: Iterable[Place], subject: str, component: str) -> Place | None:
    for place in places:
        if (place.subject and subject == place.subject) or mentions(component, place.names):
            return place
    return None


def place_of_alarm(places: Sequence[Place], alarm: Alarm) -> Place | None:
    """Where a metric of the alarm is, or else what the alarm is named after, by the longest name."""
    for place in places:
        if is_on(alarm, place.names):
            return place
    after = named_after(alarm, (name for place in places for name in place.names))
    return next((place for place in places if after and after in place.names), None)


def _few(told: list[str]) -> str:
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return ", ".join(told[:MOST_NAMED]) + more
