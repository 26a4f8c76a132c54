"""The machine's clock, and how times are written."""

import time
from datetime import UTC, datetime

import pytest

from runtime.clock import SystemClock, iso


def test_the_machines_clock_tells_the_machines_time() -> None:
    before = time.time()

    now = SystemClock().now()

    assert before <= now <= time.time()


@pytest.mark.parametrize("seconds", [0, -1.0])
def test_sleeping_for_no_time_returns_at_once(seconds: float) -> None:
    SystemClock().sleep(seconds)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (1_772_366_400, "2026-03-01T12:00:00.000Z"),
        (1_772_366_400.25, "2026-03-01T12:00:00.250Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00.000Z"),
        (datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59.999Z"),
        (datetime.min.replace(tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_written_in_utc_to_the_millisecond(moment: float | datetime, text: str) -> None:
    assert iso(moment) == text
