"""What the stack tells on its bus, one model for each detail type; docs/schemas has them as JSON schemas.

Every text is untrusted but `title`, `text` and `jira`, which are ready to be shown: `text` as plain text,
`jira` as a description in Jira's wiki markup.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION: Literal[1] = 1
"""Of the shapes below: a field may be added to them, and none is taken away or changes its meaning."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    id: str = Field(description="The same whenever the same thing is told again.")
    at: str = Field(description="When it was told: ISO 8601, UTC, to the millisecond.")


class _ForPeople(_Told):
    title: str = Field(max_length=250, description="One line of plain text.")
    text: str = Field(max_length=32_000, description="All of it for people, as plain text.")
    jira: str = Field(max_length=32_000, description="The same in Jira's wiki markup.")


class TicketFacts(BaseModel):
    """The ticket as it is when this is told; long texts have only their two ends, '' is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket_id: str
    generation: int = Field(description="Of the diagnosis: each fresh one has a higher number.")
    status: str
    invariant_name: str
    component: str
    subject: str
    severity: str = Field(description="As its producer wrote it.")
    message: str
    violation_key: str
    first_seen_at: str
    incident_id: str = Field(description="The ticket of the storm that it is a member of, or ''.")


class Pointer(BaseModel):
    """Where in DynamoDB the record is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    ticket_id: str
    attribute: Literal["diagnosis_record"] = "diagnosis_record"


class _OfTicket(_ForPeople):
    ticket: TicketFacts
    thread: str = Field(
        description="The same for all that belongs together: the incident, or else the ticket."
    )
    severity: Literal["critical", "error", "warning", "info"] = Field(
        description="The ticket's severity as one of four words."
    )
    link: str = Field(description="The ticket in the console of AWS; '' where there is no address.")


class KnownCause(BaseModel):
    """The confirmed diagnosis that was upheld in place of a full one; '' is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket_id: str
    diagnosed_at: str
    confirmed_by: str
    confirmed_at: str


class TicketDiagnosed(_OfTicket):
    """A diagnosis is finished, the first of its ticket or a fresh one."""

    is_revised: bool = Field(description="Whether the ticket had a diagnosis before.")
    verdict: Literal["action_required", "action_suggested", "no_action", "inconclusive", "unknown"]
    headline: str
    cause: str
    next_step: str
    confidence: str = Field(description="high, medium, low or insufficient_data; '' where it is not known.")
    known_cause: KnownCause | None = Field(
        description="Its origin, if a known cause was upheld in place of a full diagnosis; else null."
    )
    record: dict[str, Any] | None = Field(
        description="The diagnosis as data, see diagnosis_record.json; null where an event cannot hold it."
    )
    record_at: Pointer


class TicketDiagnosisFailed(_OfTicket):
    """A ticket could not be diagnosed, and is not tried again by itself."""

    kind: str = Field(description="What kind of fault it was, as `diagnosis_error` of the ticket has it.")
    reason: str


class TicketResolved(_OfTicket):
    """A ticket is resolved, by a person or because its monitor says that all is well."""

    is_diagnosed: bool
    headline: str = Field(description="Of its diagnosis, if it has one.")


class DiagnosisDelayed(_Told):
    """Claude has not answered for a while, and tickets wait."""

    since: str = Field(description="From when on nobody was answered: ISO 8601, UTC.")
    gate: str = Field(description="Why the gate is closed: provider, account or shared.")
    reason: str
    waiting: int = Field(ge=0, description="How many tickets wait for a diagnosis.")


class DiagnosisResumed(_Told):
    """Claude answers again, or nobody waits any more."""

    since: str = Field(description="From when on nobody was answered: ISO 8601, UTC.")
    waiting: int = Field(ge=0, description="How many tickets still wait; they are diagnosed one by one.")


OUTGOING: dict[str, type[_Told]] = {
    "Ticket Diagnosed": TicketDiagnosed,
    "Ticket Diagnosis Failed": TicketDiagnosisFailed,
    "Ticket Resolved": TicketResolved,
    "Diagnosis Delayed": DiagnosisDelayed,
    "Diagnosis Resumed": DiagnosisResumed,
}
"""By the detail type of the event."""
