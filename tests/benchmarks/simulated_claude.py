"""Claude's rate limits and latency in simulated time: token buckets that refill continuously, and outages."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from capacity.buckets import Bucket, Used
from diagnose.claude.errors import AmbiguousError, SharedLimitError
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt
from tests.benchmarks.virtual_time import VirtualTime
from tests.support.answers import ANSWER


@dataclass(frozen=True)
class PerMinute:
    """Limits a minute. Unlimited by default."""

    requests: float = 1e9
    input_tokens: float = 1e9
    output_tokens: float = 1e9


@dataclass
class TokenBucket:
    """Refills continuously up to one minute's worth."""

    limit: float
    level: float
    at: float

    def refill(self, now: float) -> None:
        self.level = min(self.limit, self.level + (now - self.at) * self.limit / 60)
        self.at = now

    def wait_for(self, amount: float) -> float:
        return max(0.0, (amount - self.level) * 60 / self.limit)


@dataclass
class SimulatedClaude:
    """Answers after `seconds` (a range), refuses with 429 when a bucket is short, with 529 now and then.

    Output tokens are taken when the answer is complete, so that bucket may go below zero and then refuses.
    """

    time: VirtualTime
    limits: PerMinute
    seconds: tuple[float, float] = (5.0, 40.0)
    overloaded_share: float = 0.0
    outages: Sequence[tuple[float, float]] = ()
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    answered: int = 0
    refused: int = 0
    faulted: int = 0
    ends: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=lambda: [0.0] * 4)

    def __post_init__(self) -> None:
        now = self.time.now()
        self._buckets = {
            "requests": TokenBucket(self.limits.requests, self.limits.requests, now),
            "input-tokens": TokenBucket(self.limits.input_tokens, self.limits.input_tokens, now),
            "output-tokens": TokenBucket(self.limits.output_tokens, self.limits.output_tokens, now),
        }

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        of_ticket = random.Random(prompt.user)  # a ticket asked again is as large as before
        input_tokens, output_tokens = of_ticket.randint(3000, 9000), of_ticket.randint(800, 3200)
        seconds = of_ticket.uniform(*self.seconds)
        now = self.time.now()
        if any(start <= now < end for start, end in self.outages):
            self.time.sleep(1.0)
            self.faulted += 1
            raise AmbiguousError("503 simulated outage", quick_retry=True)
        if self.chance.random() < self.overloaded_share:
            self.faulted += 1
            raise SharedLimitError("529 overloaded", None, None)
        wait = self._short_by(now, input_tokens)
        if wait > 0:
            self.refused += 1
            raise SharedLimitError("429 rate limited", None, now + wait)
        self._buckets["requests"].level -= 1
        self._buckets["input-tokens"].level -= input_tokens
        self.time.sleep(seconds)
        self._refill(self.time.now())
        self._buckets["output-tokens"].level -= output_tokens
        self.answered += 1
        self.ends.append(self.time.now())
        took = (1, input_tokens, output_tokens, seconds)
        self.taken = [before + more for before, more in zip(self.taken, took, strict=True)]
        return Answer(
            text=ANSWER.text,
            stop_reason="end_turn",
            model="simulated",
            request_id=f"req_{self.answered}",
            used=Used(seconds, input_tokens, output_tokens, 0.0),
            cached_tokens=0,
            buckets={name: self._header(name, bucket) for name, bucket in self._buckets.items()},
        )

    def _header(self, name: str, bucket: TokenBucket) -> Bucket:
        """As the API shows it: whole requests, tokens to the thousand, full again at a whole second."""
        step = 1 if name == "requests" else 1000
        remaining = max(0, step * int(bucket.level // step))
        full_in = (bucket.limit - bucket.level) * 60 / bucket.limit
        return Bucket(bucket.limit, remaining, math.ceil(self.time.now() + full_in))

    def renew_key(self) -> bool:
        return False

    def calls_per_second(self, concurrency: int) -> float:
        """What buckets and latency allow in the long run, for what the answered calls took on average."""
        requests, input_tokens, output_tokens, seconds = (taken / self.answered for taken in self.taken)
        per_minute = min(
            self.limits.requests / requests,
            self.limits.input_tokens / input_tokens,
            self.limits.output_tokens / output_tokens,
        )
        return min(per_minute / 60, concurrency / seconds)

    def _short_by(self, now: float, input_tokens: int) -> float:
        """Seconds until this call fits; of output tokens there only have to be any."""
        self._refill(now)
        needs = {"requests": 1.0, "input-tokens": float(input_tokens), "output-tokens": 1.0}
        return max(self._buckets[name].wait_for(need) for name, need in needs.items())

    def _refill(self, now: float) -> None:
        for bucket in self._buckets.values():
            bucket.refill(now)
