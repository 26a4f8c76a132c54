"""The real adapter to Claude, watched: every call is noted, and takes its time on the test's clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from diagnose.claude.attempt import ClaudeClient
from diagnose.claude.errors import ClaudeError
from diagnose.claude.reading import read_diagnosis
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt
from local.claude.server import StandIn
from runtime.clock import Clock

ANSWER_SECONDS = 20.0
"""What an answer takes on the test's clock."""
ERROR_SECONDS = 1.0
REAL_SECONDS = 1 / 1000
"""How long the SDK really waits for a second on the test's clock: a time-out of 280 s is one of 0.6 s."""
LEAST_REAL_SECONDS = 0.6
PATIENT_SECONDS = 60.0
"""Where no answer is delayed: a busy machine must not make a time-out of one that is on its way."""
TIMED_OUT = "timed out"
KNOWN_CAUSE = "an answer to the question about a known cause"


@dataclass(frozen=True)
class Asked:
    """What came of one call, by the test's clock: "answer", a ClaudeError's kind, TIMED_OUT, or KNOWN_CAUSE.

    `paid`: the stand-in answered it with a message, whether or not that reached us.
    """

    at: float
    outcome: str
    paid: bool


class WatchedClaude:
    """Asks as the real one does; `note` is told of each call, `broken` stands for a bug of our own."""

    def __init__(
        self, claude: ClaudeClient, stand_in: StandIn, clock: Clock, note: Callable[[Asked], None]
    ) -> None:
        self.broken: Callable[[Prompt], bool] = lambda _prompt: False
        self._claude = claude
        self._stand_in = stand_in
        self._clock = clock
        self._note = note

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        if self.broken(prompt):
            raise RuntimeError("a bug of our own, before the call")
        at, met, paid = self._clock.now(), self._calls_met(), self._stand_in.answered
        real = max(timeout * REAL_SECONDS, LEAST_REAL_SECONDS) if self._stand_in.delays() else PATIENT_SECONDS
        try:
            answer = self._claude.ask(prompt, max_tokens, real)
        except ClaudeError as error:
            timed_out = "time-out" in str(error)
            if timed_out:
                self._wait_until_met(met + 1)
            self._clock.sleep(timeout if timed_out else ERROR_SECONDS)
            self._note(Asked(at, TIMED_OUT if timed_out else error.kind, self._stand_in.answered > paid))
            raise
        self._clock.sleep(ANSWER_SECONDS)
        try:
            if prompt.form:
                self._note(Asked(at, KNOWN_CAUSE, paid=True))
                return replace(answer, used=replace(answer.used, seconds=ANSWER_SECONDS))
            read_diagnosis(answer)
        except ClaudeError as error:
            self._note(Asked(at, error.kind, paid=True))
        else:
            self._note(Asked(at, "answer", paid=True))
        return replace(answer, used=replace(answer.used, seconds=ANSWER_SECONDS))

    def renew_key(self) -> bool:
        return self._claude.renew_key()

    def _calls_met(self) -> int:
        return self._stand_in.answered + self._stand_in.refused + self._stand_in.dropped

    def _wait_until_met(self, count: int) -> None:
        """The stand-in notes a call before it delays the answer; on a busy machine that may take a moment."""
        ends = time.monotonic() + 5
        while self._calls_met() < count and time.monotonic() < ends:
            time.sleep(0.001)
