"""The subjects next to one: what it depends on, and what depends on it, by the records of all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.subject import Subject, dependencies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HOPS = 2
MOST_PAGES = 10
"""Of the scan for what depends on the subject; a page is 1 MB."""
AT_ONCE = 100
"""As many items as BatchGetItem takes."""


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


class Records:
    """SubjectsTable as the walk reads it."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def read_many(self, names: Sequence[str], until: SecondsLeft) -> dict[str, Subject]:
        """The records of these names; those without one are not in it."""
        found: dict[str, Subject] = {}
        client: Any = self._table.meta.client
        keys = [{"subject_id": name} for name in dict.fromkeys(names) if name]
        while keys and until() > 0:
            asked = {self._table.name: {"Keys": keys[:AT_ONCE]}}
            answer = client.batch_get_item(RequestItems=asked)
            for item in answer.get("Responses", {}).get(self._table.name, ()):
                subject = Subject.from_item(item)
                found[subject.subject_id] = subject
            left = answer.get("UnprocessedKeys", {}).get(self._table.name, {}).get("Keys", [])
            keys = [*left, *keys[AT_ONCE:]]
        return found

    def all(self, until: SecondsLeft) -> tuple[list[Subject], str]:
        """The records of the table, and why some of them were not read."""
        subjects: list[Subject] = []
        start: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            if until() <= 0:
                return subjects, f"no time was left after {len(subjects)} subjects"
            answer = self._table.scan(**start)
            subjects += map(Subject.from_item, answer.get("Items", ()))
            if "LastEvaluatedKey" not in answer:
                return subjects, ""
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return subjects, f"only the first {len(subjects)} subjects were read"


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


def dependents(name: str, subjects: Iterable[Subject]) -> dict[str, int]:
    """What stands on a subject, with the number of steps to it, up to HOPS; a circle ends where it began."""
    standing: dict[str, list[str]] = {}
    for each in subjects:
        for below in each.depends_on:
            standing.setdefault(below, []).append(each.subject_id)
    steps: dict[str, int] = {}
    layer = [name]
    for far in range(1, HOPS + 1):
        layer = [
            above
            for below in layer
            for above in standing.get(below, ())
            if above != name and steps.setdefault(above, far) == far
        ]
    return steps
