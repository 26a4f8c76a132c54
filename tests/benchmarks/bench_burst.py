"""What a burst costs, in simulated time: 2 % of calls answered 529, an hour of outage, streams trimmed.

Bar: every ticket diagnosed, and the calls to AWS for each ticket the same for a hundred as for ten thousand.
"""

import random
from dataclasses import dataclass

from tests.benchmarks.simulated_claude import PerMinute, SimulatedClaude
from tests.benchmarks.simulated_pipeline import simulated_pipeline
from tests.benchmarks.virtual_time import VirtualTime

SIZES = (100, 1000, 10_000)
OUTAGE_SECONDS = 3600.0
OVERLOADED_SHARE = 0.02
MEAN_SECONDS = 22.5
HEAD = "tickets | diagnosed | failed or lost |  hours | too old | refused | retries | AWS calls each"


@dataclass
class Burst:
    """What one burst took."""

    tickets: int
    diagnosed: int
    hours: float
    too_old: int
    refused: int
    messages: int
    aws_calls: int

    @property
    def calls_each(self) -> float:
        return self.aws_calls / self.tickets

    def __str__(self) -> str:
        return (
            f"{self.tickets:7} | {self.diagnosed:9} | {self.tickets - self.diagnosed:14} | {self.hours:6.1f}"
            f" | {self.too_old:7} | {self.refused:7} | {self.messages:7} | {self.calls_each:14.1f}"
        )


def burst(tickets: int) -> Burst:
    time = VirtualTime()
    started = time.now()
    middle = started + tickets * MEAN_SECONDS / 2
    claude = SimulatedClaude(
        time,
        PerMinute(requests=50, input_tokens=30_000, output_tokens=8000),
        overloaded_share=OVERLOADED_SHARE,
        outages=[(middle, middle + OUTAGE_SECONDS)],
        chance=random.Random(3),
    )
    with simulated_pipeline(claude, concurrency=1) as pipeline:
        pipeline.run(tickets, concurrency=1)
    return Burst(
        tickets=tickets,
        diagnosed=sum(end == "done" for end in pipeline.ends.values()),
        hours=(pipeline.finished_at - started) / 3600,
        too_old=pipeline.stream.trimmed,
        refused=claude.refused + claude.faulted,
        messages=pipeline.queue.sent,
        aws_calls=pipeline.aws_calls,
    )


def bench_burst() -> None:
    print(f"\n{HEAD}")
    bursts = []
    for size in SIZES:
        bursts.append(burst(size))
        print(bursts[-1])
    assert [each.diagnosed for each in bursts] == list(SIZES)
    assert bursts[-1].calls_each <= bursts[0].calls_each
