"""How long the severest of a mixed burst wait, written by hand and opened by intake, on simulated time.

Bar: all are diagnosed; of those that intake opens the critical ones wait a quarter of what they wait in the
stream's order, which is how those written by hand come; that costs at most half a call to AWS a ticket.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.page import table, write_section
from tests.benchmarks.simulated_claude import PerMinute, SimulatedClaude
from tests.benchmarks.simulated_pipeline import simulated_pipeline
from tests.benchmarks.virtual_time import VirtualTime
from tickets.pending import opened_pending

SHARES = {"critical": 5, "high": 15, "warning": 50, "info": 30}
"""Of a hundred tickets."""
MEAN_SECONDS = 22.5
OUTAGE_SECONDS = 3600.0
QUICKER, MOST_CALLS_MORE = 4, 0.5
HEAD = ("tickets", "written within", "outage", "opened by", "diagnosed", "AWS calls each", *SHARES)


@dataclass
class MixedBurst:
    """So many tickets of every severity, written one after the other in so many minutes."""

    tickets: int
    minutes: int
    outage: bool
    by_intake: bool
    diagnosed: int = 0
    calls_each: float = 0.0
    longest: dict[str, float] = field(default_factory=dict)
    """Minutes until the last of a severity was claimed."""

    def run(self) -> None:
        time = VirtualTime()
        started = time.now()
        chance = random.Random(self.tickets)
        drawn = chance.choices(list(SHARES), list(SHARES.values()), k=self.tickets)
        severities = {f"t-{number}": severity for number, severity in enumerate(drawn)}
        step = self.minutes * 60 / self.tickets
        arrivals = {ticket_id: number * step for number, ticket_id in enumerate(severities)}

        def written(ticket_id: str) -> Mapping[str, Any]:
            opened = opened_pending(time.now()) if self.by_intake else {}
            return {"severity": severities[ticket_id], **opened}

        with simulated_pipeline(self._claude(time), concurrency=1) as pipeline:
            pipeline.also_written = written
            pipeline.run_with(arrivals, concurrency=1)
        self.diagnosed = sum(end == "done" for end in pipeline.ends.values())
        self.calls_each = pipeline.aws_calls / self.tickets
        for ticket_id, severity in severities.items():
            waited = (pipeline.claims[ticket_id][0] - started - arrivals[ticket_id]) / 60
            self.longest[severity] = max(self.longest.get(severity, 0.0), waited)

    def _claude(self, time: VirtualTime) -> SimulatedClaude:
        limits = PerMinute(requests=50, input_tokens=30_000, output_tokens=8000)
        middle = time.now() + self.tickets * MEAN_SECONDS / 2
        outages = [(middle, middle + OUTAGE_SECONDS)] if self.outage else []
        overloaded = 0.02 if self.outage else 0.0
        return SimulatedClaude(
            time, limits, overloaded_share=overloaded, outages=outages, chance=random.Random(3)
        )

    @property
    def row(self) -> list[str]:
        told = (str(self.tickets), f"{self.minutes} min", "an hour" if self.outage else "none")
        by = "intake" if self.by_intake else "hand"
        waits = (f"{self.longest[severity]:.0f}" for severity in SHARES)
        return [*told, by, str(self.diagnosed), f"{self.calls_each:.2f}", *waits]


def bench_severest_first() -> None:
    rows = []
    for tickets, minutes, outage in (
        (100, 0, False),
        (100, 0, True),
        (1000, 0, False),
        (1000, 0, True),
        (1000, 60, False),
    ):
        by_hand, by_intake = (MixedBurst(tickets, minutes, outage, by) for by in (False, True))
        for burst in (by_hand, by_intake):
            burst.run()
            rows.append(burst.row)
            print(" | ".join(burst.row), flush=True)
            assert burst.diagnosed == tickets
        assert by_intake.longest["critical"] <= by_hand.longest["critical"] / QUICKER
        assert by_intake.calls_each <= by_hand.calls_each + MOST_CALLS_MORE
    said = (
        "Real use cases on simulated time, as under Bursts. The last columns are the longest wait of each"
        " severity for the first claim, in minutes. Tickets written by hand come in the stream's order;"
        " of those that intake opens the severest come first once the stream is a minute late."
    )
    write_section("Severest first", f"{said}\n\n{table(HEAD, rows)}")
