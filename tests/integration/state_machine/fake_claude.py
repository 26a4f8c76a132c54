"""A Claude that keeps state.

Its mood is the provider's or the account's, a ticket's nature the ticket's own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from capacity.buckets import Bucket, Used
from diagnose.claude.errors import AccountError, AmbiguousError, PromptTooLongError, SharedLimitError
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Diagnosis, Hypothesis
from diagnose.evidence.prompt import Prompt
from tests.integration.state_machine.calls import Calls
from tests.support.fake_clock import FakeClock

ANSWER_SECONDS = 20.0


class Mood(StrEnum):
    """How Claude is, whoever asks."""

    WELL = "well"
    TIGHT = "answers, and its headers say that the next call has to wait"
    BUSY = "429, back in 20 s"
    BUSY_FOR_LONG = "429, back in 10 minutes"
    OVERLOADED = "529"
    UNPAID = "402"
    BROKEN = "500"
    SILENT = "time-out"


class Nature(StrEnum):
    """How a ticket is answered when Claude is well; its message names it."""

    PLAIN = "plain"
    DECLINED = "declined"
    GARBLED = "garbled"
    ENDLESS = "endless"
    HUGE = "huge"
    SLOW = "slow"
    DEADLY = "deadly"
    MALFORMED = "malformed"


NEVER_ANSWERED = (Nature.SLOW, Nature.DEADLY)
"""What such a ticket meets may be anybody's fault, so it waits."""

DIAGNOSIS = Diagnosis(
    verdict="action_required",
    headline="The disk is full.",
    timeline=[],
    components=[],
    metric_readings=[],
    primary=Hypothesis(
        diagnosis="The disk is full.", confidence="low", reasoning="It says so.", evidence=[], chain=[]
    ),
    alternatives=[],
    severity="warning",
    recommended_action="Wait and observe.",
    commands=[],
    risks=[],
    missing_data=[],
)


def message_of(nature: str, serial: int) -> str:
    """The message of a ticket of this nature; `serial` tells one text from the next."""
    return f"a {nature} ticket, text {serial}"


def nature_in(text: str) -> Nature:
    """What a ticket's message, or a prompt that holds it, says of the ticket's nature."""
    found = re.search(rf"a ({'|'.join(Nature)}) ticket", text)
    return Nature(found.group(1)) if found else Nature.MALFORMED


@dataclass
class FakeClaude:
    """Answers by mood and nature. `paid` is told of each answer; `answered` counts them.

    `mended`: what was slow or deadly is so no longer.
    """

    clock: FakeClock
    calls: Calls
    paid: Callable[[], None]
    mood: Mood = Mood.WELL
    mended: bool = False
    answered: int = 0

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        self.calls.before("Claude")
        nature = nature_in(prompt.user)
        answer = self._answer(Nature.PLAIN if self.mended and nature in NEVER_ANSWERED else nature, timeout)
        self.answered += 1
        self.paid()
        self.calls.after("Claude")
        return answer

    def renew_key(self) -> bool:
        return False

    def _answer(self, nature: Nature, timeout: float) -> Answer:
        now = self.clock.now()
        match self.mood:
            case Mood.BUSY:
                raise SharedLimitError("429", None, now + 20)
            case Mood.BUSY_FOR_LONG:
                raise SharedLimitError("429", None, now + 600)
            case Mood.OVERLOADED:
                raise SharedLimitError("529", None, None)
            case Mood.UNPAID:
                raise AccountError("402")
            case Mood.BROKEN:
                raise AmbiguousError("500", quick_retry=True)
        if self.mood is Mood.SILENT or nature is Nature.SLOW:
            self.clock.sleep(timeout)
            raise AmbiguousError("no answer before the time-out", timed_out=True)
        if nature is Nature.DEADLY:
            self.calls.die()
        if nature is Nature.HUGE:
            raise PromptTooLongError("the prompt is too long")
        self.clock.sleep(ANSWER_SECONDS)
        text = (
            "It is the disk." if nature in (Nature.DECLINED, Nature.GARBLED) else DIAGNOSIS.model_dump_json()
        )
        stop_reason = {Nature.DECLINED: "refusal", Nature.ENDLESS: "max_tokens"}.get(nature, "end_turn")
        buckets = {"requests": Bucket(2, 0)} if self.mood is Mood.TIGHT else {}
        return Answer(text, stop_reason, "fake", "req", Used(ANSWER_SECONDS, 4000, 900, 0.02), 0, buckets)
