"""The structured answer: what Claude is asked to fill in, and what is stored as `diagnosis_record`.

Every property is required and there are no free-form maps: the API turns a map into an object that can only
be empty. Field descriptions reach Claude as part of the schema.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(_Answer):
    """One item of evidence, and what it shows."""

    id: str = Field(description="Id of one item of evidence, for example M3 or L12.")
    shows: str = Field(description="What this item shows, quoting its figures as they stand.")


class Component(_Answer):
    """One part of the system, and the part that it plays."""

    name: str = Field(description="Its name exactly as the evidence writes it.")
    role: Literal["cause", "symptom", "bystander"] = Field(
        description="'symptom' for what fails because something else does; 'bystander' for what is well, or "
        "is ill for reasons of its own."
    )


class Hop(_Answer):
    """One step of the causal chain: what happened to one component made another one fail."""

    from_component: str = Field(description="Where the step begins, as the evidence writes its name.")
    to_component: str = Field(
        description="What it acts on; the same name again only for a step inside one component."
    )
    how: str = Field(description="By which mechanism, in one sentence.")
    since: str = Field(
        description="When it began: a time or an offset exactly as a cited item writes it, or 'unknown'."
    )
    evidence: list[str] = Field(description="Ids of the evidence for this step, not for others.")


class TimelineEntry(_Answer):
    """One event, in order of time."""

    at: str = Field(description="Time as the evidence gives it; 'unknown' if it does not.")
    event: str
    evidence: list[str] = Field(description="Ids of the evidence for it.")


class MetricReading(_Answer):
    """One metric as the evidence gives it, and how to read it."""

    name: str
    value: str = Field(description="The value exactly as the evidence gives it.")
    unit: str = Field(description="Unit, or empty when the evidence does not say.")
    note: str = Field(description="What the reading means here: normal, high, low, saturated.")
    evidence: str = Field(description="Id of the evidence that it was read from.")


class Hypothesis(_Answer):
    """The cause that explains the most of the evidence."""

    diagnosis: str = Field(description="The cause in one or two sentences, or 'Insufficient data' and why.")
    confidence: Literal["high", "medium", "low", "insufficient_data"]
    reasoning: str
    evidence: list[Citation]
    chain: list[Hop] = Field(
        description="From the first cause to what the ticket complains of, hop by hop, each beginning where "
        "the one before ended; empty when no cause is established."
    )


class Alternative(_Answer):
    """Another cause that fits some of the evidence."""

    diagnosis: str
    supporting: list[Citation]
    contradicting: list[Citation]
    conclusion: str = Field(description="Why it is less likely than the primary diagnosis.")
    deciding_observation: str = Field(
        description="What to look at, and which result would speak for this cause and which against it."
    )
    deciding_command: str = Field(
        description="A command that makes this observation and only reads, ready to run: names as the "
        "evidence writes them, no placeholders, no variables; empty where there is none."
    )


class Command(_Answer):
    """One command that an engineer may run, for the affected system."""

    command: str = Field(
        description="Ready to run: names as the evidence writes them, no placeholders, no variables."
    )
    purpose: str
    changes: str = Field(description="What it changes, and on what; 'nothing' when it only reads.")
    risk: str = Field(description="What running it may do to the system; 'none, read-only' when that is so.")


class MissingData(_Answer):
    """Something that would have to be known to be surer."""

    what: str
    where: str = Field(description="Where it would be found; empty when that is not known.")


class Diagnosis(_Answer):
    """A differential diagnosis of one incident ticket."""

    verdict: Literal["action_required", "action_suggested", "no_action", "inconclusive"] = Field(
        description="'no_action' when the system is healthy, has recovered, or the alarm is false; "
        "'inconclusive' when the evidence does not decide."
    )
    headline: str = Field(
        description="At most 300 characters for a person woken at night: what is the matter, why, and the "
        "next step."
    )
    timeline: list[TimelineEntry]
    components: list[Component] = Field(description="Every component that bears on the incident.")
    metric_readings: list[MetricReading]
    primary: Hypothesis
    alternatives: list[Alternative] = Field(
        description="Two or three other causes that fit some of the evidence."
    )
    severity: Literal["critical", "warning", "info"]
    recommended_action: str = Field(
        description="The next step; 'Wait and observe' with a condition is an answer."
    )
    commands: list[Command]
    risks: list[str] = Field(description="Risks of the recommended action, and of doing nothing.")
    missing_data: list[MissingData]
