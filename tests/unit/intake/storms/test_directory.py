"""Which incident an alarm joins: by what it is on, never by its time alone."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.observation import Place
from intake.storms.directory import MOST_BYTES, MOST_INCIDENTS, Directory
from subjects.graph import within_reach
from subjects.subject import Subject
from tests.support.dynamodb_values import VALUES

WINDOW_SECONDS = 1800
WINDOW = WINDOW_SECONDS * 1000
NOON = 1_790_000_000_000
EMPTY = Directory.from_item(None, WINDOW_SECONDS)
ORDERS = Place(subject="orders", resources=("fn-orders",), stack="shop")


def opened(place: Place = ORDERS, *near: str, at: int = NOON, name: str = "first") -> Directory:
    return EMPTY.with_incident(name, place, near, at)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(Place("orders"), id="the same subject"),
        pytest.param(Place("db"), id="a subject that is near"),
        pytest.param(Place("other", ("fn-other", "fn-orders")), id="a resource"),
        pytest.param(Place("other", (), "shop"), id="a stack"),
    ],
)
def test_what_is_connected_joins(place: Place) -> None:
    assert opened(ORDERS, "db", "queue").incident_for(place, NOON) == "first"


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(Place(), id="nothing is known"),
        pytest.param(Place("other", ("fn-other",), "other"), id="all is different"),
        pytest.param(Place("shop", ("orders",), "fn-orders"), id="names of another kind"),
    ],
)
def test_nothing_joins_by_its_time_alone(place: Place) -> None:
    assert opened(ORDERS, "db").incident_for(place, NOON) is None
    assert opened(Place()).incident_for(place, NOON) is None


@pytest.mark.parametrize(("away", "joins"), [(0, True), (WINDOW, True), (WINDOW + 1, False)])
@pytest.mark.parametrize("direction", [1, -1])
def test_it_joins_what_rang_within_the_window_before_or_after_it(
    away: int, joins: bool, direction: int
) -> None:
    assert (opened().incident_for(ORDERS, NOON + direction * away) == "first") is joins


def test_a_storm_is_as_recent_as_its_last_member_and_a_late_alarm_from_its_middle_belongs_to_it() -> None:
    storm = opened()
    for at in range(NOON, NOON + 5 * WINDOW, WINDOW):
        storm = storm.with_member("first", Place("db"), at)

    assert storm.incident_for(ORDERS, NOON + 5 * WINDOW) == "first"
    assert storm.incident_for(ORDERS, NOON + 2 * WINDOW + 7) == "first"


def test_a_member_brings_its_subject_its_resources_and_its_stack() -> None:
    storm = opened().with_member("first", Place("far", ("fn-far",), "billing"), NOON)

    assert storm.incident_for(Place("", ("fn-far",)), NOON) == "first"
    assert storm.incident_for(Place("", (), "billing"), NOON) == "first"
    assert storm.incident_for(Place("far"), NOON) == "first"


def test_a_storm_does_not_creep_along_the_graph_from_member_to_member() -> None:
    """On a chain of ten, each within two steps of the last one that rang, the first reaches two."""
    subjects = tuple(Subject(subject_id=f"s{n}", depends_on=(f"s{n + 1}",)) for n in range(10))
    alarms = tuple((number, Place(f"s{number}")) for number in range(10))

    joined = storm(World(subjects, alarms), range(10), [NOON] * 10, ())

    assert list(joined.values()) == [{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9}]


def test_of_several_that_fit_the_oldest_is_joined() -> None:
    both = opened(at=NOON, name="younger").with_incident("older", ORDERS, (), NOON - 60_000)

    assert both.incident_for(ORDERS, NOON) == "older"
    assert both.without("older").incident_for(ORDERS, NOON) == "younger"


def test_an_incident_that_has_gone_takes_nothing() -> None:
    assert opened().without("first").incident_for(ORDERS, NOON) is None
    assert opened().without("first").with_member("first", ORDERS, NOON).incidents == ()


def test_it_is_read_back_as_it_was_written_and_each_write_is_counted() -> None:
    known = opened(ORDERS, "db").with_member("first", Place("db", ("db-1",)), NOON + 5)
    read = Directory.from_item(known.to_item(), WINDOW_SECONDS)

    assert replace(read, version=None) == known
    assert (read.version, read.to_item()["version"]) == (1, 2)


def test_the_oldest_makes_room_for_the_newest() -> None:
    many = EMPTY
    for number in range(MOST_INCIDENTS + 5):
        many = many.with_incident(f"i{number}", Place(f"s{number}"), (), NOON + number)

    assert len(many.incidents) == MOST_INCIDENTS
    assert many.incident_for(Place("s0"), NOON) is None
    assert many.incident_for(Place(f"s{MOST_INCIDENTS + 4}"), NOON) is not None


def test_however_long_the_names_the_item_has_its_bound() -> None:
    many = EMPTY
    for number in range(20):
        names = tuple(f"{number}-{each}-{'x' * 400}" for each in range(300))
        many = many.with_incident(f"i{number}", Place(names[0], names, "s" * 10_000), names, NOON + number)

    assert len(str(many.to_item()).encode()) < 1.2 * MOST_BYTES
    assert many.incident_for(Place(f"19-0-{'x' * 400}"), NOON) == "i19"
    assert many.incident_for(Place("", (), "s" * 10_000), NOON) is None


@given(st.dictionaries(st.sampled_from(["incidents", "version", "other"]), VALUES, max_size=3))
def test_whatever_the_item_holds_it_is_read_and_mended_with_the_next_write(item: dict[str, Any]) -> None:
    read = Directory.from_item(item, WINDOW_SECONDS).with_incident("new", ORDERS, (), NOON)

    assert read.incident_for(ORDERS, NOON) is not None
    assert isinstance(read.to_item()["version"], int)
    assert Directory.from_item(read.to_item(), WINDOW_SECONDS).incidents == read.incidents


def test_of_an_item_in_which_one_incident_is_broken_the_others_stay() -> None:
    item = opened().to_item()
    item["incidents"] += [{"incident_id": "broken", "first_at": "noon", "last_at": NOON}, 7, None]

    assert Directory.from_item(item, WINDOW_SECONDS).incidents == opened().incidents


@dataclass(frozen=True)
class World:
    """Connected parts of the account; nothing of one has to do with the others."""

    subjects: tuple[Subject, ...]
    alarms: tuple[tuple[int, Place], ...]
    """Each alarm's part and place."""

    @classmethod
    def of(cls, parts: int, chance: random.Random, alarms: int) -> "World":
        subjects, places = [], []
        for part in range(parts):
            names = [f"p{part}-s{number}" for number in range(chance.randint(1, 8))]
            for name in names:
                below = chance.sample(names, chance.randint(0, min(3, len(names))))
                subjects.append(
                    Subject(subject_id=name, depends_on=tuple(each for each in below if each != name))
                )
            for _ in range(alarms):
                resources = tuple(f"p{part}-r{chance.randint(0, 9)}" for _ in range(chance.randint(0, 3)))
                stack = chance.choice(["", f"p{part}-stack"])
                places.append((part, Place(chance.choice(["", *names]), resources, stack)))
        return cls(tuple(subjects), tuple(places))


def storm(world: World, order: Iterable[int], at: Iterable[int], gone: Iterable[int]) -> dict[str, set[int]]:
    """The alarms in this order and at these times: each incident, and the parts of what joined it."""
    directory, joined = EMPTY, dict[str, set[int]]()
    ends = set(gone)
    for turn, (number, moment) in enumerate(zip(order, at, strict=False)):
        part, place = world.alarms[number]
        incident = directory.incident_for(place, moment)
        if incident is None:
            incident = f"i{turn}"
            near = within_reach(place.subject, world.subjects) if place.subject else ()
            directory = directory.with_incident(incident, place, near, moment)
        else:
            directory = directory.with_member(incident, place, moment)
        joined.setdefault(incident, set()).add(part)
        directory = Directory.from_item(directory.to_item(), WINDOW_SECONDS)
        if turn in ends:
            directory = directory.without(incident)
    return joined


@given(
    st.randoms(use_true_random=False),
    st.integers(2, 5),
    st.lists(st.integers(-3, 3), min_size=30, max_size=30),
)
@settings(max_examples=60, deadline=None)
def test_storms_that_have_nothing_to_do_with_each_other_never_merge(
    chance: random.Random, parts: int, steps: list[int]
) -> None:
    world = World.of(parts, chance, 30 // parts)
    order = chance.sample(range(len(world.alarms)), len(world.alarms))
    gone = chance.sample(range(30), 5)

    joined = storm(world, order, (NOON + step * WINDOW // 2 for step in steps), gone)

    assert all(len(of) == 1 for of in joined.values())


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_storms_never_merge_at_scale(seed: int) -> None:
    chance = random.Random(seed)
    world = World.of(20, chance, 100)
    order = chance.sample(range(len(world.alarms)), len(world.alarms))
    at = (NOON + chance.randint(-WINDOW, WINDOW) for _ in order)

    joined = storm(world, order, at, chance.sample(range(len(order)), 100))

    assert all(len(of) == 1 for of in joined.values())


@pytest.mark.parametrize("first", range(12))
def test_forty_alarms_on_twelve_connected_subjects_within_five_minutes_are_one_incident(first: int) -> None:
    """Eleven that stand on one database; whichever rings first, the others are within two steps."""
    subjects = (
        Subject(subject_id="s0"),
        *(Subject(subject_id=f"s{n}", depends_on=("s0",)) for n in range(1, 12)),
    )
    alarms = tuple((0, Place(f"s{(first + number) % 12}")) for number in range(40))

    joined = storm(World(subjects, alarms), range(40), range(NOON, NOON + 300_000, 7_500), ())

    assert len(joined) == 1
