"""Metric snapshots in the shapes in which producers have them, as lines that can be cited."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from diagnose.evidence.metrics import metric_lines
from tests.support.dynamodb_values import VALUES
from tickets.plain import plain

SERIES = {
    "Id": "m1",
    "Label": "CPUUtilization",
    "Timestamps": ["2026-11-17T02:11:00Z", "2026-11-17T02:10:00+00:00"],
    "Values": [Decimal("93.1"), 41],
    "StatusCode": "PartialData",
}
SERIES_LINES = (
    "CPUUtilization at 2026-11-17T02:10:00.000Z = 41",
    "CPUUtilization at 2026-11-17T02:11:00.000Z = 93.1",
    "CPUUtilization.StatusCode = PartialData",
)
DATAPOINTS = [
    {"Timestamp": "2026-11-17T02:11:00Z", "Average": Decimal("93.1"), "Maximum": 99, "Unit": "Percent"},
    {"Timestamp": 1_794_881_400, "Average": 41, "Unit": "None"},
]
POINT_LINES = (
    "Average at 2026-11-17T02:10:00.000Z = 41",
    "Average at 2026-11-17T02:11:00.000Z = 93.1 Percent",
    "Maximum at 2026-11-17T02:11:00.000Z = 99 Percent",
)


@pytest.mark.parametrize(
    ("snapshot", "lines"),
    [
        pytest.param(SERIES, SERIES_LINES, id="one result of GetMetricData"),
        pytest.param([SERIES, SERIES], SERIES_LINES * 2, id="its results"),
        pytest.param({"MetricDataResults": [SERIES], "Messages": []}, SERIES_LINES, id="its answer"),
        pytest.param({"api": SERIES}, tuple(f"api.{line}" for line in SERIES_LINES), id="a result in a map"),
        pytest.param(DATAPOINTS, POINT_LINES, id="datapoints of GetMetricStatistics"),
        pytest.param(
            {"Label": "Latency", "Datapoints": DATAPOINTS},
            tuple(f"Latency.{line}" for line in POINT_LINES),
            id="its answer",
        ),
        pytest.param(
            {"latency": DATAPOINTS},
            tuple(f"latency.{line}" for line in POINT_LINES),
            id="datapoints in a map",
        ),
        pytest.param([41, "await 41 ms"], ("41", "await 41 ms"), id="a list of values"),
        pytest.param(
            [{"name": "await", "ms": 41}, {"name": "util", "percent": 97}],
            ('{"name": "await", "ms": 41}', '{"name": "util", "percent": 97}'),
            id="a list of maps",
        ),
        pytest.param({"disk": {"await": 41}}, ("disk.await = 41",), id="maps in a map"),
        pytest.param(
            {"Timestamps": [1], "Values": []}, ("Timestamps = [1]", "Values = []"), id="no series at all"
        ),
        pytest.param(
            {"Timestamps": ["then", 1_794_881_400], "Values": [1, 2]},
            ("at 2026-11-17T02:10:00.000Z = 2", "at then = 1"),
            id="a series with what is no time, and no label",
        ),
        pytest.param({}, (), id="nothing"),
        pytest.param([], (), id="an empty list"),
    ],
)
def test_a_snapshot_is_read_in_whichever_shape_it_has(snapshot: Any, lines: tuple[str, ...]) -> None:
    assert metric_lines(snapshot) == lines


@given(VALUES)
def test_whatever_is_among_the_readings_costs_no_other(value: Any) -> None:
    found = plain(value)

    assert metric_lines({"any": found, "else": 1})[-1] == "else = 1"
    assert metric_lines([found, "else"])[-1] == "else"
