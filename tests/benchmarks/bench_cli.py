"""How long the command line keeps a person waiting: its help, and lists from the local stack.

Bars: 0.3 s for the help, 1.5 s for a list of 1,000 tickets. Written to docs/benchmarks.md.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from local.aws import stack as local_stack
from local.aws.emulator import Emulator, isolate
from local.aws.mappings import Mappings
from local.aws.runbook.operations import operations
from local.aws.template import ROOT, TEMPLATE, Template
from tests.benchmarks.page import machine, table, write_section

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HELP_SECONDS = 0.3
LIST_SECONDS = 1.5
ROUNDS = 7
"""Of which the quickest counts: whatever else the machine does only adds to the others."""
STATUSES = ("open", "acknowledged", "diagnosed")
SEVERITIES = ("critical", "warning", "info")
KEPT = "kept"
TITLE = "Command line"
INTRODUCTION = """\
Written by `make bench ONLY=cli`. Seconds from the start of a process to its end, and of processor time: its
own, and that of the emulator which answers it on the same machine; the least of several runs. {machine},
whose load was {load:.1f}. {judged}"""
BUSY = """\
With more to do than it has cores, the clock tells of the other work: a bar is then held to the processor time
of the two together, which the clock comes to on a machine that does nothing else."""
IDLE = "The bars are held to the clock."


@dataclass(frozen=True)
class Took:
    """Seconds of the clock, and of the processor: the command's own, and the emulator's in this process."""

    clock: float
    own: float
    emulator: float

    def verdict(self, bar: float, *, busy: bool) -> str:
        """What is said of the bar; nothing where there is none."""
        if not bar:
            return ""
        if self.clock <= bar:
            return KEPT
        return f"{KEPT} by processor time" if busy and self.own + self.emulator <= bar else "missed"


def ticket(number: int) -> dict[str, Any]:
    """One of the usual size, a diagnosis' summary and a log tail included."""
    return {
        "ticket_id": f"tkt-{number:05}",
        "status": STATUSES[number % 3],
        "diagnosis_status": "done" if number % 3 == 2 else "deferred",
        "invariant_name": "queue_drains_in_ten_minutes",
        "message": f"orders: {number} messages wait, the oldest for 14 minutes",
        "severity": SEVERITIES[number % 7 % 3],
        "subject": f"subject-{number % 40}",
        "component": f"component-{number % 400}",
        "first_seen_at": f"2026-11-{1 + number % 28:02}T{number % 24:02}:00:00Z",
        "log_tail": "2026-11-20T09:36:20Z ERROR timed out after 30 s\n" * 10,
        "diagnosis_summary": {"cause": "A migration holds the lock that the consumer waits for"},
    }


def took(arguments: list[str], environment: Mapping[str, str], rounds: int = ROUNDS) -> Took:
    """The least of so many runs."""
    runs = []
    for _ in range(rounds):
        started, before = time.perf_counter(), os.times()
        subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        clock, after = time.perf_counter() - started, os.times()
        spent = [now - then for now, then in zip(after, before, strict=True)]
        user, system, children_user, children_system, _ = spent
        runs.append((clock, children_user + children_system, user + system))
    return Took(*map(min, zip(*runs, strict=True)))


def put(tickets: "Table", numbers: range) -> None:
    with tickets.batch_writer() as batch:
        for number in numbers:
            batch.put_item(Item=ticket(number))


def bench_command_line() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "layers" / "shared")}
    with Emulator() as emulator:
        isolate(environment, emulator.url)
        isolate(os.environ, emulator.url)
        stack = local_stack.create(emulator.url, Template(TEMPLATE.read_text("utf-8"), endpoint=emulator.url))
        emulator.api.operations = operations(stack, Mappings(stack))
        tickets = boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
        rows = [("`--help`", HELP_SECONDS, took(["--help"], environment))]
        put(tickets, range(1000))
        rows.append(("`list`, 1,000 tickets", LIST_SECONDS, took(["list"], environment)))
        put(tickets, range(1000, 10_000))
        rows.append(("`list`, 10,000 tickets", 0, took(["list"], environment, 2)))
    load = os.getloadavg()[0]
    busy = load > (os.cpu_count() or 1)
    told = [
        [
            what,
            f"{each.clock:.2f}",
            f"{each.own:.2f}",
            f"{each.emulator:.2f}",
            f"{bar}" if bar else "",
            each.verdict(bar, busy=busy),
        ]
        for what, bar, each in rows
    ]
    header = ["", "seconds", "processor", "the emulator's", "bar", "the bar is"]
    introduction = INTRODUCTION.format(machine=machine(), load=load, judged=BUSY if busy else IDLE)
    report = f"{introduction}\n\n{table(header, told)}"
    print(f"\n{report}")
    write_section(TITLE, report)

    assert all(each.verdict(bar, busy=busy).startswith(KEPT) for _, bar, each in rows if bar)
