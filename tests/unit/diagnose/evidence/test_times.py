"""Arithmetic on time, done in code: durations, offsets, windows."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.times import Window, in_words, offset, utc, with_offsets

ONSET = datetime(2026, 11, 28, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.05, "0.05 s"),
        (45, "45 s"),
        (59.7, "1 min"),
        (95, "1 min 35 s"),
        (240, "4 min"),
        (599.6, "10 min"),
        (750, "12 min"),
        (3599, "1 h"),
        (3 * 3600 + 1200, "3 h 20 min"),
        (24 * 3600 - 1, "1 d"),
        (51 * 3600, "2 d 3 h"),
        (400 * 86400, "400 d"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@given(st.floats(0, 1e9))
def test_a_duration_in_words_is_within_a_tenth_of_it(seconds: float) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    parts = in_words(seconds).split()
    total = sum(float(count) * units[unit] for count, unit in zip(parts[::2], parts[1::2], strict=True))
    assert abs(total - seconds) <= max(0.06 * seconds, 0.5)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (ONSET - timedelta(minutes=4), "-4 min"),
        (ONSET + timedelta(hours=3, minutes=20), "+3 h 20 min"),
        (ONSET + timedelta(milliseconds=400), "at the onset"),
    ],
)
def test_an_offset_says_on_which_side_of_the_onset_a_time_lies(at: datetime, told: str) -> None:
    assert offset(at, ONSET) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("deployed 2026-11-28T02:06:00Z by ci", "deployed 2026-11-28T02:06:00Z (-4 min) by ci"),
        ("2026-11-28T02:10:00.000Z", "2026-11-28T02:10:00Z (at the onset)"),
        ("at 2026-11-28T02:11:35.250+00:00,", "at 2026-11-28T02:11:35.25Z (+1 min 35 s),"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("2026-13-28T02:06:00Z", "2026-13-28T02:06:00Z"),
        ("2026-11-28T02:06:00 without a zone", "2026-11-28T02:06:00 without a zone"),
        ("2026-11-28T03:06:00+01:00", "2026-11-28T03:06:00+01:00 (-4 min)"),
        ("[2026/11/28 02:06:00.500 +00:00] up", "[2026/11/28 02:06:00.500 +00:00 (-4 min)] up"),
        ("2026-11-28 02:06:00 UTC:10.3.4.42(33)", "2026-11-28 02:06:00 UTC (-4 min):10.3.4.42(33)"),
        ("2026-11-28T02:06:00Z (a user says)", "2026-11-28T02:06:00Z (-4 min) (a user says)"),
        ("2026-11-28 02:06:00,123 no zone", "2026-11-28 02:06:00,123 no zone"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-14:00"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
        ("T12026-11-28T02:06:00Z", "T12026-11-28T02:06:00Z"),
    ],
)
def test_every_time_whose_zone_is_known_gets_its_offset_and_nothing_else_does(text: str, told: str) -> None:
    assert with_offsets(text, ONSET) == told


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year > 1970))
def test_an_offset_is_given_once(at: datetime) -> None:
    once = with_offsets(f"seen {utc(at)}, then gone", ONSET)

    assert once.count("(") == 1
    assert with_offsets(once, ONSET) == once


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    assert utc(datetime(2026, 11, 28, 3, 10, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-28T02:10:00Z"


def test_a_window_does_not_reach_beyond_now_and_never_ends_before_it_begins() -> None:
    hour = timedelta(hours=1)

    assert Window.around(ONSET, hour, hour, now=ONSET + hour / 2).end == ONSET + hour / 2
    assert str(Window.around(ONSET, hour, hour, now=ONSET - 9 * hour)) == (
        "2026-11-28T01:10:00Z to 2026-11-28T01:10:00Z"
    )
