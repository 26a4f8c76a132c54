"""How long the severest tickets of a mixed burst wait, written by hand and opened by intake: simulated time.

Bar: opened by intake, every critical ticket is claimed within the time that the critical ones take, and half an
hour for the ticket in hand and a list read before the last of them came; all are diagnosed, with six calls to AWS.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.simulated_claude import PerMinute, SimulatedClaude
from tests.benchmarks.simulated_pipeline import simulated_pipeline
from tests.benchmarks.virtual_time import VirtualTime
from tickets.pending import opened_pending

SHARES = {"critical": 5, "high": 15, "warning": 50, "info": 30}
"""Of a hundred tickets."""
MEAN_SECONDS = 22.5
OUTAGE_SECONDS = 3600.0
HEAD = ("tickets", "opened by", "outage", "diagnosed", "AWS calls each", *SHARES)
MOST_CALLS_EACH = 6.0


@dataclass
class MixedBurst:
    """One burst of every severity."""

    tickets: int
    by_intake: bool
    outage: bool
    over_seconds: float = 0.0
    concurrency: int = 1

    def __post_init__(self) -> None:
        chance = random.Random(self.tickets)
        drawn = chance.choices(list(SHARES), list(SHARES.values()), k=self.tickets)
        self.severities = {f"t-{number:05}": severity for number, severity in enumerate(drawn)}
        steps = self.over_seconds / self.tickets
        self.arrivals = {ticket_id: number * steps for number, ticket_id in enumerate(self.severities)}
        self.longest: dict[str, float] = {}
        self.diagnosed, self.calls_each = 0, 0.0

    def run(self) -> None:
        time = VirtualTime()
        started = time.now()
        middle = started + self.tickets * MEAN_SECONDS / 2
        outages = [(middle, middle + OUTAGE_SECONDS)] if self.outage else []
        limits = PerMinute(requests=50, input_tokens=30_000, output_tokens=8000)
        share = 0.02 if self.outage else 0.0
        claude = SimulatedClaude(
            time, limits, overloaded_share=share, outages=outages, chance=random.Random(3)
        )

        def written(ticket_id: str) -> Mapping[str, Any]:
            marked = opened_pending(time.now()) if self.by_intake else {}
            return {"severity": self.severities[ticket_id], **marked}

        with simulated_pipeline(claude, self.concurrency) as pipeline:
            pipeline.also_written = written
            pipeline.run_with(self.arrivals, self.concurrency)
        self.diagnosed = sum(end == "done" for end in pipeline.ends.values())
        self.calls_each = pipeline.aws_calls / self.tickets
        for ticket_id, severity in self.severities.items():
            waited = pipeline.claims[ticket_id][0] - started - self.arrivals[ticket_id]
            self.longest[severity] = max(self.longest.get(severity, 0.0), waited)

    @property
    def row(self) -> list[str]:
        minutes = [f"{self.longest[severity] / 60:.0f}" for severity in SHARES]
        who, outage = "intake" if self.by_intake else "hand", "an hour" if self.outage else "none"
        return [str(self.tickets), who, outage, str(self.diagnosed), f"{self.calls_each:.2f}", *minutes]


def bench_severest_first() -> None:
    for size in (100, 1000):
        for outage in (False, True):
            for by_intake in (False, True):
                b = MixedBurst(size, by_intake, outage)
                b.run()
                print(b.row, flush=True)
    for kw in (dict(over_seconds=3600.0), dict(concurrency=5)):
        for by_intake in (False, True):
            b = MixedBurst(1000, by_intake, False, **kw)
            b.run()
            print(kw, b.row, flush=True)
