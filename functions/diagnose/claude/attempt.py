"""Getting an answer out of Claude within one invocation: waiting for a turn, and each remedy once."""

from dataclasses import dataclass, replace
from typing import Protocol

from capacity.buckets import Used
from capacity.capacity import USUAL_CALL_SECONDS, Capacity
from capacity.state import CapacityState
from diagnose.claude.asking_again import better, failures
from diagnose.claude.deadline import Deadline
from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    DeploymentError,
    NotTheSchemaError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
    TruncatedError,
)
from diagnose.claude.reading import read_diagnosis
from diagnose.claude.request import Request
from diagnose.diagnosis.answer import Answer, Reply, total
from diagnose.diagnosis.checks.checking import check
from diagnose.evidence.prompt import Prompt
from runtime.clock import Clock
from runtime.observability import logger

LEAST_CALL_SECONDS = 5.0
LOOK_SECONDS = 15.0
"""How often an invocation that waits in place looks whether somebody has opened the gate."""
QUICK_RETRY_SECONDS = 2.0
MOST_OUTPUT_TOKENS = 21_000
"""The SDK refuses to wait for more than this without streaming."""


class ClaudeClient(Protocol):
    """What this module needs of Claude."""

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer: ...

    def renew_key(self) -> bool: ...


class GateClosedError(Exception):
    """Raised when Claude may not be called for longer than is worth waiting in place."""

    def __init__(self, state: CapacityState, reason: str = "") -> None:
        super().__init__(reason or state.gate_reason or "waiting for a turn")
        self.state = state


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: `result` is the reply, or why there is none.

    `answers` are those that were paid for, `state` is the capacity as it was last read, `waited` the seconds
    for which this invocation waited for its turn.
    """

    result: Reply | ClaudeError | GateClosedError
    answers: tuple[Answer, ...]
    state: CapacityState
    waited: float

    @property
    def used(self) -> Used:
        """What the answers took together."""
        return total(self.answers)


def wait_in_place(deadline: Deadline, capacity: Capacity) -> float:
    """How long an invocation may wait for its turn (seconds), so that a call still has what calls take."""
    return max(0.0, deadline.for_call() - capacity.call_seconds())


class Attempt:
    """One attempt at getting a diagnosis of a ticket out of Claude; `state` is the capacity as just read.

    `fresh`: the ticket has met no fault yet.
    """

    def __init__(
        self,
        claude: ClaudeClient,
        capacity: Capacity,
        clock: Clock,
        deadline: Deadline,
        state: CapacityState,
        *,
        fresh: bool = True,
    ) -> None:
        self._fresh = fresh
        self._claude = claude
        self._capacity = capacity
        self._clock = clock
        self._deadline = deadline
        self._tried: set[str] = set()
        self._refused_until = 0.0
        self._waited = 0.0
        self._answers: list[Answer] = []
        self._state = state

    def ask(self, request: Request) -> Outcome:
        """Asks until there is a reply, a closed gate, or an error for which there is no remedy left."""
        result: Reply | ClaudeError | GateClosedError
        try:
            result = self._once_more(request, self._reply(request))
        except (ClaudeError, GateClosedError) as error:
            result = error
        return Outcome(result, tuple(self._answers), self._state, self._waited)

    def _reply(self, request: Request) -> Reply:
        while True:
            self._wait_for_turn()
            try:
                return self._call(request)
            except SharedLimitError as error:
                self._refused_until = self._capacity.shared_limit(self._state, error.retry_at, str(error))
                self._state = self._refused(self._capacity.last_seen)  # which that has just written
            except AccountError:
                if not (self._first("renewed key") and self._claude.renew_key()):
                    raise
            except RefusedError:
                raise
            except ClaudeError as error:
                if isinstance(error, DeploymentError) and TruncatedError.kind in self._tried:
                    raise TruncatedError(f"cut off, and no more may be asked for: {error}") from error
                remedy = self._remedy(error, request)
                if remedy is None:
                    raise
                logger.info("asking again", remedy=error.kind)
                request = remedy

    def _once_more(self, request: Request, first: Reply) -> Reply:
        """The reply, or the better of two where a check failed: two calls are paid for at the most.

        The first is paid for, so whatever keeps Claude from being asked again does not cost it.
        """
        failed = failures(first) if request.ask_again and len(self._answers) == 1 else ()
        if not failed or wait_in_place(self._deadline, self._capacity) <= 0:
            return first
        logger.info("asking again", failed_checks=len(failed))
        try:
            self._state = self._refused(self._capacity.read())
            self._wait_for_turn()
            return better(first, self._call(replace(request, failed=failed)))
        except SharedLimitError as error:
            self._refused_until = self._capacity.shared_limit(self._state, error.retry_at, str(error))
            self._state = self._refused(self._capacity.last_seen)
        except (ClaudeError, GateClosedError):
            logger.info("the second answer did not come: the first is kept", exc_info=True)
        return replace(first, used=total(self._answers))

    def _call(self, request: Request) -> Reply:
        prompt = request.prompt
        left = self._deadline.for_call()
        if left < LEAST_CALL_SECONDS:
            raise AmbiguousError("the invocation's time was used up")
        try:
            timeout = self._capacity.time_for_call(left, fresh=self._fresh)
            answer = self._claude.ask(prompt, request.max_output_tokens, timeout)
        except ClaudeError as error:
            self._capacity.spent(error.cost_usd)
            if not (isinstance(error, AmbiguousError) and error.timed_out):
                raise
            self._capacity.timed_out()
            if timeout == left and self._was_shortened(left):
                raise GateClosedError(self._state, "waiting had taken the call's time") from error
            raise
        self._capacity.spent(answer.used.cost_usd)
        self._answers.append(answer)
        checked = check(read_diagnosis(answer), prompt)
        return Reply(checked, prompt, answer, total(self._answers))

    def _was_shortened(self, left: float) -> bool:
        """The first call had less than what a call may take, because of our own waiting; it is remembered."""
        shortened = left < USUAL_CALL_SECONDS and not self._answers
        if shortened:
            self._capacity.took_longer_than(left)
        return shortened

    def _remedy(self, error: ClaudeError, request: Request) -> Request | None:
        """What to ask instead, once for each kind of fault; None when it was tried."""
        if not self._first(error.kind):
            return None
        match error:
            case AmbiguousError(quick_retry=True) if wait_in_place(self._deadline, self._capacity) > 0:
                self._clock.sleep(QUICK_RETRY_SECONDS)
                return request
            case PromptTooLongError():
                return request.with_half_the_evidence()
            case TruncatedError() if self._answers[-1].stop_reason == "model_context_window_exceeded":
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
        while self._state.opens_at > (now := self._clock.now()):
            longest = wait_in_place(self._deadline, self._capacity)
            if self._state.opens_at - now > longest:
                raise GateClosedError(self._state)
            turn = self._capacity.take_turn(self._state)
            if turn - now > longest:
                raise GateClosedError(self._state)
            self._wait_until(turn)
            if self._state.gate_until <= self._clock.now():
                return

    def _wait_until(self, turn: float) -> None:
        """Until then, or until somebody opens the gate by hand; for a mere turn nobody needs to look."""
        while (left := turn - self._clock.now()) > 0:
            is_closed = self._state.gate_until > self._clock.now()
            sleeps = min(left, LOOK_SECONDS) if is_closed else left
            self._clock.sleep(sleeps)
            self._waited += sleeps
            self._state = self._refused(self._capacity.after_wait())
            if self._state.opens_at <= self._clock.now():
                return

    def _refused(self, state: CapacityState) -> CapacityState:
        """The state, in which a refusal met here counts even where it could not be written down."""
        return replace(state, gate_until=max(state.gate_until, self._refused_until))
