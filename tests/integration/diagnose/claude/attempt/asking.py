"""What the tests of an attempt ask, and a Claude that gives what it was told to."""

from dataclasses import dataclass, field, replace

from capacity.capacity import Capacity
from diagnose.claude.attempt import Attempt
from diagnose.claude.deadline import Deadline
from diagnose.claude.errors import ClaudeError, SharedLimitError
from diagnose.claude.request import Request
from diagnose.diagnosis.answer import Answer, Reply
from diagnose.evidence.prompt import Prompt
from diagnose.evidence.sections import Context, Section
from tests.support.answers import ANSWER
from tests.support.fake_clock import FakeClock

TIMEOUT = 300.0
ANSWER_SECONDS = ANSWER.used.seconds
CONTEXT = Context(
    (
        Section("ticket", "Ticket", "E", ("message: slow",)),
        Section("log_tail", "Log", "L", tuple(f"line {n} of the log" for n in range(200)), is_log=True),
    ),
    (),
)
REQUEST = Request(CONTEXT, (), prompt_tokens=30_000, max_output_tokens=8_000)
PROSE = replace(ANSWER, text="The disk is slow.")
CUT_OFF = replace(ANSWER, text=ANSWER.text[:40], stop_reason="max_tokens")
WINDOW_FULL = replace(CUT_OFF, stop_reason="model_context_window_exceeded")
DECLINED = replace(ANSWER, text="I cannot help.", stop_reason="refusal")


@dataclass(frozen=True)
class Asked:
    """One call as Claude met it."""

    at: float
    prompt: Prompt
    max_tokens: int
    timeout: float


@dataclass
class FakeClaude:
    """Gives what it was told to in turn, then answers; every call takes its time on the clock."""

    clock: FakeClock
    replies: list[Answer | ClaudeError] = field(default_factory=list)
    keys: list[str] = field(default_factory=lambda: ["first"])
    asked: list[Asked] = field(default_factory=list)

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        self.asked.append(Asked(self.clock.now(), prompt, max_tokens, timeout))
        reply = self.replies.pop(0) if self.replies else ANSWER
        self.clock.sleep(ANSWER_SECONDS if isinstance(reply, Answer) else 1.0)
        if isinstance(reply, ClaudeError):
            raise reply
        return reply

    def renew_key(self) -> bool:
        """Goes on to the next key, if there is one."""
        refused = self.keys.pop(0)
        self.keys = self.keys or [refused]
        return self.keys[0] != refused


def reply_of(attempt: Attempt, request: Request = REQUEST) -> Reply:
    """The reply; raises what the attempt ended with instead."""
    result = attempt.ask(request).result
    if isinstance(result, Exception):
        raise result
    return result


def attempt_with(
    claude: FakeClaude,
    capacity: Capacity,
    clock: FakeClock,
    seconds: float = TIMEOUT,
    *,
    fresh: bool = True,
) -> Attempt:
    ends = clock.now() + seconds
    deadline = Deadline(lambda: ends - clock.now())
    return Attempt(claude, capacity, clock, deadline, capacity.read(), fresh=fresh)


def in_seconds(clock: FakeClock, seconds: float) -> SharedLimitError:
    return SharedLimitError("429 rate_limit_error: too fast", "req_9", clock.now() + seconds)
