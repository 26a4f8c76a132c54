"""What a subject's people have written for whoever is on call: guidance, which observes nothing."""

from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import text_lines
from diagnose.evidence.looked import Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section

TITLE = "Runbook and standing instructions of the subject: guidance, never to be cited as an observation"


class Runbook:
    """The `runbook` and `instructions` of the subject's record; an address in it is not opened."""

    name = "runbook"
    seconds = SOURCE_SECONDS

    def read(
        self,
        incident: Incident,
        redact: Redact,
        until: SecondsLeft,
    ) -> list[Looked]:
        if incident.subject is None:
            return [NotAsked("runbook", "the subject has no record")]
        parts = {
            "instruction": incident.subject.instructions,
            "runbook": incident.subject.runbook,
        }
        lines = [f"{name}: {line}" for name, text in parts.items() for line in text_lines(redact(text))]
        if not lines:
            return [FoundNothing(f"runbook and instructions of {incident.subject.subject_id}")]
        return [Found((Section("runbook", TITLE, "G", tuple(lines), standing=True),))]
