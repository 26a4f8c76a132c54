"""A Claude that meets faults at random, in spells, and tickets that are never answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from botocore.exceptions import ClientError

from diagnose.claude.errors import AmbiguousError, SharedLimitError
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt
from tests.benchmarks.simulated_claude import SimulatedClaude

ERROR_SECONDS, CONNECT_SECONDS = 1.0, 10.0


class Met(StrEnum):
    """What a call meets instead of Claude."""

    SERVER_ERROR = "500"
    CONNECT = "connect time-out"
    READ = "read time-out"
    DRIP = "dripped answer"
    BUG = "a bug of ours"
    SECRETS = "Secrets Manager fails"


def aws_error(code: str, operation: str = "simulated") -> ClientError:
    """What boto3 raises when a service does not take a call."""
    return ClientError({"Error": {"Code": code, "Message": "simulated"}}, operation)


@dataclass
class DisturbedClaude(SimulatedClaude):
    """Asks `meets` of each call what it meets; counts calls that were cut off, which may be billed."""

    meets: Callable[[float, str], Met | None] = field(default=lambda _now, _prompt: None)
    one_each: float = 0.0
    """Not more than one call in so many seconds."""
    cut_off: int = 0
    _next_at: float = 0.0

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        match self.meets(self.time.now(), prompt.user):
            case Met.SERVER_ERROR:
                self.time.sleep(ERROR_SECONDS)
                raise AmbiguousError("500 simulated", quick_retry=True)
            case Met.CONNECT:
                self.time.sleep(CONNECT_SECONDS)
                raise AmbiguousError("no connection", quick_retry=True)
            case Met.READ | Met.DRIP:
                self._time_out(timeout)
            case Met.BUG:
                raise RuntimeError("a bug of ours")
            case Met.SECRETS:
                raise aws_error("InternalServiceError", "GetSecretValue")
        if self.time.now() < self._next_at:
            self.refused += 1
            raise SharedLimitError("429 one at a time", None, self._next_at)
        self._next_at = self.time.now() + self.one_each
        if self.seconds[0] > timeout:
            self._time_out(timeout)
        return super().ask(prompt, max_tokens, timeout)

    def _time_out(self, timeout: float) -> None:
        self.time.sleep(timeout)
        self.cut_off += 1
        raise AmbiguousError("no answer before the time-out", timed_out=True)
