"""Claude's token buckets, what calls take out of them, and when they will carry the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from capacity.state import MAX_PACE_SECONDS, MAX_TURN_SECONDS

DEFAULT_CALL_SECONDS = 15.0
CUSHION = 1.5
"""The next call is taken to need this much more than the mean one, since answers differ in length."""
PACE_MARGIN = 1.01
WINDOW = 30


@dataclass(frozen=True)
class Bucket:
    """One of Claude's token buckets as a response's headers show it: per minute, refilled continuously.

    `remaining` is rounded by the API; `full_at` (epoch seconds) says more exactly how full the bucket is.
    """

    limit: float
    remaining: float
    full_at: float | None = None

    def holds_at(self, need: float, now: float) -> float:
        """When the bucket will hold `need` (epoch seconds), `now` when it does already."""
        if self.remaining >= need:
            return now
        seconds_each = 60 / self.limit
        if self.full_at is None:
            return now + (need - self.remaining) * seconds_each
        # An answer may overdraw the bucket; no more than by all of it, whatever the header or our clock says.
        overdrawn = now + (self.limit + need) * seconds_each
        return min(overdrawn, max(now, self.full_at - (self.limit - need) * seconds_each))


@dataclass(frozen=True)
class Used:
    """What one successful call took."""

    seconds: float
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass
class Means:
    """Means of what a call takes over about the last WINDOW calls of this execution environment."""

    calls: int = 0
    timed_out: bool = False
    """The last call did."""
    seconds: float = field(default_factory=lambda: DEFAULT_CALL_SECONDS)
    needs: dict[str, float] = field(default_factory=dict)

    def add(self, used: Used) -> None:
        self.calls += 1
        self.timed_out = False
        weight = 1 / min(self.calls, WINDOW)
        taken = {"requests": 1.0, "input-tokens": used.input_tokens, "output-tokens": used.output_tokens}
        for name, value in taken.items():
            self.needs[name] = self.needs.get(name, 0.0) * (1 - weight) + value * weight
        self.seconds = self.seconds * (1 - weight) + used.seconds * weight


def next_call(
    buckets: Mapping[str, Bucket], means: Means, concurrency: int, now: float
) -> tuple[float, float]:
    """When the buckets will carry the next call, and the seconds between calls that they keep up.

    Requests and input tokens are taken from their buckets when a call begins, so all that it needs must
    be there; output tokens as they are written, so the call may begin as soon as there are any. Where
    others call too, they take turns before the buckets are down to what is in flight.
    """
    fits_at, pace, tight = now, means.seconds / concurrency, False
    for name, bucket in buckets.items():
        mean = means.needs.get(name, 0.0)
        if not mean or bucket.limit <= 0:
            continue
        need = {"requests": 1.0, "output-tokens": 1.0}.get(name, mean * CUSHION)
        fits_at = max(fits_at, bucket.holds_at(min(bucket.limit, need), now))
        pace = max(pace, PACE_MARGIN * mean * 60 / bucket.limit)
        tight |= bucket.remaining < min(bucket.limit / 2, mean * (concurrency - 1))
    fits_at = max(fits_at, now + pace) if tight else fits_at
    return min(fits_at, now + MAX_TURN_SECONDS), min(pace, MAX_PACE_SECONDS)
