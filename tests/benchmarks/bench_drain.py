"""How fast a backlog drains against token buckets, beside the naive way: real use cases, simulated time.

Bar: once the burst is spent, at least 0.97 of what the buckets or the latency allow; refused calls under 2 %;
nothing lost.
"""

import random

import pytest

from tests.benchmarks import naive
from tests.benchmarks.simulated_claude import PerMinute, SimulatedClaude
from tests.benchmarks.simulated_pipeline import simulated_pipeline
from tests.benchmarks.virtual_time import VirtualTime

TICKETS = 400
LIMITS = {
    "requests": PerMinute(requests=2),
    "input tokens": PerMinute(input_tokens=12_000),
    "output tokens": PerMinute(output_tokens=4000),
    "latency": PerMinute(),
}


def steady_rate(ends: list[float]) -> float:
    """Answers a second, without the start, when the buckets are full, and the end, when shards run empty."""
    steady = ends[len(ends) // 4 : -len(ends) // 20]
    return (len(steady) - 1) / (steady[-1] - steady[0])


@pytest.mark.parametrize("concurrency", [1, 5])
@pytest.mark.parametrize("bound", list(LIMITS))
def bench_drain(bound: str, concurrency: int) -> None:
    scale = concurrency if bound != "latency" else 1
    limits = LIMITS[bound]
    limits = PerMinute(limits.requests * scale, limits.input_tokens * scale, limits.output_tokens * scale)
    ours = SimulatedClaude(VirtualTime(), limits, chance=random.Random(1))
    with simulated_pipeline(ours, concurrency) as pipeline:
        pipeline.run(TICKETS, concurrency)
    rate = steady_rate(ours.ends)
    share = rate / ours.calls_per_second(concurrency)
    refused = ours.refused / (ours.refused + ours.answered)
    other = SimulatedClaude(VirtualTime(), limits, chance=random.Random(1))
    naive.drain(other, TICKETS, concurrency)
    naive_share = steady_rate(other.ends) / other.calls_per_second(concurrency)
    naive_refused = other.refused / (other.refused + other.answered)
    print(
        f"\nbound by {bound:13} concurrency {concurrency}: {rate * 60:6.2f}/min = {share:.3f} of the bound, "
        f"{refused:.1%} refused | naive: {naive_share:.3f}, {naive_refused:.1%} refused"
    )
    assert set(pipeline.ends.values()) == {"done"}
    assert len(pipeline.ends) == TICKETS
    assert share >= 0.97
    assert refused < 0.02
