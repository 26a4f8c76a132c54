"""The functions are killed before and after every call that they make, and no ticket is lost by it."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from local.aws import stack as local_stack
from local.aws.emulator import Emulator, isolate
from local.aws.stack import Stack
from local.aws.template import Template
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.repeats.incident import AS_BEFORE, ticket
from sweep.due import FORGOTTEN_SECONDS
from tests.e2e.crash_functions import Functions, Kill, running_functions
from tests.e2e.killed_pipeline import SWEEP_SECONDS, Item, KilledPipeline
from tests.support.fake_clock import FakeClock
from tests.support.known_causes import SMALL, TOOK, asked, diagnosis
from tests.support.moto_clock import moto_clock

# Other tests say what is covered; to follow these line by line would take minutes.
pytestmark = pytest.mark.not_followed

DIAGNOSE, REARM, SWEEP = "DiagnoseFunction", "RearmFunction", "SweepFunction"
EVERYWHERE = {DIAGNOSE: 100, REARM: 100, SWEEP: 100}
TICKET = {"ticket_id": "t-1", "status": "open", "invariant_name": "disk", "message": "writes take 40 ms"}
DONE = {
    "status": "diagnosed",
    "diagnosis_status": "done",
    "generation": 0,
    "claim_token": "an earlier one",
    "diagnosed_at": "2026-11-20T00:00:00.000Z",
}
DAY_SECONDS = 24 * 3600.0
LONG_AGO = 1_799_000_000
"""Days before anything here begins."""
LEASE_SECONDS = 360
"""What a claim holds: the invocation's time and a minute."""
LATE_SECONDS = LEASE_SECONDS + SWEEP_SECONDS + 60
"""By how much one crash may delay a ticket: nobody may touch it before the lease is over, then comes the next
sweep; and what was in flight. Where sweep begins to wait at the crash, as in most stories, it is less."""
LATE_TWICE_SECONDS = LATE_SECONDS + 10 * LEASE_SECONDS + SWEEP_SECONDS
"""The same where the attempt before had no outcome either: the ticket is in trouble, and waits ten times what
the attempt may have taken."""
OF_THE_TICKET = "differential-tickets"
"""How the names of reads and writes of one ticket end."""
ASKED = "POST /v1/messages"
"""How a call of Claude ends: a record that dies before it saw no more than that of a new ticket."""


@dataclass(frozen=True)
class Story:
    """What happens to a ticket, and where the functions are killed while it does.

    `crash_in` says how many invocations of each function have crash points, `only` how the names of the calls
    end that are, and `since` how that of the first one does; what is left out is the same in another story.
    """

    tell: Callable[[KilledPipeline, StandIn], None]
    crash_in: Mapping[str, int]
    only: str = ""
    since: str = ""
    retry_seconds: float = 1.0
    late_seconds: float = LATE_SECONDS


def opened(pipeline: KilledPipeline, _: StandIn) -> None:
    pipeline.put(TICKET)
    pipeline.settle()


def nearly_too_large(pipeline: KilledPipeline, _: StandIn) -> None:
    pipeline.put({**TICKET, "log_tail": "x" * (400 * 1024 - 200)})
    pipeline.settle()


def refused_by_claude(pipeline: KilledPipeline, stand_in: StandIn) -> None:
    stand_in.script(Fault(Kind.REFUSAL))
    pipeline.put(TICKET)
    pipeline.settle()
    pipeline.redrive()
    pipeline.settle()


def asked_for_again(pipeline: KilledPipeline, _: StandIn) -> None:
    with mock.patch.object(pipeline, "counting", new=False):
        pipeline.put(TICKET)
        pipeline.settle()
    pipeline.ask_again("t-1")
    pipeline.settle()


def overwritten(pipeline: KilledPipeline, _: StandIn) -> None:
    with mock.patch.object(pipeline, "counting", new=False):
        pipeline.put(TICKET)
        pipeline.settle()
    pipeline.put({**TICKET, "occurrence_count": 2})
    pipeline.settle()


def known_cause(pipeline: KilledPipeline, stand_in: StandIn) -> None:
    """What comes back was diagnosed and confirmed a day before."""
    onset = datetime.fromtimestamp(pipeline.clock.now(), UTC)
    with mock.patch.object(pipeline, "counting", new=False):
        stand_in.script(Fault(Kind.ANSWER, answer=diagnosis(onset, asked(onset)[1]).model_dump()))
        pipeline.put(ticket("t-0", onset, size=SMALL))
        pipeline.settle()
        pipeline.say("t-0", diagnosis_feedback={"verdict": "confirmed"}, diagnosis_usage=TOOK)
    pipeline.clock.advance(DAY_SECONDS)
    pipeline.put(ticket("t-1", onset + timedelta(days=1), AS_BEFORE, size=SMALL))
    pipeline.settle()


def unnoticed(pipeline: KilledPipeline, _: StandIn) -> None:
    pipeline.put(TICKET)
    pipeline.lose_records()
    pipeline.sweep_in()
    pipeline.sweep_in()
    pipeline.clock.advance(FORGOTTEN_SECONDS)
    pipeline.settle()


def met_by(*faults: Fault) -> Callable[[KilledPipeline, StandIn], None]:
    def tell(pipeline: KilledPipeline, stand_in: StandIn) -> None:
        stand_in.script(*faults)
        pipeline.put(TICKET)
        pipeline.settle()

    return tell


def found_by_sweep(**attributes: Any) -> Callable[[KilledPipeline, StandIn], None]:
    def tell(pipeline: KilledPipeline, _: StandIn) -> None:
        pipeline.put({**TICKET, **attributes})
        pipeline.lose_records()
        pipeline.sweep_in()
        pipeline.settle()

    return tell


ABANDONED = found_by_sweep(
    diagnosis_status="running", claim_token="lost", claim_event="lost", lease_until=LONG_AGO, attempts=1
)
STORIES = {
    "new": Story(opened, {DIAGNOSE: 1}),
    "new, delivered again after the lease": Story(opened, {DIAGNOSE: 1}, OF_THE_TICKET, retry_seconds=400),
    "nearly too large": Story(nearly_too_large, {DIAGNOSE: 1}, OF_THE_TICKET, since=ASKED),
    "deferred": Story(met_by(Fault(Kind.RATE_LIMIT, retry_after=600)), {DIAGNOSE: 1, REARM: 1}, since=ASKED),
    "failed, then redriven": Story(refused_by_claude, {DIAGNOSE: 1, REARM: 1}, since=ASKED),
    "asked for again": Story(asked_for_again, {DIAGNOSE: 2}, OF_THE_TICKET),
    "overwritten": Story(overwritten, {DIAGNOSE: 1}),
    "abandoned": Story(ABANDONED, {SWEEP: 1}, late_seconds=LATE_TWICE_SECONDS),
    "overdue": Story(
        found_by_sweep(diagnosis_status="deferred", generation=0, not_before=LONG_AGO),
        {SWEEP: 1},
        OF_THE_TICKET,
    ),
    "forgotten": Story(found_by_sweep(noticed_at=LONG_AGO), {SWEEP: 1}, OF_THE_TICKET),
    "forgotten while pending": Story(
        found_by_sweep(diagnosis_status="pending", generation=1, noticed_at=LONG_AGO),
        {SWEEP: 1},
        OF_THE_TICKET,
    ),
    "request forgotten": Story(found_by_sweep(**DONE, rediagnose="yes"), {SWEEP: 1}, OF_THE_TICKET),
    "unnoticed": Story(unnoticed, {SWEEP: 1}, OF_THE_TICKET),
}
MORE_STORIES = {
    "a known cause": Story(known_cause, EVERYWHERE),
    "made to wait": Story(met_by(Fault(Kind.RATE_LIMIT, retry_after=30)), EVERYWHERE),
    "deferred for long": Story(met_by(Fault(Kind.RATE_LIMIT, retry_after=1200)), EVERYWHERE),
    "key refused": Story(met_by(Fault(Kind.UNAUTHORISED)), EVERYWHERE),
    "answered with 500": Story(met_by(Fault(Kind.SERVER_ERROR, times=2)), EVERYWHERE),
}


@dataclass(frozen=True)
class Ground:
    """What all runs share."""

    stack: Stack
    functions: Functions
    stand_in: StandIn
    clock: FakeClock


@dataclass(frozen=True)
class Run:
    """A story told to its end: how long it took until the ticket was done, and the calls paid for."""

    pipeline: KilledPipeline
    tickets: dict[str, Item]
    seconds: float
    paid: int


@pytest.fixture(scope="module")
def ground(emulator: Emulator) -> Iterator[Ground]:
    """A stack of its own on a clock of its own, with the day's spend counted."""
    clock = FakeClock()
    emulator.reset()
    # Live sources are asked all at once, so that no two runs would make the same calls in the same order.
    parameters = {**Template.read().sources_off(), "ReadSimilar": "true", "DailySpendCapUsd": "1000"}
    template = Template.read(endpoint=emulator.url, parameters=parameters)
    stack = local_stack.create(emulator.url, template, {"AnthropicApiKey": "sk-test-key"})
    with StandIn(clock=clock.now) as stand_in, moto_clock(clock):
        environment = {**os.environ, **stack.shared_environment(), "ANTHROPIC_BASE_URL": stand_in.url}
        # Loopback needs no certificates, and to read this machine's takes every fork a while.
        environment["SSL_CERT_DIR"] = os.devnull
        environment.pop("SSL_CERT_FILE", None)
        isolate(environment, emulator.url)
        with running_functions(environment) as functions:
            yield Ground(stack, functions, stand_in, clock)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_crash_at_any_call_loses_nothing(story: Story, ground: Ground, subtests: pytest.Subtests) -> None:
    crash_everywhere(story, ground, subtests)


@pytest.mark.long
@pytest.mark.parametrize("story", (STORIES | MORE_STORIES).values(), ids=(STORIES | MORE_STORIES).keys())
def test_a_crash_at_any_call_of_any_invocation_loses_nothing(
    story: Story, ground: Ground, subtests: pytest.Subtests
) -> None:
    crash_everywhere(replace(story, crash_in=EVERYWHERE, only="", since=""), ground, subtests)


def test_a_record_that_dies_in_every_delivery_is_found_by_sweep(ground: Ground) -> None:
    run = tell(ground, Story(opened, {DIAGNOSE: 100}), Kill("before", 1), deaths=3)
    assert len(run.pipeline.given_up) == 1
    assert run.tickets["t-1"]["diagnosis_status"] == "done"
    assert run.paid == 1


def test_a_ticket_whose_every_attempt_dies_waits_ten_times_as_long_as_they_may_have_taken(
    ground: Ground,
) -> None:
    story = Story(opened, {DIAGNOSE: 100})
    asking = tell(ground, story).pipeline.calls.index(f"{DIAGNOSE}: POST /v1/messages") + 1
    run = tell(ground, story, Kill("after", asking), deaths=2)
    assert run.tickets["t-1"]["diagnosis_status"] == "done"
    assert run.seconds > 3600
    assert run.paid == 2 + 1


def test_a_redrive_of_a_ticket_that_died_before_it_failed_changes_nothing(ground: Ground) -> None:
    story = STORIES["failed, then redriven"]
    sending = (
        tell(ground, story).pipeline.calls.index(f"{DIAGNOSE}: SendMessage differential-dead-letter") + 1
    )
    pipeline = KilledPipeline(
        ground.stack, ground.functions, ground.clock, {DIAGNOSE: 1}, Kill("after", sending)
    )
    ground.stand_in.script(Fault(Kind.REFUSAL))
    try:
        pipeline.put(TICKET)
        pipeline.deliver()
        left_running = pipeline.tickets["t-1"]
        pipeline.redrive()
        pipeline.deliver()
        assert left_running["diagnosis_status"] == "running"
        assert pipeline.tickets["t-1"] == left_running
        pipeline.settle()
        assert pipeline.tickets["t-1"]["diagnosis_status"] == "done"
    finally:
        pipeline.clear()


def crash_everywhere(story: Story, ground: Ground, subtests: pytest.Subtests) -> None:
    clean = tell(ground, story)
    assert {ticket["diagnosis_status"] for ticket in clean.tickets.values()} == {"done"}
    points = crash_points(clean.pipeline, story)
    assert points
    died_at: list[str] = []
    for kill, point in points:
        with subtests.test(f"{kill.number}: {point}"):
            run = tell(ground, story, kill)
            died_at += run.pipeline.died_at
            assert run.pipeline.calls[: kill.number] == clean.pipeline.calls[: kill.number]
            assert_nothing_was_lost(run, clean, story.late_seconds)
    assert died_at == [point for _, point in points]


def crash_points(clean: KilledPipeline, story: Story) -> list[tuple[Kill, str]]:
    """Before and after every call that the story has crash points for.

    After a call and before the next of the same invocation the world is the same: one point stands for both.
    """
    points: list[tuple[Kill, str]] = []
    first = next(number for number, call in enumerate(clean.calls, start=1) if call.endswith(story.since))
    for number, call in enumerate(clean.calls, start=1):
        if number >= first and call.endswith(story.only):
            is_covered = points and points[-1][0].number == number - 1
            if not is_covered or number in clean.first_calls:
                points.append((Kill("before", number), f"before {call}"))
            points.append((Kill("after", number), f"after {call}"))
    return points


def tell(ground: Ground, story: Story, kill: Kill | None = None, deaths: int = 1) -> Run:
    """Runs a story to its end, with nothing left over from the one before."""
    ground.clock.advance(DAY_SECONDS - ground.clock.now() % DAY_SECONDS + 8 * 3600)
    pipeline = KilledPipeline(
        ground.stack, ground.functions, ground.clock, story.crash_in, kill, deaths, story.retry_seconds
    )
    began, paid = ground.clock.now(), ground.stand_in.answered
    try:
        story.tell(pipeline, ground.stand_in)
        run = Run(pipeline, dict(pipeline.tickets), pipeline.done_at - began, ground.stand_in.answered - paid)
        pipeline.redrive()
        pipeline.settle()
        assert pipeline.tickets == run.tickets, "a leftover message moved a finished ticket"
    finally:
        ground.stand_in.clear()
        pipeline.clear()
    return run


def assert_nothing_was_lost(run: Run, clean: Run, late_seconds: float) -> None:
    assert shapes(run) == shapes(clean)
    assert [claims for claims in run.pipeline.claims_done.values() if len(claims) > 1] == []
    assert run.paid <= clean.paid + 1
    assert run.seconds <= clean.seconds + late_seconds


def shapes(run: Run) -> dict[str, Any]:
    """What must not differ between two runs of a story: all but ids, times and counts."""
    return {
        ticket_id: {
            "status": ticket["status"],
            "diagnosis_status": ticket["diagnosis_status"],
            "attributes": sorted(ticket),
            "diagnoses kept": len(ticket.get("diagnosis_history", ())),
        }
        for ticket_id, ticket in run.tickets.items()
    }
