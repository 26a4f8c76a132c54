"""What it costs to write a diagnosis for people, of each sample incident and in each place.

Bar: 25 ms of processor time for the Markdown of an incident. Written to docs/benchmarks.md.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from diagnose.diagnosis.checked import Check, Checked, Effect, JudgedCommand, Result
from diagnose.diagnosis.rendering.document import document
from diagnose.diagnosis.rendering.ticket_text import render
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.inline import told_by
from diagnose.evidence.prompt import Prompt, build_prompt
from diagnose.evidence.sections import Context
from local.aws.template import ROOT
from local.claude.answers import derive_answer
from local.demo.events import load_ticket
from rendering.blocks import Block
from rendering.jira import jira
from rendering.plain import plain
from rendering.room import ROOMS
from rendering.slack import slack
from tests.benchmarks.page import machine, table, write_section
from tests.support.diagnoses import checked_of
from tickets.ticket import Ticket

TICKETS = sorted(path.stem for path in (ROOT / "events" / "tickets").glob("*.json"))
PLACES: dict[str, Callable[[Iterable[Block]], str]] = {"plain text": plain, "Slack": slack, "Jira": jira}
MILLISECONDS = 25
ROUNDS = 5
"""Of which the quickest counts: whatever else the machine does only adds to the others."""
TITLE = "Rendering"
INTRODUCTION = """\
Written by `make bench ONLY=rendering`. Milliseconds of processor time from the checked answer to the text,
for each sample ticket and the stand-in's answer to it; the bar is {bar} ms for the Markdown. {machine}."""


def milliseconds_of(work: Callable[[], str]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        took.append((time.process_time() - started) * 1e3)
    return min(took)


def answered(name: str) -> tuple[Checked, Prompt]:
    """A sample ticket's prompt, and the stand-in's answer with a check of each of its hops and citations."""
    ticket = Ticket.from_item(dict(load_ticket(name)))
    prompt = build_prompt(Context(told_by(ticket).sections, ()), (), 60_000)
    diagnosis = Diagnosis.model_validate(derive_answer(prompt.user))
    hops = [
        Check("edge", f"chain[{place}]", Result.PASSED, "") for place in range(len(diagnosis.primary.chain))
    ]
    doubts = [
        Check("figures", cited.id, Result.FAILED, f"quotes 41 from {cited.id}, which does not hold it")
        for cited in diagnosis.primary.evidence
    ]
    judged = JudgedCommand(Effect.READ_ONLY, "it only reads")
    return checked_of(diagnosis, [*hops, *doubts], reasons=["a figure is not there"], judged=judged), prompt


def written(
    write: Callable[[Iterable[Block]], str], checked: Checked, notes: Sequence[str], prompt: Prompt
) -> str:
    return write(document(checked, notes, prompt, ROOMS[0]))


def bench_rendering() -> None:
    rows, slowest = [], 0.0
    for name in TICKETS:
        checked, prompt = answered(name)
        notes = ["log cut from 60,000 to 40,000 bytes to make room"]
        text = render(checked, notes, prompt)
        own = milliseconds_of(partial(render, checked, notes, prompt))
        slowest = max(slowest, own)
        others = [
            milliseconds_of(partial(written, write, checked, notes, prompt)) for write in PLACES.values()
        ]
        rows.append([name, f"{len(text.encode()) / 1024:.1f}", *(f"{each:.1f}" for each in (own, *others))])
    report = "\n\n".join(
        [
            INTRODUCTION.format(bar=MILLISECONDS, machine=machine()),
            table(["", "KB", "Markdown", *PLACES], rows),
        ]
    )
    print(f"\n{report}")
    write_section(TITLE, report)

    assert slowest <= MILLISECONDS
