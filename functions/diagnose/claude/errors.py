"""Why Claude did not give a diagnosis, by whose fault it is, and the SDK's errors translated into that."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import ClassVar

import anthropic


class Fault(Enum):
    """Whose fault it is that there is no diagnosis, which decides what becomes of the ticket."""

    SHARED_LIMIT = auto()
    ACCOUNT = auto()
    UNKNOWN = auto()
    TICKET = auto()


class ClaudeError(Exception):
    """Any way of not getting a diagnosis; `kind` names it in metrics and on the ticket."""

    kind: ClassVar[str]
    fault: ClassVar[Fault]

    def __init__(self, message: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


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


class AmbiguousError(ClaudeError):
    """Raised when the fault may be the provider's or the ticket's.

    `quick_retry`: trying again soon makes sense.
    """

    kind = "ambiguous"
    fault = Fault.UNKNOWN

    def __init__(self, message: str, request_id: str | None = None, *, quick_retry: bool = False) -> None:
        super().__init__(message, request_id)
        self.quick_retry = quick_retry


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


TOO_LONG = ("prompt is too long", "context window", "context limit", "too many tokens")
ACCOUNT_400 = ("credit balance", "usage limit", "billing")


def translate(error: anthropic.AnthropicError, now: float) -> ClaudeError:
    """The SDK's error, met at `now` (epoch seconds), as one of ours.

    Source: the API's error reference and the SDK's exception classes.
    """
    if isinstance(error, anthropic.APITimeoutError):
        return AmbiguousError("no answer before the time-out")
    if isinstance(error, anthropic.APIConnectionError):
        return AmbiguousError(
            f"connection error: {type(error.__cause__ or error).__name__}", quick_retry=True
        )
    if not isinstance(error, anthropic.APIStatusError):
        return AmbiguousError(f"{type(error).__name__}")
    said = f"{error.status_code} {error.type or ''}: {(error.api_message or error.message)[:300]}"
    request_id, code, words = error.request_id, error.error_code or "", said.lower()
    match error.status_code:
        case 429 if "spend_limit" in code or "billing" in code:
            return AccountError(f"{code}: {said}", request_id)
        case 429 | 529:
            return SharedLimitError(said, request_id, retry_at(error.response.headers, now))
        case 401 | 402 | 403 | 404:
            return AccountError(said, request_id)
        case 413:
            return PromptTooLongError(said, request_id)
        case 400 if any(phrase in words for phrase in TOO_LONG):
            return PromptTooLongError(said, request_id)
        case 400 if any(phrase in words for phrase in ACCOUNT_400) or "spend_limit" in code:
            return AccountError(said, request_id)
    return AmbiguousError(
        said, request_id, quick_retry=error.status_code >= 500 or error.status_code in (408, 409)
    )


def retry_at(headers: Mapping[str, str], now: float) -> float | None:
    """When `retry-after` (seconds, or an HTTP date) says to come back, in epoch seconds; None without one."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return now + max(0.0, float(value))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None
