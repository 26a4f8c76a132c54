"""How long gathering takes when its sources take their time, and when one of them does not answer.

Bar: no more than 10 % longer than the slowest source; with one that hangs, no more than 10 % beyond its
deadline.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diagnose.evidence.gathering import Source, gather
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import Found, Looked
from diagnose.evidence.redaction.redactor import Redact
from tests.benchmarks.page import table
from tests.support.incidents import incident, section

SECONDS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
LINES = 200
"""Of each source, redacted and given their offsets."""
OVER = 0.10
DEADLINE = 1.0


@dataclass(frozen=True)
class Takes:
    """A source that waits for the network for so many seconds."""

    takes: float
    seconds: float = 5.0

    @property
    def name(self) -> str:
        return f"source of {self.takes:g} s"

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        time.sleep(self.takes)
        log = "\n".join(f"2026-11-28T02:{n % 60:02}:00Z request {n} took {n} ms" for n in range(LINES))
        return [Found((section(self.name, *redact(log).split("\n")),))]


class Hangs:
    """A source that does not answer."""

    name = "source that hangs"
    seconds = DEADLINE

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        self.let_go.wait(60)
        return []


def seconds_of(sources: Sequence[Source]) -> float:
    started = time.monotonic()
    gather(incident(), (), sources)
    return time.monotonic() - started


def bench_gathering() -> None:
    slow = [Takes(seconds) for seconds in SECONDS]
    took = seconds_of(slow)
    hangs = Hangs()
    with_one_that_hangs = seconds_of([hangs, Takes(0.2), Takes(0.4)])
    hangs.let_go.set()
    span = f"{len(SECONDS)} sources of {min(SECONDS):g} to {max(SECONDS):g} s"
    rows = [
        ["one after the other", f"{sum(SECONDS):.1f} s", ""],
        [span, f"{took:.2f} s", f"{max(SECONDS):g} s"],
        ["one that hangs, two that answer", f"{with_one_that_hangs:.2f} s", f"{DEADLINE:g} s"],
    ]
    print(f"\nGathering, {LINES} lines a source:\n")
    print(table(["", "took", "slowest, or deadline"], rows))
    assert took <= max(SECONDS) * (1 + OVER)
    assert with_one_that_hangs <= DEADLINE * (1 + OVER)
