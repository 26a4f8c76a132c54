"""What the checks cost: an answer to each sample incident, and one to the largest prompt.

Bar: less than 25 ms of CPU for each sample incident.
"""

import time
from itertools import pairwise
from statistics import median

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.inline import sections_of
from diagnose.evidence.prompt import Prompt, build_prompt
from diagnose.evidence.sections import Context, Section
from local.demo.events import load_ticket, ticket_names
from tests.benchmarks.page import table
from tests.support.planted.answers import TRUE, answer, cited, hop
from tests.support.planted.incidents import asked
from tickets.ticket import Ticket

BUDGET = 30_000
RUNS = 15
MOST_MS = 25.0


def milliseconds(diagnosis: Diagnosis, prompt: Prompt) -> float:
    """Of CPU, the median of many runs."""
    took = []
    for _ in range(RUNS):
        before = time.process_time()
        check(diagnosis, prompt)
        took.append(1000 * (time.process_time() - before))
    return median(took)


def cite_much(prompt: Prompt) -> Diagnosis:
    """An answer that cites what comes first under each prefix to the letter, and has a chain over it."""
    ids = [id_ for id_ in prompt.evidence if int(id_[1:]) <= 4 and id_[0] not in "GSX"]
    ends = ("component-a", "component-b", "component-c")
    return answer(
        evidence=[cited(id_, prompt.evidence[id_]) for id_ in ids],
        chain=[hop(start, end, "unknown", *ids[:6]) for start, end in pairwise(ends)],
    )


def bench_checks() -> None:
    rows = []
    for name in ticket_names():
        ticket = Ticket.from_item(load_ticket(name))
        prompt = build_prompt(Context(tuple(sections_of(ticket)), ()), (), BUDGET)
        rows.append((name, prompt, milliseconds(cite_much(prompt), prompt)))
    rows += [
        (f"planted: {name}", of.prompt, milliseconds(TRUE[name](of), of.prompt))
        for name, of in asked().items()
    ]
    samples = [took for _, _, took in rows]
    lines = tuple(
        f"2026-11-28T11:46:{n % 60:02}.{n:06}Z service-{n % 97} ERROR request {n} failed"
        for n in range(60_000)
    )
    large = build_prompt(Context((Section("log", "Log", "L", lines, is_log=True),), ()), (), 500_000)
    rows.append(("a prompt of 500,000 tokens", large, milliseconds(cite_much(large), large)))
    print(f"\nCPU of checking one answer, median of {RUNS} runs:\n")
    print(
        table(
            ["", "items", "ms"],
            [[name, f"{len(prompt.evidence):,}", f"{took:.1f}"] for name, prompt, took in rows],
        )
    )
    assert max(samples) < MOST_MS
