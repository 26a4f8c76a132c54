"""A subject's record in SubjectsTable: what its people have written down of a system."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from runtime.faults import shown
from tickets.plain import as_json, plain
from tickets.ticket import Text


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
