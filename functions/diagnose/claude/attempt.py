"""Getting an answer out of Claude within one invocation: waiting for a turn, and each remedy once."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

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
    Fault,
    NotTheSchemaError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
    TruncatedError,
)
from diagnose.claude.known_cause import known_cause_in
from diagnose.claude.reading import read_diagnosis
from diagnose.claude.request import Request
from diagnose.claude.turns import GateClosedError, Turns, wait_in_place
from diagnose.diagnosis.answer import Answer, Reply, total
from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.known.question import Question
from diagnose.diagnosis.known.today import UnlikeError
from diagnose.evidence.prompt import Prompt
from runtime.clock import Clock
from runtime.observability import logger

LEAST_CALL_SECONDS = 5.0
QUICK_RETRY_SECONDS = 2.0
QUESTION_SECONDS = 30.0
"""What the question about a known cause may take: it is short, and a full diagnosis may have to follow."""
MOST_OUTPUT_TOKENS = 21_000
"""The SDK refuses to wait for more than this without streaming."""


Asked = TypeVar("Asked", Request, Question)
Got = TypeVar("Got")


class ClaudeClient(Protocol):
    """What this module needs of Claude."""

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer: ...

    def renew_key(self) -> bool: ...


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: `result` is the reply, or why there is none.

    `answers` are those that were paid for, `state` is the capacity as it was last read, `waited` the seconds
    for which this invocation waited for its turn. `not_upheld` is why a known cause that was asked about
    did not do.
    """

    result: Reply | ClaudeError | GateClosedError
    answers: tuple[Answer, ...]
    state: CapacityState
    waited: float
    not_upheld: str = ""

    @property
    def used(self) -> Used:
        """What the answers took together."""
        return total(self.answers)


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
        self._answers: list[Answer] = []
        self._turns = Turns(capacity, clock, deadline, state)

    def ask(self, request: Request, question: Question | None = None) -> Outcome:
        """Asks until there is a reply, a closed gate, or an error for which there is no remedy left.

        First the question about a known cause, if there is one; where that comes to nothing, for a diagnosis.
        """
        result: Reply | ClaudeError | GateClosedError | None = None
        not_upheld = ""
        try:
            if question is not None:
                try:
                    result = self._known_cause(question)
                except UnlikeError as unlike:
                    not_upheld = str(unlike)
                    self._turns.look()  # what was paid may have closed the gate
            if result is None:
                result = self._once_more(request, self._until_there(request, self._call, self._remedy))
        except (ClaudeError, GateClosedError) as error:
            result = error
        return Outcome(result, tuple(self._answers), self._turns.state, self._turns.waited, not_upheld)

    def _until_there(
        self,
        asked: Asked,
        call: Callable[[Asked], Got],
        remedy_for: Callable[[ClaudeError, Asked], Asked | None],
    ) -> Got:
        while True:
            self._turns.wait()
            try:
                return call(asked)
            except SharedLimitError as error:
                self._turns.refused(error)
            except AccountError:
                if not (self._first("renewed key") and self._claude.renew_key()):
                    raise
            except RefusedError:
                raise
            except ClaudeError as error:
                if isinstance(error, DeploymentError) and TruncatedError.kind in self._tried:
                    raise TruncatedError(f"cut off, and no more may be asked for: {error}") from error
                remedy = remedy_for(error, asked)
                if remedy is None:
                    raise
                logger.info("asking again", remedy=error.kind)
                asked = remedy

    def _known_cause(self, question: Question) -> Reply:
        """The known cause, upheld. Raises UnlikeError where it is not, or the question itself failed."""
        try:
            answer = self._until_there(question, self._short_call, self._quick_retry)
        except ClaudeError as error:
            if error.fault is Fault.TICKET or isinstance(error, DeploymentError):
                raise UnlikeError(f"the question came to nothing: {error.kind}") from error
            raise
        return known_cause_in(answer, question, total(self._answers))

    def _short_call(self, question: Question) -> Answer:
        """Raises UnlikeError when a full diagnosis could not follow any more."""
        if wait_in_place(self._deadline, self._capacity) < QUESTION_SECONDS:
            raise UnlikeError("no time was left to ask twice")
        return self._answer(question.prompt, question.max_output_tokens, QUESTION_SECONDS)

    def _quick_retry(self, error: ClaudeError, question: Question) -> Question | None:
        if isinstance(error, AmbiguousError) and error.quick_retry and self._first(error.kind):
            self._clock.sleep(QUICK_RETRY_SECONDS)
            return question
        return None

    def _once_more(self, request: Request, first: Reply) -> Reply:
        """The reply, or the better of two where a check failed: two calls are paid for at the most.

        The first is paid for, so whatever keeps Claude from being asked again does not cost it.
        """
        failed = failures(first) if request.ask_again and len(self._answers) == 1 else ()
        if not failed or wait_in_place(self._deadline, self._capacity) <= 0:
            return first
        logger.info("asking again", failed_checks=len(failed))
        try:
            self._turns.look()
            self._turns.wait()
            return better(first, self._call(replace(request, failed=failed)))
        except SharedLimitError as error:
            self._turns.refused(error)
        except (ClaudeError, GateClosedError):
            logger.info("the second answer did not come: the first is kept", exc_info=True)
        return replace(first, used=total(self._answers))

    def _call(self, request: Request) -> Reply:
        prompt = request.prompt
        answer = self._answer(prompt, request.max_output_tokens)
        return Reply(check(read_diagnosis(answer), prompt), prompt, answer, total(self._answers))

    def _answer(self, prompt: Prompt, max_tokens: int, at_most: float = math.inf) -> Answer:
        """One call, with all the time that is left or `at_most` so many seconds; it is paid for."""
        left = self._deadline.for_call()
        if left < LEAST_CALL_SECONDS:
            raise AmbiguousError("the invocation's time was used up")
        try:
            timeout = min(at_most, self._capacity.time_for_call(left, fresh=self._fresh))
            answer = self._claude.ask(prompt, max_tokens, timeout)
        except ClaudeError as error:
            self._capacity.spent(error.cost_usd)
            if not (isinstance(error, AmbiguousError) and error.timed_out):
                raise
            self._capacity.timed_out()
            if timeout == left and self._was_shortened(left):
                raise GateClosedError(self._turns.state, "waiting had taken the call's time") from error
            raise
        self._capacity.spent(answer.used.cost_usd)
        self._answers.append(answer)
        return answer

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
