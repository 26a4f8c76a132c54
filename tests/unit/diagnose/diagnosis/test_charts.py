"""What a ticket keeps of the metrics that its diagnosis was made from."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from diagnose.diagnosis.charts import MOST_POINTS, MOST_SERIES, charts_of
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sections import Context, Section
from diagnose.evidence.sources.changes.change import Change, Near, facts_of, lines_of
from diagnose.evidence.sources.metrics.snapshot import snapshot_of
from diagnose.evidence.times import all_with_offsets
from timeseries.analysis import analyse
from timeseries.series import series, thinned

ONSET = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def points(values: list[float]) -> list[tuple[Any, Any]]:
    return [(ONSET + timedelta(minutes=at - 100), value) for at, value in enumerate(values)]


def metrics(**of: list[float]) -> Section:
    drawn = tuple(
        analyse(series(name, points(values), is_alarms=name == "Errors"), ONSET)
        for name, values in of.items()
    )
    return Section("metrics", "Metrics", "M", ("a line",), drawn=drawn)


def kept(*sections: Section) -> dict[str, Any]:
    return charts_of(Context(sections, (), onset=ONSET), Redactor())


def test_the_alarms_metric_comes_first_then_those_that_left_their_baselines() -> None:
    flat, risen = [5.0] * 120, [5.0] * 100 + [50.0] * 20
    of = {"a": flat, "b": flat, "Latency": risen, "c": flat, "d": flat, "Errors": flat}

    charts = kept(metrics(**of))

    assert [each["name"] for each in charts["series"]] == ["Errors", "Latency", "a", "b"]
    assert len(charts["series"]) == MOST_SERIES
    assert charts["series"][0]["is_alarms"]
    assert charts["series"][1]["baseline"] == 5.0
    assert charts["onset"] == "2026-11-20T09:30:00.000Z"


def test_a_snapshots_series_are_kept_and_its_thresholds_are_none() -> None:
    found = [{"timestamp": at.isoformat(), "value": value} for at, value in points([1, 2, 3])]
    snapshot = snapshot_of({"connections": found, "upper threshold": found, "threshold": 5})

    assert [each["name"] for each in kept(*snapshot.sections)["series"]] == ["connections"]


def test_changes_are_kept_with_their_times_and_without_them_in_their_words() -> None:
    change = Change(
        ONSET - timedelta(minutes=6), "stack checkout: it was updated", Near.ITSELF, "CloudFormation"
    )
    lines = all_with_offsets(lines_of([change]), ONSET)
    section = Section("changes", "Changes", "H", lines, facts=facts_of([change]))

    assert kept(section)["changes"] == [
        {
            "at": "2026-11-20T09:24:00.000Z",
            "what": "stack checkout: it was updated, on the resource itself (CloudFormation)",
        }
    ]


def test_a_secret_in_a_metrics_name_is_not_kept() -> None:
    secret = "AKIA" + "Q3EGRIVYZ7XWLN2K"
    assert secret not in json.dumps(kept(metrics(**{f"calls of {secret}": [1.0] * 20})))


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=600), st.integers(3, 150))
def test_a_thinned_series_keeps_its_ends_and_its_farthest_point(values: list[float], most: int) -> None:
    whole = series("x", points(values))
    shown = thinned(whole, most)
    middle = sorted(whole.values)[len(whole.values) // 2]
    known = dict(zip(whole.times, whole.values, strict=True))

    assert len(shown.times) <= max(most, 3)
    assert (shown.times[0], shown.times[-1]) == (whole.times[0], whole.times[-1])
    assert dict(zip(shown.times, shown.values, strict=True)).items() <= known.items()
    farthest = max(abs(value - middle) for value in whole.values)
    assert len(whole.values) % 2 == 0 or max(abs(value - middle) for value in shown.values) == farthest


def test_what_is_kept_is_small() -> None:
    of = {f"a metric with a long name of its own {at}": [at / 7 for at in range(2000)] for at in range(10)}
    charts = kept(metrics(**of))

    assert max(len(each["times"]) for each in charts["series"]) <= MOST_POINTS
    assert len(json.dumps(charts)) < 16_000
