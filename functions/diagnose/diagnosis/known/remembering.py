"""What is kept of a diagnosis, so that it can be a known cause if a person confirms it."""

from collections.abc import Iterable, Mapping
from typing import Any

from diagnose.diagnosis.known.cause import violation_of
from diagnose.diagnosis.known.observations import findings_in, observed
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.record import RecordedOrigin, Remembered
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt
from tickets.feedback import Verdict, feedback_of
from tickets.ticket import Ticket

MOST_OBSERVATIONS = 40
"""An answer that rests on more is no known cause: it could not be asked about in short."""
CALLED_WRONG = "called_wrong"
"""In `diagnosis_summary`, which the index of similar tickets has: when the last diagnosis was made that a
person called wrong, and of which nothing else tells once a fresh one stands."""


def remembered(
    ticket: Ticket, answer: Diagnosis, prompt: Prompt, origin: RecordedOrigin | None = None
) -> Remembered:
    """What the cause and its chain rest on, and what else stood out."""
    items = Items(prompt)
    ids = [id_ for hop in answer.primary.chain for id_ in hop.evidence]
    observations = observed([*ids, *(each.id for each in answer.primary.evidence)], items)
    findings = findings_in(items)
    return Remembered(
        violation=violation_of(ticket),
        observations=observations if len(observations) <= MOST_OBSERVATIONS else (),
        findings=None if findings is None else tuple(sorted(findings)),
        known_cause=origin,
    )


def called_wrong(item: Mapping[str, Any]) -> dict[str, str]:
    """When the last diagnosis of this ticket was made that a person called wrong; nothing if none was."""
    history, summary = item.get("diagnosis_history"), item.get("diagnosis_summary")
    earlier: Iterable[Any] = [*(history if isinstance(history, list) else ()), item]
    found = [
        str(each["diagnosed_at"])
        for each in earlier
        if isinstance(each, Mapping)
        and feedback_of(each).verdict is Verdict.WRONG
        and isinstance(each.get("diagnosed_at"), str)
    ]
    before = summary.get(CALLED_WRONG) if isinstance(summary, Mapping) else None
    every = [*found, *([before] if isinstance(before, str) else ())]
    return {CALLED_WRONG: max(every)} if every else {}
