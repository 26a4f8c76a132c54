"""Getting an answer out of Claude within one invocation: waiting for a turn, and each remedy once."""

from dataclasses import dataclass, replace
from typing import Protocol

from capacity.capacity import Capacity, CapacityState, Used
from diagnose.claude.client import Answer, read_diagnosis
from diagnose.claude.deadline import Deadline
from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    NotTheSchemaError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
    TruncatedError,
)
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import FRAME_TOKENS, Prompt, build_prompt
from diagnose.evidence.sources import Context
from runtime.clock import Clock
from runtime.observability import logger

CALL_SECONDS = 75.0
"""An invocation waits for its turn only while this much is left for the call itself."""
LEAST_CALL_SECONDS = 5.0
QUICK_RETRY_SECONDS = 2.0
MOST_OUTPUT_TOKENS = 21_000
"""The SDK refuses to wait for more than this without streaming."""


class Asks(Protocol):
    """What this module needs of Claude."""

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer: ...

    def renew_key(self) -> bool: ...


class GateClosedError(Exception):
    """Raised when Claude may not be called for longer than is worth waiting in place."""

    def __init__(self, state: CapacityState) -> None:
        super().__init__(state.gate_reason or "waiting for a turn")
        self.state = state


@dataclass(frozen=True)
class Request:
    """What is asked: the context, what of the ticket was unusable, and the limits."""

    context: Context
    unusable: tuple[str, ...]
    prompt_tokens: int
    max_output_tokens: int

    @property
    def prompt(self) -> Prompt:
        return build_prompt(self.context, self.unusable, self.prompt_tokens)

    def with_half_the_evidence(self) -> "Request":
        """Half of what it holds now, which may be far below its budget."""
        tokens = min(self.prompt_tokens, self.prompt.tokens)
        return replace(self, prompt_tokens=(FRAME_TOKENS + tokens) // 2)


@dataclass(frozen=True)
class Reply:
    """The last answer and the prompt that got it; `used` adds up every answer that was paid for."""

    diagnosis: Diagnosis
    prompt: Prompt
    answer: Answer
    used: Used


class Caller:
    """Calls Claude for one ticket."""

    def __init__(self, claude: Asks, capacity: Capacity, clock: Clock, deadline: Deadline) -> None:
        self._claude = claude
        self._capacity = capacity
        self._clock = clock
        self._deadline = deadline
        self._tried: set[str] = set()
        self._refused_until = 0.0
        self.answers: list[Answer] = []
        self.state = CapacityState()

    @property
    def used(self) -> Used:
        """What the answers so far took together."""
        each = [answer.used for answer in self.answers]
        return Used(
            sum(used.seconds for used in each),
            sum(used.input_tokens for used in each),
            sum(used.output_tokens for used in each),
            sum(used.cost_usd for used in each),
        )

    def call(self, request: Request) -> Reply:
        """The reply. Raises GateClosedError, or the ClaudeError for which there is no remedy left."""
        while True:
            self._wait_for_turn()
            try:
                return self._call_once(request)
            except SharedLimitError as error:
                self._refused_until = self._capacity.shared_limit(self.state, error.retry_at, str(error))
            except AccountError:
                if not (self._first("renewed key") and self._claude.renew_key()):
                    raise
            except RefusedError:
                raise
            except ClaudeError as error:
                remedy = self._remedy(error, request)
                if remedy is None:
                    raise
                logger.info("asking again", remedy=error.kind)
                request = remedy

    def _call_once(self, request: Request) -> Reply:
        prompt = request.prompt
        timeout = self._deadline.for_call()
        if timeout < LEAST_CALL_SECONDS:
            raise AmbiguousError("the invocation's time was used up")
        answer = self._claude.ask(prompt, request.max_output_tokens, timeout)
        self.answers.append(answer)
        return Reply(read_diagnosis(answer), prompt, answer, self.used)

    def _remedy(self, error: ClaudeError, request: Request) -> Request | None:
        """What to ask instead, once for each kind of fault; None when it was tried."""
        if not self._first(error.kind):
            return None
        match error:
            case AmbiguousError(quick_retry=True):
                self._clock.sleep(QUICK_RETRY_SECONDS)
                return request
            case PromptTooLongError():
                return request.with_half_the_evidence()
            case TruncatedError() if self.answers[-1].stop_reason == "model_context_window_exceeded":
                return request.with_half_the_evidence()
            case TruncatedError():
                return replace(
                    request, max_output_tokens=min(MOST_OUTPUT_TOKENS, 2 * request.max_output_tokens)
                )
            case NotTheSchemaError():
                return request
        return None

    def _first(self, remedy: str) -> bool:
        if remedy in self._tried:
            return False
        self._tried.add(remedy)
        return True

    def _wait_for_turn(self) -> None:
        """Returns when Claude may be called.

        Raises GateClosedError when that is too long to wait in place.
        """
        while True:
            self.state = self._read_capacity()
            now = self._clock.now()
            if self.state.opens_at <= now:
                return
            if self.state.opens_at - now > self._deadline.for_call() - CALL_SECONDS:
                raise GateClosedError(self.state)
            turn = self._capacity.take_turn(self.state)
            if turn - now > self._deadline.for_call() - CALL_SECONDS:
                raise GateClosedError(self.state)
            self._clock.sleep(turn - now)
            self.state = self._read_capacity()
            if self.state.gate_until <= self._clock.now():
                return

    def _read_capacity(self) -> CapacityState:
        """The state, in which a refusal met here counts even where it could not be written down."""
        state = self._capacity.read()
        return replace(state, gate_until=max(state.gate_until, self._refused_until))
