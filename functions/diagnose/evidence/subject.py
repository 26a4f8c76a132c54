"""A subject's record in SubjectsTable: what its people have written down of a system."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.sections import Section, labelled
from diagnose.evidence.why_not import why_not
from runtime.faults import shown
from tickets.plain import as_json, plain
from tickets.ticket import Text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MAX_KEY_BYTES = 2048
MOST_DEPENDENCIES = 50
"""So many subjects are looked at in a walk along what depends on what."""


def _listed(value: Any) -> Any:
    """A single text is a list of one; a text with commas stays one, for names may hold them."""
    return [value] if isinstance(value, str) else value


def _written(value: Any) -> Any:
    """Lists and maps as they would be written."""
    return as_json(value) if isinstance(value, list | dict) else value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(description="a text or a list of texts")]
Words = Annotated[Text, BeforeValidator(_written), Field(description="text, a list or a map")]


class SubjectMetric(BaseModel):
    """A metric of CloudWatch that tells how the subject is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    namespace: Text = Field(min_length=1)
    metric_name: Text = Field(min_length=1)
    dimensions: dict[str, Text] = Field(default_factory=dict)
    statistic: Text = ""


class Subject(BaseModel):
    """One system: what it is, what it stands on, and where to look when it fails. Only the id is required."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject_id: Text
    description: Words = ""
    kind: Text = ""
    depends_on: Texts = ()
    resources: Texts = ()
    log_groups: Texts = ()
    metrics: tuple[SubjectMetric, ...] = Field((), description="a list of namespace, metric_name, dimensions")
    runbook: Words = ""
    instructions: Words = ""
    severity: Text = ""
    faults: tuple[str, ...] = Field((), exclude=True)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """The subject in `item`; what does not fit is left out and named, and so is a circle of one."""
        fields = {
            name: value for name, value in plain(item).items() if value is not None and name != "faults"
        }
        faults: list[str] = []
        while True:
            try:
                found = cls.model_validate({**fields, "faults": tuple(faults)})
                break
            except ValidationError as error:
                wrong = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors())
            for name in wrong:
                expected = cls.model_fields[name].description or "text"
                faults.append(f"{name}: must be {expected}, got {shown(fields.get(name))}")
                fields.pop(name, None)
            fields.setdefault("subject_id", "")
        if found.subject_id in found.depends_on:
            others = tuple(name for name in found.depends_on if name != found.subject_id)
            faults.append("depends_on: names the subject itself")
            found = found.model_copy(update={"depends_on": others, "faults": tuple(faults)})
        return found


ReadMany = Callable[[Sequence[str]], Mapping[str, Subject]]


class Subjects:
    """The table of subjects, as it is read; nothing here writes to it."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def find(self, subject_id: str) -> tuple[Subject | None, Looked]:
        """The subject of this id, and what came of looking for it. Never raises."""
        place = f"the subject's record {subject_id[:200]!r}"
        if not subject_id:
            return None, NotAsked("the subject's record", "the ticket names no subject")
        if len(subject_id.encode("utf-8", "replace")) > MAX_KEY_BYTES:
            return None, CouldNotLook(place, f"its id is longer than {MAX_KEY_BYTES} bytes")
        try:
            item = self._table.get_item(Key={"subject_id": subject_id}).get("Item")
            if item is None:
                return None, FoundNothing(place)
            subject = Subject.from_item(item)
        except Exception as error:  # noqa: BLE001 - it is one of the sources, and none may cost the diagnosis
            return None, CouldNotLook(place, why_not(error))
        return subject, Found((section_of(subject),))


def section_of(subject: Subject) -> Section:
    """What is known of a subject at any time; its runbook and instructions are another source's."""
    lines = [
        *labelled("subject", subject.subject_id),
        *labelled("kind", subject.kind),
        *labelled("description", subject.description),
        *labelled("severity of its incidents", subject.severity),
        *labelled("depends on", ", ".join(subject.depends_on)),
        *labelled("resources", ", ".join(subject.resources)),
        *(line for fault in subject.faults for line in labelled("not usable in its record", fault)),
    ]
    return Section("subject", "The subject's record", "C", tuple(lines), standing=True)


def dependencies(subject: Subject, read_many: ReadMany) -> tuple[dict[str, int], tuple[str, ...]]:
    """All that a subject stands on, with the number of steps to each, nearest first; and what is wrong there.

    Each is read once, so a circle ends, and is named; after MOST_DEPENDENCIES the walk ends, and says so.
    """
    steps: dict[str, int] = {}
    faults: list[str] = []
    parents = {subject.subject_id: ""}
    layer, known = [subject], 0
    while layer:
        known += 1
        named: list[str] = []
        for each in layer:
            for name in each.depends_on:
                if name in _path(parents, each.subject_id):
                    circle = " -> ".join(_circle(parents, each.subject_id, name))
                    faults.append(f"circle of dependencies: {circle}")
                elif name not in parents:
                    parents[name] = each.subject_id
                    named.append(name)
        if len(steps) + len(named) > MOST_DEPENDENCIES:
            faults.append(f"more than {MOST_DEPENDENCIES} dependencies: the farther ones were not looked at")
            named = named[: MOST_DEPENDENCIES - len(steps)]
        steps |= dict.fromkeys(named, known)
        found = read_many(named) if named else {}
        faults += (f"{name}: has no record" for name in named if name not in found)
        layer = [found[name] for name in named if name in found]
    return steps, tuple(dict.fromkeys(faults))


def _path(parents: Mapping[str, str], name: str) -> list[str]:
    """The way back to the subject where the walk began, itself first."""
    way = []
    while name:
        way.append(name)
        name = parents[name]
    return way


def _circle(parents: Mapping[str, str], last: str, name: str) -> Iterable[str]:
    way = _path(parents, last)
    return [*reversed(way[: way.index(name) + 1]), name]
