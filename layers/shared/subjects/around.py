"""The subjects next to one: what it depends on, and what depends on it, by the records of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from subjects.graph import HOPS, dependencies, dependents
from subjects.records import Records, SecondsLeft
from subjects.subject import Subject


@dataclass(frozen=True)
class Neighbour:
    """A subject next to the one in question, which depends on it (`is_below`) or the other way round.

    `subject` is None where it has no record.
    """

    name: str
    is_below: bool
    steps: int
    subject: Subject | None = None


@dataclass
class Around:
    """The neighbours that were found, nearest first, what is wrong in the records, and what was not read."""

    neighbours: list[Neighbour] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unread: str = ""


def around(subject: Subject, records: Records, until: SecondsLeft) -> Around:
    """What is up to HOPS steps away, in either direction. Raises what the table raises."""
    known: dict[str, Subject] = {}

    def read_many(names: Sequence[str]) -> Mapping[str, Subject]:
        read = records.read_many(names, until)
        known.update(read)
        return read

    steps, faults = dependencies(subject, read_many)
    found = Around(faults=list(faults))
    found.neighbours += (
        Neighbour(name, True, far, known.get(name)) for name, far in steps.items() if far <= HOPS
    )
    every, found.unread = records.all(until)
    by_name = {each.subject_id: each for each in every}
    for name, far in dependents(subject.subject_id, every).items():
        if name not in steps:
            found.neighbours.append(Neighbour(name, False, far, by_name[name]))
    found.neighbours.sort(key=lambda neighbour: neighbour.steps)
    return found
