"""Rate limits like the API's: token buckets that refill continuously and hold at most a minute's worth."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What may be used in a minute; the defaults are so large that nothing local reaches them."""

    requests_per_minute: int = 1_000_000
    input_tokens_per_minute: int = 10_000_000_000
    output_tokens_per_minute: int = 10_000_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(f"{field.name} must be at least 1, not {getattr(self, field.name)}")


class _Bucket:
    """One limit: what is left now, and when there will be more."""

    def __init__(self, per_minute: int, now: float) -> None:
        self.capacity = per_minute
        self._per_second = per_minute / 60
        self._level = float(per_minute)
        self._at = now

    def level(self, now: float) -> float:
        gained = max(0.0, now - self._at) * self._per_second
        self._level = min(float(self.capacity), self._level + gained)
        self._at = max(self._at, now)
        return self._level

    def take(self, amount: float, now: float) -> None:
        self._level = self.level(now) - amount

    def seconds_until(self, wanted: float, now: float) -> float:
        # A request larger than a whole minute's worth passes a full bucket, or it would wait for ever.
        # What is wanted is a whole number, so a millionth missing is only float arithmetic.
        missing = min(wanted, self.capacity) - self.level(now)
        return missing / self._per_second if missing > 1e-6 else 0.0


@dataclass(frozen=True)
class OverLimit:
    """A request that does not fit: the limit it met, and the whole seconds until it would fit."""

    limit: str
    retry_after: int


class Buckets:
    """The three limits of one model, by a clock of seconds since the epoch; safe to use from many threads."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        now = clock()
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets = {
            "requests": _Bucket(limits.requests_per_minute, now),
            "input-tokens": _Bucket(limits.input_tokens_per_minute, now),
            "output-tokens": _Bucket(limits.output_tokens_per_minute, now),
        }

    def admit(self, input_tokens: int) -> OverLimit | None:
        """Take what a request needs, or take nothing and say why it has to wait.

        How long an answer will be is not known yet: it is enough that some output is left, and the bucket may
        go below zero when the answer is paid for.
        """
        needed = {"requests": 1, "input-tokens": input_tokens, "output-tokens": 1}
        with self._lock:
            now = self._clock()
            waits = {name: self._buckets[name].seconds_until(amount, now) for name, amount in needed.items()}
            limit = max(waits, key=lambda name: waits[name])
            if waits[limit] > 0:
                return OverLimit(limit, math.ceil(waits[limit]))
            self._buckets["requests"].take(1, now)
            self._buckets["input-tokens"].take(input_tokens, now)
            return None

    def spend_output(self, tokens: int) -> None:
        with self._lock:
            self._buckets["output-tokens"].take(tokens, self._clock())

    def headers(self) -> dict[str, str]:
        """The headers that tell a caller its limits, what is left, and when each bucket is full again."""
        headers: dict[str, str] = {}
        with self._lock:
            now = self._clock()
            for name, bucket in self._buckets.items():
                full_at = now + bucket.seconds_until(bucket.capacity, now)
                reset = datetime.fromtimestamp(math.ceil(full_at), UTC)
                headers[f"anthropic-ratelimit-{name}-limit"] = str(bucket.capacity)
                headers[f"anthropic-ratelimit-{name}-remaining"] = str(max(0, int(bucket.level(now))))
                headers[f"anthropic-ratelimit-{name}-reset"] = reset.strftime("%Y-%m-%dT%H:%M:%SZ")
        return headers
