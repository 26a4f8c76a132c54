"""The SDK's errors as ours: the one place that knows what each of them means."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import anthropic
import httpx2

from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    PromptTooLongError,
    SharedLimitError,
)

TOO_LONG = ("prompt is too long", "context window", "context limit", "too many tokens")
ACCOUNT_400 = ("credit balance", "usage limit", "billing")


def translate(error: anthropic.AnthropicError, now: float) -> ClaudeError:
    """The SDK's error, met at `now` (epoch seconds), as one of ours.

    Source: the API's error reference and the SDK's exception classes.
    """
    if isinstance(error, anthropic.APIConnectionError):
        cause = error.__cause__ or error
        if isinstance(error, anthropic.APITimeoutError) and not isinstance(cause, httpx2.ConnectTimeout):
            return AmbiguousError("no answer before the time-out", timed_out=True)
        return AmbiguousError(f"connection error: {type(cause).__name__}", quick_retry=True)
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
