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


class Alternative(_Answer):
    """Another cause that fits some of the evidence."""

    diagnosis: str
    supporting: list[Citation]
    contradicting: list[Citation]
    conclusion: str = Field(
        description="Why it is less likely than the primary diagnosis, or what would decide."
    )


class Command(_Answer):
    """One command that an engineer may run, for the affected system."""

    command: str
    purpose: str
    risk: str = Field(description="What running it may do to the system; 'none, read-only' when that is so.")


class Diagnosis(_Answer):
    """A differential diagnosis of one incident ticket."""

    timeline: list[TimelineEntry]
    affected_components: list[str]
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
    missing_data: list[str] = Field(description="What would have to be known to be surer.")
