"""Whatever the order, repetition, concurrency and crashes of events: one open ticket, and nothing lost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from intake.observation import MonitorState, Observation, Place
from intake.violations.violation import RANKS
from intake.violations.wording import Policy
from tests.support.in_memory_tables import Item
from tests.support.monitors import ALARM, MISSING, OK, SHOP, Monitored
from tickets.membership import is_in_alarm, is_resolved

# Other tests say what is covered; to follow these line by line would take minutes.
pytestmark = pytest.mark.not_followed

PLACES = {"a": SHOP, "b": SHOP, "c": SHOP, "d": Place(stack="mill"), "e": Place()}
PEOPLES_ACTS = ["hold", "unhold", "resolve", "acknowledge", "open again", "ask", "delete", "mute", "unmute"]
FLAP_SECONDS, LONGEST_SECONDS = 600, 2400
MOST_DEPTH = 3


class KilledError(BaseException):
    """The invocation is gone; nothing of it runs any more."""


@dataclass(frozen=True)
class Delivery:
    """One delivery of an event: whether it is killed, and what is delivered meanwhile.

    `at` counts its calls to AWS, before and after each, from 1; 0 is never.
    """

    event: int
    killed_at: int = 0
    overtaken_at: int = 0
    meanwhile: tuple["Delivery | Act", ...] = ()


@dataclass(frozen=True)
class Act:
    """What a person does on the newest ticket of a violation."""

    name: str
    key: str


@dataclass
class World:
    """Events, delivered as the script says, over tables that call back at each call."""

    events: Sequence[Observation]
    monitored: Monitored
    running: list[tuple[Delivery, list[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.monitored.tables.around = lambda _when: self._call()

    def play(self, step: "Delivery | Act") -> None:
        if isinstance(step, Act):
            self._act(step)
            return
        if len(self.running) >= MOST_DEPTH:
            return
        self.running.append((step, [0]))
        try:
            self.monitored.use_case.take_in(self.events[step.event])
        except KilledError:
            pass
        finally:
            self.running.pop()
            self.check_always()

    def _call(self) -> None:
        if not self.running:
            return
        delivery, calls = self.running[-1]
        calls[0] += 1
        if calls[0] == delivery.killed_at:
            raise KilledError
        if calls[0] == delivery.overtaken_at:
            for step in delivery.meanwhile:
                self.play(step)

    def _act(self, act: Act) -> None:
        muted = self.monitored.enrichment.muted
        if act.name in ("mute", "unmute"):
            (muted.add if act.name == "mute" else muted.discard)(act.key)
        if not self.monitored.tickets(act.key):
            return
        match act.name:
            case "hold" | "unhold":
                self.monitored.write(act.key, held=act.name == "hold")
            case "resolve" | "acknowledge":
                self.monitored.write(act.key, status=f"{act.name}d")
            case "open again":
                self.monitored.write(act.key, status="open")
            case "ask":
                self.monitored.write(act.key, rediagnose="please")
            case "delete":
                self.monitored.delete(act.key)

    @property
    def tickets(self) -> dict[str, Item]:
        return self.monitored.tables.tickets

    def check_always(self) -> None:
        """At most one open ticket a violation; heads count right, and no member points to a member."""
        opened: dict[Any, int] = defaultdict(int)
        for ticket in self.tickets.values():
            opened[ticket["violation_key"]] += not is_resolved(ticket)
        assert all(number <= 1 for number in opened.values()), "two open tickets of one violation"
        for ticket_id, ticket in self.tickets.items():
            pointing = [each for each in self.tickets.values() if each.get("incident_id") == ticket_id]
            if pointing:
                assert "incident_id" not in ticket, "a member of a member"
                assert ticket["members"] >= len(pointing), "a member was lost"

    def check_the_end_of_mutes(self) -> None:
        """Once nothing is muted, and each alarm was looked at again, no open ticket waits for that."""
        self.monitored.enrichment.muted.clear()
        for event in self.events:
            if event.state == ALARM:
                self.monitored.use_case.look_again(event)
                self.check_always()
        for ticket in self.tickets.values():
            is_muted = ticket.get("diagnosis_status") == "set_aside" and ticket["set_aside_for"] == "muted"
            may_wait = is_resolved(ticket) or not is_in_alarm(ticket) or "rediagnose" in ticket
            assert may_wait or not is_muted, "a ticket waits for ever"

    def check_undisturbed(self) -> None:
        """Without people's acts: counts are exact, nobody is orphaned, and what is open has to be."""
        for ticket_id, ticket in self.tickets.items():
            pointing = [each for each in self.tickets.values() if each.get("incident_id") == ticket_id]
            in_alarm = sum(is_in_alarm(each) for each in pointing)
            assert ticket.get("members", 0) == len(pointing)
            assert ticket.get("open_members", 0) == in_alarm
            assert is_resolved(ticket) == (not is_in_alarm(ticket) and not in_alarm)
            if "incident_id" in ticket:
                assert ticket["incident_id"] in self.tickets, "an orphan"
                assert ticket["set_aside_for"] == "member"
        for key in PLACES:
            events = {event.event_id: event for event in self.events if event.violation_key == key}.values()
            self._check_newest(key, [event for event in events if event.state != MISSING])

    def _check_newest(self, key: str, told: list[Observation]) -> None:
        newest = max(told, key=lambda event: (event.at_ms, RANKS[event.state]), default=None)
        alarms = {event.at_ms for event in told if event.state == ALARM}
        in_alarm = [ticket for ticket in self.monitored.tickets(key) if is_in_alarm(ticket)]
        assert len(in_alarm) == (newest is not None and newest.state == ALARM)
        assert bool(self.monitored.tickets(key)) == bool(alarms), "an alarm was lost"
        counted = sum(ticket["occurrence_count"] for ticket in self.monitored.tickets(key))
        assert counted == len(alarms), "an alarm was counted twice or not at all"


STATES = st.sampled_from([ALARM, ALARM, ALARM, OK, OK, OK, MISSING])
KEYS = st.sampled_from("aaabbbcccde")
ACTS = st.builds(Act, st.sampled_from(PEOPLES_ACTS), st.sampled_from("aabbcde"))
NEVER_OR_AT = st.sampled_from([0, 0, 0, *range(1, 9)])


@st.composite
def stories(draw: st.DrawFn, *, with_people: bool) -> tuple[list[tuple[MonitorState, str, int]], list[Any]]:
    """What monitors say at different times, most of it roughly in order, and how it is delivered.

    In the end all of it is delivered once more: what was killed comes again, and so does the rest.
    """
    moments = sorted(draw(st.sets(st.integers(0, LONGEST_SECONDS), min_size=6, max_size=20)))
    told = [(draw(STATES), draw(KEYS), moment) for moment in moments]
    numbers = range(len(told))
    order = draw(st.permutations(numbers)) if draw(st.integers(0, 3)) == 0 else list(numbers)
    script: list[Any] = []
    for number in order:
        near = st.integers(max(0, number - 2), min(number + 3, len(told) - 1))
        other: Any = st.builds(Delivery, near, NEVER_OR_AT)
        nested: Any = st.builds(Delivery, near, NEVER_OR_AT, st.integers(1, 8), st.tuples(other))
        meanwhile = st.lists(other | nested | ACTS if with_people else other | nested, max_size=2).map(tuple)
        script.append(draw(st.builds(Delivery, st.just(number), NEVER_OR_AT, st.integers(0, 8), meanwhile)))
        if with_people and draw(st.booleans()):
            script.append(draw(ACTS))
    return told, [*script, *map(Delivery, draw(st.permutations(numbers)))]


def play(story: tuple[list[tuple[MonitorState, str, int]], list[Any]], policy: Policy) -> World:
    told, script = story
    monitored = Monitored(policy=policy)
    monitored.clock.advance(LONGEST_SECONDS)
    events = [monitored.observation(state, key, at, place=PLACES[key]) for state, key, at in told]
    world = World(events, monitored)
    for step in script:
        world.play(step)
    return world


SETUPS = ["A", "ABCa", "ABabC"]
OTHER_SETUPS = ["", "AB", "ABC", "Aa", "ABa", "ABCab", "ABab", "ABCabc", "AaB"]
"""What was said before: capitals are alarms of a violation, small letters that it is over."""
SAID = "ABCabc"


def spelt(text: str) -> list[tuple[MonitorState, str, int]]:
    return [(ALARM if said.isupper() else OK, said.lower(), 60 * at) for at, said in enumerate(text)]


@pytest.mark.parametrize(
    "setup", [*SETUPS, *(pytest.param(setup, marks=pytest.mark.long) for setup in OTHER_SETUPS)]
)
def test_two_at_once_come_to_what_one_after_the_other_would(setup: str) -> None:
    """The second as a whole between any two calls of the first, half of which are killed after it."""
    for first, second, at in product(SAID, SAID, range(1, 9)):
        told = spelt(setup + first + second)
        number = len(setup)
        before = [Delivery(each) for each in range(number)]
        killed = (at + 1) * (at % 2)
        disturbed = Delivery(number, killed, at, (Delivery(number + 1),))
        again = [Delivery(number + 1), Delivery(number)]
        play((told, [*before, disturbed, *again]), POLICY).check_undisturbed()


NORMAL = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
LONG = settings(NORMAL, max_examples=1500, derandomize=False, print_blob=True)
"""Some twenty thousand events, each delivered twice or more often."""
POLICY = Policy(flap_window_ms=FLAP_SECONDS * 1000)


def undisturbed(story: Any) -> None:
    play(story, POLICY).check_undisturbed()


def with_people(story: Any) -> None:
    world = play(story, Policy(2, "", FLAP_SECONDS * 1000))
    world.check_always()
    world.check_the_end_of_mutes()


test_any_interleaving_leaves_one_open_ticket = NORMAL(given(stories(with_people=False))(undisturbed))
test_and_whatever_people_do_meanwhile = NORMAL(given(stories(with_people=True))(with_people))
test_any_interleaving_for_long = pytest.mark.long(LONG(given(stories(with_people=False))(undisturbed)))
test_whatever_people_do_for_long = pytest.mark.long(LONG(given(stories(with_people=True))(with_people)))
