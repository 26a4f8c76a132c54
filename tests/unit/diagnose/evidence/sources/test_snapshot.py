"""Metric snapshots in the shapes in which producers have them: the same series, the same words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from diagnose.evidence.sources.metrics.snapshot import snapshot_of
from tests.support.dynamodb_values import VALUES
from tickets.plain import plain

START = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
LEVELS = [
    Decimal(value) for value in ["41", "42", "40", "41", "43", "41", "42", "93.1", "95", "97.25", "96", "96"]
]
TIMES = [START + timedelta(minutes=minute) for minute in range(len(LEVELS))]
ISO = [at.isoformat().replace("+00:00", "Z") for at in TIMES]
EPOCH = [int(at.timestamp()) for at in TIMES]
MS = [1000 * at for at in EPOCH]
STEP = (
    "left it 2026-11-17T02:07:00Z, peak 97.2{unit} at 2026-11-17T02:09:00Z (2.4 times the baseline), "
    "steady there, now 96{unit}"
)
SERIES = {"Id": "m1", "Label": "cpu", "Timestamps": ISO, "Values": LEVELS, "StatusCode": "Complete"}
POINTS = [
    {"Timestamp": at, "Average": value, "Unit": "Percent"} for at, value in zip(ISO, LEVELS, strict=True)
]
PAIRS = [[at, str(value)] for at, value in zip(EPOCH, LEVELS, strict=True)]
FRAME = {
    "schema": {
        "fields": [
            {"name": "Time", "type": "time"},
            {"name": "cpu", "type": "number", "labels": {"pod": "a"}, "config": {"unit": "percent"}},
        ]
    },
    "data": {"values": [MS, LEVELS]},
}


def lines(snapshot: Any) -> tuple[str, ...]:
    [section] = snapshot_of(plain(snapshot)).sections
    return section.lines


@pytest.mark.parametrize(
    ("snapshot", "name", "unit"),
    [
        pytest.param(SERIES, "cpu", "", id="one result of GetMetricData"),
        pytest.param([SERIES], "cpu", "", id="its results"),
        pytest.param({"MetricDataResults": [SERIES], "Messages": []}, "cpu", "", id="its answer"),
        pytest.param({"api": SERIES}, "api.cpu", "", id="a result in a map"),
        pytest.param({"cpu": {"timestamps": ISO, "values": LEVELS}}, "cpu", "", id="a map by name"),
        pytest.param(
            {**SERIES, "Timestamps": ISO[::-1], "Values": LEVELS[::-1]},
            "cpu",
            "",
            id="newest first",
        ),
        pytest.param(
            {
                "metric_data_results": [
                    {
                        "label": "cpu",
                        "dimensions": [{"Name": "DBInstanceIdentifier", "Value": "db-1"}],
                        "unit": "Percent",
                        "timestamps": ISO,
                        "values": LEVELS,
                    }
                ]
            },
            "cpu (db-1)",
            " %",
            id="written in small letters, with dimensions and a unit",
        ),
        pytest.param({"Label": "cpu", "Datapoints": POINTS}, "cpu.Average", " %", id="GetMetricStatistics"),
        pytest.param({"cpu": POINTS[::-1]}, "cpu.Average", " %", id="datapoints in a map"),
        pytest.param(
            {
                "status": "success",
                "data": {
                    "resultType": "matrix",
                    "result": [{"metric": {"__name__": "cpu", "pod": "a"}, "values": PAIRS}],
                },
            },
            "cpu (pod=a)",
            "",
            id="Prometheus",
        ),
        pytest.param({"results": {"A": {"frames": [FRAME]}}}, "A.cpu (pod=a)", " %", id="Grafana's frames"),
        pytest.param(
            [{"target": "cpu", "datapoints": [[v, t] for v, t in zip(LEVELS, MS, strict=True)]}],
            "cpu",
            "",
            id="Grafana's older answers",
        ),
        pytest.param({"cpu": PAIRS}, "cpu", "", id="pairs of time and value"),
        pytest.param(
            {"cpu": [{"time": at, "value": v} for at, v in zip(ISO, LEVELS, strict=True)]},
            "cpu",
            "",
            id="maps of time and value",
        ),
    ],
)
def test_a_series_is_read_in_whichever_shape_it_has(snapshot: Any, name: str, unit: str) -> None:
    [line] = lines(snapshot)

    assert line.startswith(f"{name} DEVIATES up: baseline 41{unit}")
    assert line.endswith(STEP.format(unit=unit))


@pytest.mark.parametrize(
    ("snapshot", "told"),
    [
        pytest.param([41, "await 41 ms"], ("41", "await 41 ms"), id="a list of values"),
        pytest.param(
            [{"name": "await", "ms": 41}, {"name": "util", "percent": 97}],
            ('{"name": "await", "ms": 41}', '{"name": "util", "percent": 97}'),
            id="a list of maps",
        ),
        pytest.param({"disk": {"await": 41}}, ("disk.await = 41",), id="maps in a map"),
        pytest.param({"disk": {"level": Decimal("41.20")}}, ("disk.level = 41.20",), id="every digit"),
        pytest.param({"p": [41, 42]}, ("p = [41, 42]",), id="a list in a map"),
        pytest.param({"p": [[1, 2], [3, 4]]}, ("p = [[1, 2], [3, 4]]",), id="pairs without a time"),
        pytest.param(
            {"top_sql": [{"statement": "SELECT 1", "load": Decimal("6.2")}]},
            ('top_sql = {"statement": "SELECT 1", "load": 6.2}',),
            id="a list of maps in a map",
        ),
        pytest.param(
            {"events": [{"time": ISO[0], "message": "restarted"}]},
            (f'events = {{"time": "{ISO[0]}", "message": "restarted"}}',),
            id="events, which have a time and no figure",
        ),
        pytest.param({"Timestamps": [1], "Values": []}, ("Timestamps = [1]",), id="no series at all"),
        pytest.param(
            {**SERIES, "Timestamps": ISO[:2], "Values": [41, Decimal("93.1")], "StatusCode": "PartialData"},
            (
                (
                    "cpu: 41 at 2026-11-17T02:00:00Z, 93.1 at 2026-11-17T02:01:00Z "
                    "(too few points to tell a baseline)"
                ),
                "cpu.StatusCode = PartialData",
            ),
            id="two points, and not all of them",
        ),
        pytest.param(
            {"cpu": {"timestamps": ["then", EPOCH[0], EPOCH[1]], "values": [1, 2, "NaN"]}},
            (
                "cpu: 2 at 2026-11-17T02:00:00Z (too few points to tell a baseline)",
                "cpu: 1 of its values are no numbers",
                "cpu: 1 of its times are none",
            ),
            id="what is no time and no number",
        ),
        pytest.param(
            {"cpu": {"timestamps": ["then"], "values": [1]}}, ("cpu: no datapoints",), id="nothing usable"
        ),
        pytest.param({}, (), id="nothing"),
        pytest.param([], (), id="an empty list"),
    ],
)
def test_what_is_no_series_stands_as_it_came(snapshot: Any, told: tuple[str, ...]) -> None:
    assert lines(snapshot) == told


def test_metrics_that_do_not_deviate_share_a_line_and_what_all_are_of_is_said_once() -> None:
    steady = [Decimal(41) for _ in ISO]
    of = [{"Name": "DBInstanceIdentifier", "Value": "db-1"}]
    results = [
        {"Label": name, "Dimensions": of, "Unit": "Bytes", "Timestamps": ISO, "Values": steady}
        for name in "abc"
    ]

    [section] = snapshot_of(plain({"MetricDataResults": results})).sections

    assert section.title == "Metric snapshot (of db-1 unless said)"
    assert section.lines == ("no departure in this data, with their last values: a 41 B; b 41 B; c 41 B",)


def test_a_departure_in_the_snapshot_may_tell_when_it_began() -> None:
    [departure] = snapshot_of(plain(SERIES)).departures

    assert (departure.at, departure.how) == (TIMES[7], "when cpu left its baseline")


@given(VALUES)
def test_whatever_is_among_the_readings_costs_no_other(value: Any) -> None:
    assert "else = 1" in lines({"any": value, "else": 1})
    assert lines([value, "else"])[-1] == "else"
