"""What came instead of an answer, as one of our errors: the one place that knows what each of them means."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Self

import anthropic
import httpx2

from diagnose.claude.errors import (
    MOST_CHARS,
    AccountError,
    AmbiguousError,
    ClaudeError,
    DeploymentError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
)
from runtime.characters import clean

ACCOUNT_TYPES = ("authentication_error", "permission_error", "billing_error", "not_found_error")
ACCOUNT_CODES = re.compile(r"spend_limit|billing|organization")
SHARED_TYPES = ("rate_limit_error", "overloaded_error")

# An invalid_request_error has many causes, told apart by their words alone.
TOO_LONG = re.compile(
    r"(prompt|input) is too long|context (window|limit)|too many tokens|length less than or equal"
)
FILTERED = re.compile(r"content filter")
ACCOUNT = re.compile(r"credit balance|usage limit|billing|organi[sz]ation\b.*\b(disabled|suspended|on hold)")
OF_THE_CONTENT = re.compile(r"\bmessages\.\d")
DEPLOYMENT = re.compile(
    r"grammar|schema|\boutput_(config|format)|\beffort\b|\bmax_tokens\b|\banthropic_version\b"
    r"|unsupported|not support|not available|extra inputs|extraneous key"
    r"|(^|: )model: |\bmodel (id|identifier|name|version)\b|inference profile"
)
TRIED_AGAIN = (408, 409, 424)
"""The client errors that are none of the client's: too late, in conflict, the model failed."""


@dataclass(frozen=True)
class ApiError:
    """The API's own error body; whatever else stands on the way to it has another."""

    type: str
    message: str
    code: str

    @classmethod
    def in_body(cls, body: object) -> Self | None:
        """The error that a response's body holds, if it is of that shape."""
        match body:
            case {"type": "error", "error": {"type": str(type_), "message": str(message), **more}}:
                details = more.get("details")
                code = details.get("error_code") if isinstance(details, Mapping) else None
                return cls(type_, message, str(code or ""))
        return None


ErrorIn = Callable[[httpx2.Response, object], ApiError | None]
"""What the response says of an error in the words of the service that was asked; None if it is another's."""


def translate(error: anthropic.AnthropicError, error_in: ErrorIn, now: float, cost_usd: float) -> ClaudeError:
    """The SDK's error, met at `now` (epoch seconds), as one of ours.

    `cost_usd` is what the call may have cost, and goes onto those errors after which it may be billed.
    """
    if isinstance(error, anthropic.APIStatusError):
        return refusal(error.response, error_in(error.response, error.body), now, cost_usd)
    if not isinstance(error, anthropic.APIConnectionError):
        return AmbiguousError(type(error).__name__)
    cause = error.__cause__ or error
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return AmbiguousError(f"no connection: {type(cause).__name__}", quick_retry=True)
    if isinstance(error, anthropic.APITimeoutError):
        return _billed(AmbiguousError("no answer before the time-out", timed_out=True), cost_usd)
    return _billed(AmbiguousError(f"connection error: {type(cause).__name__}", quick_retry=True), cost_usd)


def refusal(response: httpx2.Response, error: ApiError | None, now: float, cost_usd: float) -> ClaudeError:
    """What a response means that is no message, whatever its status; `error` is the service's own, if any.

    Source: the API's error reference. Only its own error says anything of the account, the deployment or
    the ticket: a proxy's 403 concerns this one call.
    """
    status, request_id = response.status_code, request_id_of(response)
    retry_at = _retry_at(response.headers, now)
    passing = not 400 <= status < 500 or status in TRIED_AGAIN
    if error is None:
        if status in (429, 529):
            return SharedLimitError(f"{status} without the API's error body", request_id, retry_at)
        said = "the response is not a message" if response.is_success else f"{status}: {response.text[:300]}"
        ambiguous = AmbiguousError(said, request_id, quick_retry=passing)
        return ambiguous if 400 <= status < 500 else _billed(ambiguous, cost_usd)
    said = f"{status} {error.type}: {error.message[:300]}"
    if ACCOUNT_CODES.search(error.code):
        return AccountError(f"{error.code}: {said}", request_id)
    if error.type in SHARED_TYPES or status in (429, 529):
        return SharedLimitError(said, request_id, retry_at)
    if error.type in ACCOUNT_TYPES or status in (401, 402, 403, 404):
        return AccountError(said, request_id)
    if status == 413 or error.type == "request_too_large":
        return PromptTooLongError(said, request_id)
    words = error.message.lower()
    if FILTERED.search(words):
        return _billed(RefusedError(said, request_id), cost_usd)
    if error.type == "invalid_request_error" and (kind := _kind_of_invalid_request(words)):
        return kind(said, request_id)
    return AmbiguousError(said, request_id, quick_retry=passing)


def _kind_of_invalid_request(words: str) -> type[ClaudeError] | None:
    if TOO_LONG.search(words):
        return PromptTooLongError
    if ACCOUNT.search(words):
        return AccountError
    if DEPLOYMENT.search(words) and not OF_THE_CONTENT.search(words):
        return DeploymentError
    return None


def request_id_of(response: httpx2.Response) -> str | None:
    """The API's header, or AWS's, fit to be stored."""
    found = response.headers.get("request-id") or response.headers.get("x-amzn-requestid") or ""
    return clean(found[:MOST_CHARS]) or None


def _billed(error: ClaudeError, cost_usd: float) -> ClaudeError:
    error.cost_usd = cost_usd
    return error


def _retry_at(headers: Mapping[str, str], now: float) -> float | None:
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
    except (ValueError, OverflowError):
        return None
