"""What came back from Claude: one answer, and the reply that a diagnosis was read from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from capacity.buckets import Bucket, Used
from diagnose.diagnosis.checked import Checked
from diagnose.diagnosis.record import RecordedOrigin
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt


@dataclass(frozen=True)
class Answer:
    """One response: its text, why it ended, and what it took (tokens, seconds, dollars)."""

    text: str
    stop_reason: str | None
    model: str
    request_id: str | None
    used: Used
    cached_tokens: int
    buckets: Mapping[str, Bucket]


@dataclass(frozen=True)
class Reply:
    """The answer after its checks, and the prompt that got it; `used` adds up every answer that was paid for.

    `asked_again`: there were two answers, since checks failed in the first. `known`: it is a known cause,
    upheld on this evidence after the question that was `sent`.
    """

    checked: Checked
    prompt: Prompt
    answer: Answer
    used: Used
    asked_again: bool = False
    known: RecordedOrigin | None = None
    sent: Prompt | None = None

    @property
    def diagnosis(self) -> Diagnosis:
        return self.checked.diagnosis


def total(answers: Iterable[Answer]) -> Used:
    """What these answers took together."""
    each = [answer.used for answer in answers]
    return Used(
        sum(used.seconds for used in each),
        sum(used.input_tokens for used in each),
        sum(used.output_tokens for used in each),
        sum(used.cost_usd for used in each),
    )
