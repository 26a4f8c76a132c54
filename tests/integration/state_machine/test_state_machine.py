"""Producers, people, AWS and Claude do what they like, in any order; no promise about tickets is broken."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from runtime.observability import logger
from tests.integration.state_machine.calls import SAME, Act, Disturbance, How
from tests.integration.state_machine.deployments import Deploy, in_memory, on_moto
from tests.integration.state_machine.fake_claude import Mood, Nature
from tests.integration.state_machine.settling import deliver_all, settle
from tests.integration.state_machine.world import World
from tests.support.fake_clock import FakeClock
from tickets.wake_up import MAX_DELAY_SECONDS

# Other tests say what is covered; to follow these line by line would take minutes.
pytestmark = pytest.mark.not_followed

PRODUCERS_ACTS = ["create", "create pending", "create set aside", "overwrite", "bump", "delete"]
INTAKES_ACTS = ["set aside", "release"]
PEOPLES_ACTS = [
    "acknowledge",
    "resolve",
    "open again",
    "edit",
    "hold",
    "ask again",
    "take back",
    "redrive",
    "open the gate",
]
AWS_ACTS = [
    "deliver",
    "deliver again",
    "deliver messages",
    "sweep",
    "six minutes pass",
    "clock is slow",
    "clock is fast",
    "clock is right",
]
FAULTS: list[How] = ["killed before", "killed after", "refused", "answer lost", "sent twice"]
TICKETS = st.sampled_from(["T-1", "T-2"])
NATURES = st.sampled_from([*[Nature.PLAIN] * 6, *Nature])
MOODS = st.sampled_from([*[Mood.WELL] * 7, *Mood])
WRITES = st.sampled_from(["overwrite", "ask again", "resolve", *PRODUCERS_ACTS, *PEOPLES_ACTS, *INTAKES_ACTS])
OPENS = st.sampled_from(["create", "create pending", "create pending"])
ACTS = st.builds(
    Act,
    st.sampled_from([*PRODUCERS_ACTS, *PEOPLES_ACTS, *INTAKES_ACTS, *AWS_ACTS]),
    st.just(SAME) | st.just(SAME) | TICKETS,
)
OVERTAKEN = st.lists(ACTS, min_size=1, max_size=3).map(tuple)
CALL_NUMBERS = st.integers(1, 5) | st.integers(1, 10)
DISTURBANCES = st.builds(Disturbance, CALL_NUMBERS, st.sampled_from(FAULTS)) | st.builds(
    Disturbance, CALL_NUMBERS, st.just("overtaken"), OVERTAKEN
)
PICKS = st.integers(0, 1)
LATE_SECONDS = 90.0
TIMES = st.sampled_from([1.0, 30.0, 180.0, 420.0, 1200.0, 4000.0, 25_000.0, 90_000.0])


class Tickets(RuleBasedStateMachine):
    """What may happen next. A number picks one of what is there, so that hardly a step is idle."""

    deployment: Callable[[FakeClock], AbstractContextManager[Deploy]]

    def __init__(self) -> None:
        super().__init__()
        self._context = ExitStack()

    @initialize(spend_cap_usd=st.sampled_from([0.0, 0.0, 0.05]))
    def deploy(self, spend_cap_usd: float) -> None:
        clock = FakeClock()
        self.world = World(self._context.enter_context(self.deployment(clock)), clock, spend_cap_usd)

    @rule(ticket_id=TICKETS, act=WRITES, nature=NATURES, opens=OPENS)
    def somebody_writes(self, ticket_id: str, act: str, nature: Nature, opens: str) -> None:
        known = ticket_id in self.world.promises.items
        creates = act if act.startswith("create") else opens
        self.world.perform(Act(act if known else creates, ticket_id, nature))

    @precondition(lambda self: not self.world.promises.items)
    @rule(natures=st.tuples(NATURES, NATURES))
    def two_that_intake_opens_wait_in_a_late_stream(self, natures: tuple[Nature, Nature]) -> None:
        for ticket_id, nature in zip(("T-1", "T-2"), natures, strict=True):
            self.world.perform(Act("create pending", ticket_id, nature))
        self.world.clock.advance(LATE_SECONDS)

    @precondition(lambda self: self.world.waiting)
    @rule(pick=PICKS, mood=MOODS, lag=st.integers(0, 3))
    def a_record_is_delivered(self, pick: int, mood: Mood, lag: int) -> None:
        self.world.claude.mood = mood
        self.world.deliver(_one_of(self.world.waiting, pick), lag=lag)

    @precondition(lambda self: self.world.waiting)
    @rule(pick=PICKS, mood=MOODS, disturbance=DISTURBANCES)
    def a_record_is_delivered_disturbed(self, pick: int, mood: Mood, disturbance: Disturbance) -> None:
        self.world.claude.mood = mood
        self.world.deliver(_one_of(self.world.waiting, pick), disturbance)

    @precondition(lambda self: self.world.delivered and self.world.promises.owed())
    @rule(pick=PICKS, disturbance=st.none() | DISTURBANCES, lost=st.booleans())
    def a_record_is_delivered_again_or_lost(
        self, pick: int, disturbance: Disturbance | None, *, lost: bool
    ) -> None:
        ticket_id = _one_of(self.world.delivered, pick)
        if lost:
            self.world.lose(ticket_id)
        else:
            self.world.deliver(ticket_id, disturbance, again=True)

    @precondition(lambda self: self.world.promises.owed())
    @rule(mood=MOODS, disturbance=st.none() | DISTURBANCES, keep=st.booleans())
    def messages_are_delivered(self, mood: Mood, disturbance: Disturbance | None, *, keep: bool) -> None:
        self.world.claude.mood = mood
        if not self.world.deliver_messages(disturbance, keep=keep):
            self.world.clock.advance(MAX_DELAY_SECONDS)
            self.world.deliver_messages(disturbance, keep=keep)

    @precondition(lambda self: self.world.promises.owed())
    @rule(disturbance=st.none() | DISTURBANCES, lag=st.integers(0, 6))
    def sweep_runs(self, disturbance: Disturbance | None, lag: int) -> None:
        self.world.sweep(disturbance, lag=lag)

    @precondition(lambda self: self.world.promises.items)
    @rule(seconds=TIMES, mood=MOODS, undisturbed=st.booleans())
    def time_passes(self, seconds: float, mood: Mood, *, undisturbed: bool) -> None:
        self.world.clock.advance(seconds)
        if undisturbed:
            self.world.claude.mood = mood
            deliver_all(self.world)

    @invariant()
    def every_unfinished_ticket_has_a_wake_up(self) -> None:
        self.world.check_wake_ups()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                settle(self.world)
        finally:
            self._context.close()


def _one_of(ticket_ids: list[str], pick: int) -> str:
    return ticket_ids[pick % len(ticket_ids)]


@pytest.fixture(autouse=True)
def _silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of invocations would fill the captured output."""
    monkeypatch.setattr(logger, "info", lambda *_args, **_kwargs: None)


class InMemory(Tickets):
    deployment = staticmethod(in_memory)


class OnMoto(Tickets):
    deployment = staticmethod(on_moto)


# The same examples in each run, until the code changes; the long run takes ten thousand new ones.
NORMAL = settings(
    max_examples=120,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
PARTS = 4
"""The long tests are random, so they can be shared out: on two cores they take half the time."""
LONG = settings(
    NORMAL, max_examples=10_000 // PARTS, stateful_step_count=70, derandomize=False, print_blob=True
)


def test_tickets_keep_their_promises() -> None:
    run_state_machine_as_test(InMemory, settings=NORMAL)


def test_tickets_keep_them_on_moto_too() -> None:
    run_state_machine_as_test(OnMoto, settings=settings(NORMAL, max_examples=5))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_tickets_keep_their_promises_for_long(part: int) -> None:
    run_state_machine_as_test(InMemory, settings=LONG)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_tickets_keep_them_on_moto_for_long(part: int) -> None:
    run_state_machine_as_test(OnMoto, settings=settings(LONG, max_examples=200 // PARTS))
