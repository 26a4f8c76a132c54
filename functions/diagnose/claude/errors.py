"""Why Claude did not give a diagnosis, and whose fault it is."""

from enum import Enum, auto
from typing import ClassVar

from runtime.characters import clean

MOST_CHARS = 1000


class Fault(Enum):
    """Whose fault it is that there is no diagnosis, which decides what becomes of the ticket."""

    SHARED_LIMIT = auto()
    ACCOUNT = auto()  # or the deployment's: a person has to act, and no ticket gets through before that
    UNKNOWN = auto()
    TICKET = auto()


class ClaudeError(Exception):
    """Any way of not getting a diagnosis; `kind` names it in metrics and on the ticket.

    Its text may be stored, queued and logged as it is, whoever wrote it.
    """

    kind: ClassVar[str]
    fault: ClassVar[Fault]

    def __init__(self, message: str, request_id: str | None = None) -> None:
        super().__init__(clean(message[:MOST_CHARS]))
        self.request_id = request_id
        self.cost_usd = 0.0
        """What the call may have cost although no answer came, by the estimate of its prompt."""


class SharedLimitError(ClaudeError):
    """Raised when Claude is busy or we called too often.

    `retry_at` is when it said to come back (epoch seconds).
    """

    kind = "shared_limit"
    fault = Fault.SHARED_LIMIT

    def __init__(self, message: str, request_id: str | None, retry_at: float | None) -> None:
        super().__init__(message, request_id)
        self.retry_at = retry_at


class AccountError(ClaudeError):
    """Raised when a person has to act on the account: key, balance, spend limit, access to the model."""

    kind = "account"
    fault = Fault.ACCOUNT


class DeploymentError(ClaudeError):
    """Raised when Claude takes no request as this deployment makes them: model, effort, schema, limits."""

    kind = "deployment"
    fault = Fault.ACCOUNT


class AmbiguousError(ClaudeError):
    """Raised when the fault may be the provider's or the ticket's.

    `quick_retry`: trying again soon makes sense. `timed_out`: the call was ended because its time was over.
    """

    kind = "ambiguous"
    fault = Fault.UNKNOWN

    def __init__(
        self,
        message: str,
        request_id: str | None = None,
        *,
        quick_retry: bool = False,
        timed_out: bool = False,
    ) -> None:
        super().__init__(message, request_id)
        self.quick_retry = quick_retry
        self.timed_out = timed_out


class PromptTooLongError(ClaudeError):
    """Raised when the prompt does not fit the model's context window or the request's size limit."""

    kind = "prompt_too_long"
    fault = Fault.TICKET


class TruncatedError(ClaudeError):
    """Raised when the answer was cut off at the output limit."""

    kind = "truncated"
    fault = Fault.TICKET


class NotTheSchemaError(ClaudeError):
    """Raised when the answer is not the JSON that was asked for."""

    kind = "not_the_schema"
    fault = Fault.TICKET


class RefusedError(ClaudeError):
    """Raised when Claude declined to answer; the text holds its words, if it gave any."""

    kind = "refusal"
    fault = Fault.TICKET
