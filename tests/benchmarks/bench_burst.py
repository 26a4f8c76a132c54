"""What a burst costs, in simulated time: 2 % of calls answered 529, an hour of outage, streams trimmed.

Bar: every ticket diagnosed, and at most six calls to AWS for each, the query for similar tickets included.
"""

import random
from dataclasses import dataclass

from tests.benchmarks.page import table, write_section
from tests.benchmarks.simulated_claude import PerMinute, SimulatedClaude
from tests.benchmarks.simulated_pipeline import simulated_pipeline
from tests.benchmarks.virtual_time import VirtualTime

BEFORE = {100: 14.5, 1000: 9.1, 10_000: 7.0}
"""Bursts, and the calls for each ticket before they were counted, without the query for similar tickets."""
MOST_CALLS_EACH = 6.0
OUTAGE_SECONDS = 3600.0
OVERLOADED_SHARE = 0.02
MEAN_SECONDS = 22.5
HEAD = (
    "tickets",
    "diagnosed",
    "failed or lost",
    "hours",
    "records too old",
    "calls refused",
    "messages",
    "AWS calls each",
    "before",
)


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

    @property
    def row(self) -> list[str]:
        counts = (self.tickets, self.diagnosed, self.tickets - self.diagnosed)
        met = (self.too_old, self.refused, self.messages)
        each = (self.calls_each, BEFORE[self.tickets])
        return [
            *map(str, counts),
            f"{self.hours:.1f}",
            *map(str, met),
            *(f"{calls:.1f}" for calls in each),
        ]


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
    bursts = []
    for size in BEFORE:
        bursts.append(burst(size))
        print(" | ".join(bursts[-1].row), flush=True)
    said = (
        "Real use cases on simulated time: so many tickets at once, one call to Claude at a time, 2 % of the"
        " calls refused as overloaded and an hour of outage in the middle. Calls to AWS are those of the"
        " functions and of the mappings on queues; before they were counted they were as many as the last"
        " column says, without the query for similar tickets. Of ten thousand two thirds outlive the stream:"
        " sweep marks each and brings it back, two calls more."
    )
    write_section("Bursts", f"{said}\n\n{table(HEAD, (each.row for each in bursts))}")
    assert [each.diagnosed for each in bursts] == list(BEFORE)
    assert all(each.calls_each <= MOST_CALLS_EACH for each in bursts)
