"""Tickets that always time out, written among healthy ones: the real use cases, simulated time.

Bar: from the second hour on no healthy ticket waits longer than 30 minutes for its diagnosis, and none fails.
"""

import random
from dataclasses import dataclass
from operator import itemgetter

from tests.benchmarks.disturbed_claude import DisturbedClaude, Met
from tests.benchmarks.page import table, write_section
from tests.benchmarks.simulated_claude import PerMinute
from tests.benchmarks.simulated_pipeline import simulated_pipeline
from tests.benchmarks.virtual_time import VirtualTime

CASES = ((0, 0.0), (1, 0.0), (2, 0.0), (8, 0.0), (20, 300.0), (20, 0.0))
"""How many are poisoned, and the seconds from one to the next."""
EVERY_SECONDS = 300.0
HOURS = 24
SECOND_HOUR = 3600.0
LONGEST_SECONDS = 1800.0


@dataclass(frozen=True)
class Result:
    """Waits are from the write to the last claim (seconds); `calls` are those for poisoned tickets."""

    poisoned: int
    apart: float
    healthy: int
    diagnosed: int
    failed: int
    calls: int
    median: float
    longest: float

    @property
    def name(self) -> str:
        return (
            f"{self.poisoned}, one every {self.apart / 60:.0f} min"
            if self.apart
            else f"{self.poisoned} at once"
        )

    @property
    def row(self) -> list[str]:
        waits = [f"{seconds / 60:.1f}" for seconds in (self.median, self.longest)]
        return [
            self.name,
            str(self.healthy),
            str(self.diagnosed),
            str(self.failed),
            str(self.calls),
            *waits,
        ]


def poisoned_by(count: int, apart: float) -> Result:
    time = VirtualTime()
    started = time.now()
    claude = DisturbedClaude(
        time,
        PerMinute(),
        chance=random.Random(3),
        meets=lambda _now, prompt: Met.READ if "ticket poison-" in prompt else None,
    )
    healthy = {f"t-{number}": number * EVERY_SECONDS for number in range(int(HOURS * 3600 / EVERY_SECONDS))}
    poisoned = {f"poison-{number}": number * apart for number in range(count)}
    arrivals = dict(sorted({**poisoned, **healthy}.items(), key=itemgetter(1)))
    with simulated_pipeline(claude, concurrency=1) as pipeline:
        pipeline.gives_up_at = started + HOURS * 3600
        pipeline.run_with(arrivals, concurrency=1)
    waits = sorted(
        pipeline.claims[ticket_id][-1] - started - at if pipeline.claims[ticket_id] else HOURS * 3600 - at
        for ticket_id, at in healthy.items()
        if SECOND_HOUR <= at < HOURS * 3600 - LONGEST_SECONDS
    )
    ends = [pipeline.ends.get(ticket_id, "") for ticket_id in healthy]
    failed = sum(end == "failed" for end in pipeline.ends.values())
    return Result(
        count,
        apart,
        len(healthy),
        ends.count("done"),
        failed,
        claude.cut_off,
        waits[len(waits) // 2],
        waits[-1],
    )


def bench_poison() -> None:
    head = [
        "tickets that always time out",
        "healthy",
        "diagnosed",
        "failed",
        "calls that timed out",
        "median wait, min",
        "longest wait, min",
    ]
    results = []
    for count, apart in CASES:
        results.append(poisoned_by(count, apart))
        print(" | ".join(results[-1].row), flush=True)
    said = (
        f"Real use cases on simulated time: a healthy ticket every five minutes for {HOURS} hours, and at the"
        " beginning tickets whose every call times out, after 280 s if nothing ends it before. A wait is from"
        " the write to the last claim, for healthy tickets of the second hour and later."
    )
    write_section("Poison", f"{said}\n\n{table(head, (result.row for result in results))}")
    assert all(result.failed == 0 for result in results)
    assert all(result.longest <= LONGEST_SECONDS for result in results)
