"""The ways in which the stand-in can be told to misbehave, and the queue of what it was told."""

import json
import math
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from email.utils import formatdate
from enum import StrEnum
from types import UnionType
from typing import Any, Self


class Kind(StrEnum):
    """What happens instead of a proper answer; the values are the names used in scripts over HTTP."""

    # A proper answer after all: for slowness (`delay`) and for headers that announce the end of a limit.
    ANSWER = "answer"

    # Refused with an error body.
    BAD_REQUEST = "bad-request"
    CREDIT_BALANCE = "credit-balance"
    USAGE_LIMITS = "usage-limits"
    PROMPT_TOO_LONG = "prompt-too-long"
    UNAUTHORISED = "unauthorised"
    PAYMENT_REQUIRED = "payment-required"
    FORBIDDEN = "forbidden"
    MODEL_NOT_FOUND = "model-not-found"
    REQUEST_TIMEOUT = "request-timeout"
    CONFLICT = "conflict"
    TOO_LARGE = "too-large"
    UNPROCESSABLE = "unprocessable"
    RATE_LIMIT = "rate-limit"
    RAMP_LIMIT = "ramp-limit"
    SPEND_LIMIT = "spend-limit"
    SERVER_ERROR = "server-error"
    BAD_GATEWAY = "bad-gateway"
    UNAVAILABLE = "unavailable"
    GATEWAY_TIMEOUT = "gateway-timeout"
    OVERLOADED = "overloaded"

    # Answered with 200, but not with a diagnosis.
    REFUSAL = "refusal"
    EMPTY_REFUSAL = "empty-refusal"
    TRUNCATED = "truncated"
    CONTEXT_WINDOW = "context-window"
    NOT_JSON = "not-json"
    MISFIT = "misfit"
    EMPTY_BODY = "empty-body"

    # The connection ends early.
    DROP = "drop"
    DROP_MID_BODY = "drop-mid-body"


@dataclass(frozen=True)
class ErrorShape:
    """What an error says: HTTP status, the API's broad type, its text, and the code of its cause, if any."""

    status: int
    type: str
    message: str
    code: str | None = None


ERRORS: Mapping[Kind, ErrorShape] = {
    Kind.BAD_REQUEST: ErrorShape(400, "invalid_request_error", "The request could not be used."),
    Kind.CREDIT_BALANCE: ErrorShape(
        400,
        "invalid_request_error",
        "Your credit balance is too low for this call. Add credits under Billing.",
    ),
    Kind.USAGE_LIMITS: ErrorShape(
        400,
        "invalid_request_error",
        "You have reached your specified API usage limits for this month.",
    ),
    Kind.PROMPT_TOO_LONG: ErrorShape(
        400, "invalid_request_error", "prompt is too long: 200001 tokens > 200000 maximum"
    ),
    Kind.UNAUTHORISED: ErrorShape(401, "authentication_error", "invalid API key"),
    Kind.PAYMENT_REQUIRED: ErrorShape(402, "billing_error", "There is a problem with the payment details."),
    Kind.FORBIDDEN: ErrorShape(403, "permission_error", "This key may not use the resource."),
    Kind.MODEL_NOT_FOUND: ErrorShape(404, "not_found_error", "model: no model of that name"),
    Kind.REQUEST_TIMEOUT: ErrorShape(408, "timeout_error", "The request did not arrive in time."),
    Kind.CONFLICT: ErrorShape(409, "conflict_error", "The request conflicts with another one."),
    Kind.TOO_LARGE: ErrorShape(413, "request_too_large", "The request is larger than the API takes."),
    Kind.UNPROCESSABLE: ErrorShape(
        422, "invalid_request_error", "The request was understood but not accepted."
    ),
    Kind.RATE_LIMIT: ErrorShape(429, "rate_limit_error", "This call would go over the rate limit."),
    Kind.RAMP_LIMIT: ErrorShape(
        429, "rate_limit_error", "Usage is growing faster than it may.", "ramp_limit_exceeded"
    ),
    Kind.SPEND_LIMIT: ErrorShape(
        429, "rate_limit_error", "The month's spend limit is used up.", "enforced_spend_limit_reached"
    ),
    Kind.SERVER_ERROR: ErrorShape(500, "api_error", "Something went wrong inside."),
    Kind.BAD_GATEWAY: ErrorShape(502, "api_error", "bad gateway"),
    Kind.UNAVAILABLE: ErrorShape(503, "api_error", "Not available at the moment."),
    Kind.GATEWAY_TIMEOUT: ErrorShape(504, "timeout_error", "The answer took too long to make."),
    Kind.OVERLOADED: ErrorShape(529, "overloaded_error", "Overloaded"),
}


_JSON_TYPES: Mapping[str, type | UnionType] = {
    "kind": str,
    "times": int | None,
    "match": str,
    "delay": int | float,
    "retry_after": int | float | str | None,
    "as_date": bool,
    "error_code": str | None,
    "message": str | None,
    "headers": dict,
    "answer": dict | None,
}


@dataclass(frozen=True)
class Fault:
    """One misbehaviour: its kind, how often (None: until cleared), for which requests, and the details of it.

    `delay` is in seconds. A number in `retry_after` is seconds; `as_date` sends it as the HTTP date that they
    lead to; a text is sent as it stands. `match` is looked for in the text of the user's messages. `answer`
    is played back word for word in place of the one that is derived; it has to fit the schema asked for.
    """

    kind: Kind
    times: int | None = 1
    match: str = ""
    delay: float = 0.0
    retry_after: float | str | None = None
    as_date: bool = False
    error_code: str | None = None
    message: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in list(Kind):
            raise ValueError(f"kind: {self.kind!r} is none of {', '.join(Kind)}")
        object.__setattr__(self, "kind", Kind(self.kind))
        if self.times is not None and self.times < 1:
            raise ValueError(f"times: must be at least 1, or None for ever, not {self.times}")
        if self.delay < 0:
            raise ValueError(f"delay: must not be negative, not {self.delay}")

    @classmethod
    def from_json(cls, item: object) -> Self:
        """One element of a script sent over HTTP; raise ValueError when it does not describe a fault."""
        if not isinstance(item, dict) or "kind" not in item:
            raise ValueError(f"a fault is an object with at least 'kind', not {item!r}")
        unknown = sorted(set(item) - {known.name for known in fields(cls)})
        if unknown:
            raise ValueError(f"a fault has no {', '.join(unknown)}")
        for name, value in item.items():
            if not isinstance(value, _JSON_TYPES[name]):
                raise ValueError(f"{name}: {value!r} has the wrong type")  # noqa: TRY004 - bad input, not a bug
        return cls(**item)

    def error(self) -> ErrorShape | None:
        """The error that answers the request; None when the fault is not an error response."""
        shape = ERRORS.get(self.kind)
        if shape is None:
            return None
        return replace(shape, message=self.message or shape.message, code=self.error_code or shape.code)

    def extra_headers(self, now: float) -> dict[str, str]:
        """The headers that the fault adds to, or puts in place of, those of the reply."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if isinstance(self.retry_after, str):
            headers["retry-after"] = self.retry_after
        elif self.retry_after is not None and self.as_date:
            # HTTP dates have no fractions: a date rounded down would invite the caller too early.
            headers["retry-after"] = formatdate(math.ceil(now + self.retry_after), usegmt=True)
        elif self.retry_after is not None:
            headers["retry-after"] = f"{self.retry_after:g}"
        return headers


def read_script(body: bytes) -> list[Fault]:
    """The faults of a script sent over HTTP, a JSON list; raise ValueError when it cannot be read."""
    items = json.loads(body)
    if not isinstance(items, list):
        raise ValueError(f"a script is a list of faults, not {items!r}")  # noqa: TRY004 - bad input, not a bug
    return [Fault.from_json(item) for item in items]


class Script:
    """The faults still to come; each request consumes the first that is meant for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: deque[Fault] = deque()

    def __len__(self) -> int:
        return len(self._faults)

    def delays(self) -> bool:
        """Whether an answer to come is delayed."""
        with self._lock:
            return any(fault.delay for fault in self._faults)

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> int:
        """Forget what is left; return how many faults that was."""
        with self._lock:
            left = len(self._faults)
            self._faults.clear()
            return left

    def next_for(self, user_text: str) -> Fault | None:
        with self._lock:
            for position, fault in enumerate(self._faults):
                if fault.match in user_text:
                    if fault.times == 1:
                        del self._faults[position]
                    elif fault.times is not None:
                        self._faults[position] = replace(fault, times=fault.times - 1)
                    return fault
            return None
