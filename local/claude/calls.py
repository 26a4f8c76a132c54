"""What the stand-in was asked: a record of every call, counted for good and remembered for a while."""

import json
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-api-key"}


class Outcome(StrEnum):
    """How a call ended: with a message that would be paid for, with an error, or cut off on purpose."""

    ANSWERED = "answered"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Call:
    """One call, noted when it was decided how to answer it and before any delay.

    `at` is by the stand-in's clock; `status` is None where the connection ends without one; `request` is
    empty if the body was no JSON object; `headers` are in lower case and without the secret ones.
    """

    at: float
    outcome: Outcome
    status: int | None
    error_type: str | None
    request_id: str
    input_tokens: int
    output_tokens: int
    request: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class CallLog:
    """The last calls and the counts of all; safe to use from many threads."""

    def __init__(self, remember: int) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=remember)
        self._counts: Counter[Outcome] = Counter()

    def note(self, call: Call) -> None:
        with self._lock:
            self._counts[call.outcome] += 1
            self._calls.append(call)

    def last(self) -> tuple[Call, ...]:
        with self._lock:
            return tuple(self._calls)

    def count(self, outcome: Outcome) -> int:
        with self._lock:
            return self._counts[outcome]

    def summary(self) -> dict[str, Any]:
        """Counts and calls without any text from them, fit to be sent as JSON."""
        told = ("at", "outcome", "status", "error_type", "request_id", "input_tokens", "output_tokens")
        calls = [
            {**{name: getattr(call, name) for name in told}, "model": call.request.get("model")}
            for call in self.last()
        ]
        return {**{str(outcome): self.count(outcome) for outcome in Outcome}, "calls": calls}


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name not in _SECRET_HEADERS}


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty one if there is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
