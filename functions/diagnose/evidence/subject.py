"""The ticket's subject as evidence: its record, and what came of looking for it."""

from typing import TYPE_CHECKING

from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.sections import Section, labelled
from diagnose.evidence.why_not import why_not
from subjects.subject import Subject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MAX_KEY_BYTES = 2048


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
