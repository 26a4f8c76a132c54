"""Figures: the median of the repeats, and bars that are kept or missed."""

from dataclasses import replace

import pytest

from capacity.buckets import Used
from tests.evals.figures import FIGURES, medians, missed
from tests.evals.judged import Judged, Line

GOOD = Judged("action_required", True, True, True, True, "high", "high", False, None, (), ())
WELL = replace(GOOD, verdict="no_action", grounded=None, well_called_well=True)
USED = Used(20.0, 3000, 1500, 0.021)


def line(judged: Judged | None = GOOD, repeat: int = 1, kind: str = "incident", used: Used = USED) -> Line:
    return Line("a case", kind, repeat, judged, used=used)


def a_good_run() -> list[Line]:
    return [each for n in (1, 2, 3) for each in (line(repeat=n), line(WELL, n, "healthy"))]


def test_a_good_run_keeps_every_bar() -> None:
    measured = medians(a_good_run())

    assert measured["right cause first"] == 1.0
    assert measured["healthy called healthy"] == 1.0
    assert missed(measured) == []


def test_a_figure_is_the_median_of_the_repeats() -> None:
    wrong = replace(GOOD, right_cause=False)
    each = [line(GOOD, 1), line(wrong, 1), line(wrong, 2), line(wrong, 2), line(GOOD, 3), line(GOOD, 3)]

    assert medians(each)["right cause first"] == 0.5


@pytest.mark.parametrize(
    ("name", "worse"),
    [
        ("right cause first", {"judged": replace(GOOD, right_cause=False)}),
        (
            "right cause among the first three",
            {"judged": replace(GOOD, right_cause=False, among_three=False)},
        ),
        ("grounded chains", {"judged": replace(GOOD, grounded=False)}),
        ("sure and wrong", {"judged": replace(GOOD, sure_and_wrong=True)}),
        ("healthy called healthy", {"judged": replace(WELL, well_called_well=False), "kind": "healthy"}),
        ("answered", {"judged": None}),
        ("US dollars each", {"used": replace(USED, cost_usd=0.5)}),
        ("seconds each, the median", {"used": replace(USED, seconds=500.0)}),
    ],
)
def test_what_is_too_bad_misses_its_bar(name: str, worse: dict[str, object]) -> None:
    run = [*a_good_run(), *(line(repeat=repeat, **worse) for repeat in (1, 2, 3) for _ in range(3))]  # type: ignore[arg-type]

    assert name in [each.partition(":")[0] for each in missed(medians(run))]


def test_every_bar_can_be_missed_and_what_was_not_counted_misses_none() -> None:
    assert [figure.name for figure in FIGURES if figure.bar is None] == [
        "input tokens each",
        "output tokens each",
    ]
    assert missed(medians([line(replace(GOOD, grounded=None))])) == []
