"""What survives when a log is reduced, beside taking its last lines, or its head and tail; and what it costs.

Bar: of the lines that tell the cause (those marked critical), in the mean of the logs, at least 0.92 within
16,000 characters and 0.96 within 32,000, at no more than 20 microseconds of CPU a line, from text to lines
kept; and all of 20 rare errors among 50,000 lines in a prompt of 4,000 tokens, within 1 s of CPU.
"""

import gzip
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import mean
from typing import Any

import pytest

from diagnose.evidence.inline import sections_of
from diagnose.evidence.lines import log_lines
from diagnose.evidence.log_reduction import reduce_log
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.sections import Context
from local.aws.template import ROOT
from tests.benchmarks.page import machine, table, write_section
from tickets.ticket import Ticket

LOGDX = [folder / "shared" / "data" / "logdx" for folder in ROOT.parents]
"""Where the logs may lie: beside this repository, or further up."""
BARS = {16_000: 0.92, 32_000: 0.96}
MICROSECONDS_A_LINE = 20
TITLE = "Reduction of logs"
INTRODUCTION = """\
Written by `make bench ONLY=reduction`. {logs} build logs with {lines:,} lines: the mean recall of the lines
that tell the cause, within so many characters. The rules and weights were chosen on these logs."""
COST = "From text to lines kept: {cost:.1f} µs of processor time a line; the bar is {bar}. {machine}."
ROUNDS = 3
"""Of which the quickest counts: whatever else the machine does only adds to the others."""
LINES, ERRORS, TOKENS, SECONDS = 50_000, 20, 4_000, 1.0


@dataclass(frozen=True)
class BuildLog:
    """A log, and of each line that tells the cause the texts of which one must be kept."""

    text: str
    critical: list[list[str]]

    def recall(self, kept: str) -> float:
        return mean(any(text in kept for text in texts) for texts in self.critical)


def build_logs() -> Iterator[BuildLog]:
    for path in sorted(path for folder in LOGDX for path in folder.glob("*.log.gz")):
        told = json.loads(path.with_name(path.name.replace(".log.gz", ".json")).read_text("utf-8"))
        critical = [
            [text for text in (signal.get("value") or signal.get("file"), *signal.get("aliases", ())) if text]
            for signal in told["required_signals"]
            if signal["importance"] == "critical"
        ]
        yield BuildLog(gzip.decompress(path.read_bytes()).decode("utf-8", "replace"), critical)


def reduced(text: str, room: int) -> str:
    return "\n".join(reduce_log(log_lines(text), room).lines)


WAYS: dict[str, Callable[[str, int], str]] = {
    "reduced": reduced,
    "last lines": lambda text, room: text[-room:],
    "head and tail": lambda text, room: text[: room // 2] + "\n" + text[-room // 2 :],
}


def seconds_of(work: Callable[[], Any]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        took.append(time.process_time() - started)
    return min(took)


def bench_critical_lines() -> None:
    logs = list(build_logs())
    if not logs:
        pytest.skip("there is no folder ../shared/data/logdx with build logs to measure with")
    rows = [
        [way, *(f"{mean(log.recall(keep(log.text, room)) for log in logs):.3f}" for room in BARS)]
        for way, keep in WAYS.items()
    ]
    rows += [
        [
            "whole",
            *[f"{mean(log.recall(chr(10).join(log_lines(log.text))) for log in logs):.3f}"] * len(BARS),
        ],
        ["bar", *map(str, BARS.values())],
    ]
    lines = sum(log.text.count("\n") for log in logs)
    costs = [
        sum(seconds_of(lambda log=log, room=room: reduced(log.text, room)) for log in logs) / lines * 1e6  # type: ignore[misc]
        for room in BARS
    ]
    report = "\n\n".join(
        [
            INTRODUCTION.format(logs=len(logs), lines=lines),
            table(["", *(f"{room:,}" for room in BARS)], rows),
            COST.format(cost=max(costs), bar=MICROSECONDS_A_LINE, machine=machine()),
            rare_errors(),
        ]
    )
    print(f"\n{report}")
    write_section(TITLE, report)

    for room, bar in BARS.items():
        assert mean(log.recall(reduced(log.text, room)) for log in logs) >= bar
    assert max(costs) <= MICROSECONDS_A_LINE


def noisy_log(errors: list[str]) -> list[str]:
    chance = random.Random(1)
    log = [
        f"2026-11-17T02:{number // 60 // 15:02}:{number // 15 % 60:02}Z "
        + chance.choice(
            [
                f"INFO GET /v1/orders/{chance.randrange(10**6)} 200 {chance.randrange(900)} ms",
                f"DEBUG cache hit key=user:{chance.randrange(10**6)}",
                f"WARN Readiness probe failed: HTTP probe failed with statuscode: 503 pod=api-{number}",
                f"ERROR Back-off restarting failed container api in pod api-7d9f{chance.randrange(10**4)}",
            ]
        )
        for number in range(LINES)
    ]
    for place, error in zip(chance.sample(range(LINES), len(errors)), errors, strict=True):
        log[place] = log[place][:21] + error
    return log


def rare_errors() -> str:
    """What became of rare errors in a small prompt, in words; fails below the bar."""
    errors = [f"ERROR {name} gave up: fault {number}" for number, name in enumerate(PARTS)]
    log = noisy_log([*errors, "INFO configuration reloaded: pool_size 200 -> 2"])
    ticket = Ticket.from_item(
        {
            "ticket_id": "t",
            "status": "open",
            "invariant_name": "i",
            "message": "m",
            "log_tail": "\n".join(log),
        }
    )

    def prompt() -> str:
        return build_prompt(Context(tuple(sections_of(ticket)), ()), (), TOKENS).user

    text = prompt()
    found = sum(error in text for error in errors)
    seconds = seconds_of(prompt)
    assert found == ERRORS
    assert seconds < SECONDS
    return (
        f"{found} of {ERRORS} rare errors among {LINES:,} lines survive in a prompt of {TOKENS:,} tokens, in "
        f"{seconds:.2f} s of processor time (bar: {SECONDS:g} s); a decisive line without a word of trouble "
        f"{'survives' if 'pool_size 200 -> 2' in text else 'is lost'}."
    )


PARTS = [
    "ledger", "mailer", "search index", "tax rates", "thumbnailer", "session store", "rate limiter",
    "audit trail",
    "currency feed", "webhook sender", "invoice renderer", "address lookup", "fraud scoring", "stock counter",
    "coupon engine", "label printer", "shipping quotes", "image resizer", "feature flags", "report builder",
]  # fmt: skip
