"""The diagnosis as data, as it is stored on the ticket: the answer, and all that code found out about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from diagnose.diagnosis.checked import Check, Checked, Effect, JudgedCommand, Level, Result
from diagnose.diagnosis.schema import Diagnosis
from runtime.both_ends import both_ends
from tickets.record_version import RECORD_VERSION

MOST_CHECKS = 300
"""Results that are stored, those that did not pass first."""
MOST_PLACES = 100
LONGEST_PLACE = 500


class _Recorded(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedCheck(_Recorded):
    """One check of one claim."""

    name: str = Field(description="The check, as docs/trust.md names it.")
    place: str = Field(description="The claim's place in the answer: primary.chain[0].")
    result: Result
    says: str = Field(description="What was found, as a sentence that begins with 'The diagnosis'.")


class RecordedConfidence(_Recorded):
    """How sure the model was, and how sure the diagnosis may be called."""

    said: Level
    shown: Level
    reasons: list[str] = Field(description="Why less is shown than was said, a line each.")


class RecordedCommand(_Recorded):
    """What code says of a command."""

    effect: Effect
    why: str
    marks: list[str] = Field(description="What a reader could not see in it.")


class RecordedObservation(_Recorded):
    """An item of evidence that the cause rests on, by which it is found again in another incident."""

    id: str = Field(description="Its id in the evidence of this diagnosis.")
    section: str = Field(description="The section of the evidence that it stood in.")
    heading: str = Field(description="That section's heading.")
    kind: str = Field(
        description="What code had found there: deviation, change, alarm, error; '' if nothing."
    )
    text: str = Field(description="How it began.")


class RecordedOrigin(_Recorded):
    """The confirmed diagnosis that a known cause goes back to."""

    ticket_id: str
    diagnosed_at: str
    confirmed_by: str = Field(description="Who said that it was right; '' if that is not known.")
    confirmed_at: str = Field(description="When; '' if that is not known.")
    input_tokens: int = Field(ge=0, description="What it took, in full; 0 if that is not known.")
    output_tokens: int = Field(ge=0)


class DiagnosisRecord(_Recorded):
    """A diagnosis as data: the attribute `diagnosis_record` of a ticket."""

    version: Literal[4]
    answer: Diagnosis
    confidence: RecordedConfidence
    checks: list[RecordedCheck] = Field(description="What did not pass first.")
    not_looked_at: list[str] = Field(
        description="The places that could not be looked at or were not, and why, a line each."
    )
    checks_left_out: int = Field(ge=0, description="Results that are not stored, for want of room.")
    doubts: list[str] = Field(description="What did not pass, each once.")
    commands: list[RecordedCommand] = Field(description="Of the commands of the answer, in order.")
    deciding: list[RecordedCommand | None] = Field(
        description="Of the deciding commands of the alternatives, in order; null where there is none."
    )
    violation: str = Field(description="A digest of violation and component, to be compared; '' if unknown.")
    observations: list[RecordedObservation] = Field(description="What the cause and its chain rest on.")
    findings: list[str] | None = Field(
        description="A digest of each thing that stood out near the incident; null if they were too many."
    )
    known_cause: RecordedOrigin | None = Field(
        description="Where a known cause was upheld in place of a full diagnosis: its origin."
    )


@dataclass(frozen=True)
class Remembered:
    """What is kept of a diagnosis so that it can be recognised: see the fields of the record."""

    violation: str = ""
    observations: tuple[RecordedObservation, ...] = ()
    findings: tuple[str, ...] | None = ()
    known_cause: RecordedOrigin | None = None


def record_of(
    checked: Checked, not_looked_at: Sequence[str] = (), remembered: Remembered | None = None
) -> dict[str, Any]:
    """The record as it is stored."""
    kept = remembered or Remembered()
    results = sorted(checked.checks, key=_rank)
    record = DiagnosisRecord(
        version=RECORD_VERSION,
        answer=checked.diagnosis,
        confidence=RecordedConfidence(
            said=checked.confidence.said,
            shown=checked.confidence.shown,
            reasons=list(checked.confidence.reasons),
        ),
        checks=[
            RecordedCheck(name=each.name, place=each.place, result=each.result, says=each.says)
            for each in results[:MOST_CHECKS]
        ],
        not_looked_at=[both_ends(each, LONGEST_PLACE) for each in not_looked_at[:MOST_PLACES]],
        checks_left_out=max(0, len(results) - MOST_CHECKS),
        doubts=checked.doubts[:MOST_CHECKS],
        commands=[_command(each) for each in checked.commands],
        deciding=[_command(each) if each else None for each in checked.deciding],
        violation=kept.violation,
        observations=list(kept.observations),
        findings=None if kept.findings is None else list(kept.findings),
        known_cause=kept.known_cause,
    )
    return record.model_dump(mode="json")


def _rank(check: Check) -> int:
    return (Result.FAILED, Result.UNKNOWN, Result.PASSED).index(check.result)


def _command(judged: JudgedCommand) -> RecordedCommand:
    return RecordedCommand(effect=judged.effect, why=judged.why, marks=list(judged.marks))
