"""When a metric left its baseline: decided in code, by robust statistics, on whatever data there is."""

import math
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.sources.metrics.telling import tell
from timeseries.analysis import Analysis, analyse
from timeseries.series import MOST_POINTS, Series, series

START = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ONSET = START + 180 * MINUTE
"""Three hours of baseline before it."""


def of(values: Sequence[float], step: timedelta = MINUTE) -> Series:
    return series("m", [(START + place * step, value) for place, value in enumerate(values)])


def noisy(count: int, level: float = 100.0, noise: float = 3.0, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [round(chance.gauss(level, noise), 3) for _ in range(count)]


def minute_of(found: Analysis) -> float | None:
    return (found.departure.at - START) / MINUTE if found.departure else None


@pytest.mark.parametrize("seed", range(40))
def test_noise_alone_is_no_deviation(seed: int) -> None:
    assert analyse(of(noisy(240, seed=seed)), ONSET).departure is None
    assert analyse(of(noisy(15, seed=seed))).departure is None


@pytest.mark.parametrize("seed", range(20))
def test_a_step_is_found_where_it_is_and_a_slow_rise_soon_after_it_began(seed: int) -> None:
    step = noisy(180, seed=seed) + noisy(60, level=200, seed=seed + 100)
    rise = noisy(180, seed=seed) + [100 + 4 * minute for minute in range(60)]

    assert minute_of(analyse(of(step), ONSET)) == 180
    assert 180 < (minute_of(analyse(of(rise), ONSET)) or 0) <= 190


def test_spikes_in_the_hours_before_do_not_hide_what_happens_now() -> None:
    values = noisy(180) + noisy(60, level=200)
    for place in range(5, 160, 12):
        values[place] = 5000.0

    assert minute_of(analyse(of(values), ONSET)) == 180


@pytest.mark.parametrize("began", [170, 160, 120])
def test_what_began_before_anybody_noticed_is_found_where_it_began(began: int) -> None:
    values = noisy(began) + noisy(240 - began, level=200)

    assert minute_of(analyse(of(values), ONSET)) == began


@pytest.mark.parametrize(
    ("values", "minute", "direction", "trend"),
    [
        ([18, 91, 94, 95, 97, 97, 96, 96, 96, 96], 1, "up", "steady"),
        ([1.2, 1.2, 74, 151, 263, 388, 491, 582, 664, 738], 2, "up", "rising"),
        ([312, 341, 368, 392, 411, 429, 444, 458, 469, 477], 4, "up", "rising"),
        ([14, 13.9, 14.1, 12.3, 10, 8, 7, 5, 4, 2], 5, "down", "falling"),
        ([5, 5, 5, 5, 5, 5, 0, 0, 5, 5, 5, 5], 6, "down", "back"),
        ([32, 27, 21, 16, 12, 9, 7, 6, 214, 214], 2, "down", "beyond"),
        ([0, 0, 0, 0, 0, 57, 0, 0, 0, 0], 5, "up", "back"),
    ],
)
def test_a_short_series_is_its_own_baseline_from_its_start(
    values: list[float], minute: int, direction: str, trend: str
) -> None:
    found = analyse(of(values))

    assert found.departure
    assert (minute_of(found), found.departure.direction, found.departure.trend) == (minute, direction, trend)


@pytest.mark.parametrize("level", [0, 41, -7, 2e11])
def test_a_constant_series_deviates_nowhere(level: float) -> None:
    assert analyse(of([level] * 60), ONSET).departure is None


def test_a_single_odd_point_is_a_deviation_only_when_it_is_far_away() -> None:
    near, far = noisy(240, noise=0.5), noisy(240, noise=0.5)
    near[200], far[200] = 125, 190

    assert analyse(of(near), ONSET).departure is None
    assert minute_of(analyse(of(far), ONSET)) == 200


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0], [1.0, 900.0, 1.0, 2.0]])
def test_with_too_few_points_the_points_are_told(values: list[float]) -> None:
    found = analyse(of(values))

    assert found.baseline is None
    assert tell([found]).lines[0].endswith("(too few points to tell a baseline)")


def test_gaps_are_told() -> None:
    points = [(START + minute * MINUTE, 41.0) for minute in range(60) if not 20 < minute < 35]

    [line] = tell([analyse(series("cpu", points), ONSET)]).lines

    assert line.endswith("cpu 41 (no data from 2026-11-28T00:20:00Z for 15 min)")


def test_garbage_is_left_out_and_counted() -> None:
    points = [
        *((START + minute * MINUTE, 41) for minute in range(10)),
        (START, math.nan),
        (START, math.inf),
        (START, True),
        ("then", 41),
        ("0001-01-01T00:00:00Z", 41),
        (START + 90 * MINUTE, 41),
    ]

    found = series("cpu", points, latest=START + 60 * MINUTE)

    assert len(found.values) == 10
    assert found.faults == (
        "3 of its values are no numbers",
        "2 of its times are none",
        "1 of its times lie ahead of our clock",
    )


def test_a_million_datapoints_are_looked_at_in_no_time_and_that_is_said() -> None:
    points = [(1_795_000_000 + second, second % 7) for second in range(1_000_000)]
    started = time.process_time()

    found = series("cpu", points)
    analyse(found)

    assert len(found.values) <= MOST_POINTS
    assert found.times[-1].timestamp() == 1_795_999_999
    assert found.faults == ("of 1,000,000 points every 50th was looked at",)
    assert time.process_time() - started < 5


@given(
    st.lists(
        st.tuples(
            st.integers(-10, 2_000_000_000) | st.text(max_size=5),
            st.floats() | st.text(max_size=5) | st.none() | st.integers(-(10**30), 10**30),
        ),
        max_size=60,
    )
)
def test_whatever_a_series_holds_it_is_told_in_lines(points: list[tuple[object, object]]) -> None:
    found = series("m", points)
    if found.times:
        told = tell([analyse(found)])

        assert told.lines
        assert len(told.exact) == len(told.lines)
        assert all(line.startswith(("m", "no departure")) for line in told.lines)


def test_the_alarms_own_metric_comes_first_and_the_others_as_they_departed() -> None:
    def step(name: str, minute: int, is_alarms: bool = False) -> Analysis:
        values = [10.0] * minute + [90.0] * (60 - minute)
        points = [(START + place * MINUTE, value) for place, value in enumerate(values)]
        return analyse(series(name, points, is_alarms=is_alarms))

    told = tell([step("late", 50), step("alarm", 40, is_alarms=True), step("early", 30)])

    assert [line.partition(" ")[0] for line in told.lines] == ["alarm", "early", "late"]
    assert told.departures[0].how == "when the alarm's metric alarm left its baseline"
