"""Figures that people can read: three digits, a unit that fits, and the exact value for whoever checks."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.schema import Citation, Diagnosis, Hypothesis
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.sections import Context, Section
from timeseries.figures import figure, unit_of


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal("14063512655.0"), "Bytes", "14.1 GB"),
        (1500, "Bytes", "1.5 kB"),
        (Decimal(264241152), "Bytes/Second", "264 MB/s"),
        (Decimal("0.0028"), "Seconds", "2.8 ms"),
        (1140, "Seconds", "1,140 s"),
        (Decimal("168.2"), "Milliseconds", "168 ms"),
        (31284, "Milliseconds", "31.3 s"),
        (Decimal("0.73"), "Milliseconds", "730 µs"),
        (Decimal("98.3871"), "Percent", "98.4 %"),
        (100, "Percent", "100 %"),
        (Decimal(18410), "Count/Second", "18,410/s"),
        (Decimal(1234567), "Count", "1,234,567"),
        (Decimal("0.123456"), "None", "0.123"),
        (Decimal("-41.27"), "", "-41.3"),
        (0, "Bytes", "0 B"),
        (Decimal("1e-9"), "", "1.00e-09"),
        (Decimal("999.6"), "Count", "1,000"),
        (7, "widgets", "7 widgets"),
    ],
)
def test_a_figure_has_three_digits_and_the_unit_that_fits_it(value: Any, unit: str, shown: str) -> None:
    assert figure(value, unit_of(unit)) == shown


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", "B", "s", "ms", "%", "/s", "B/s"])
)
def test_every_figure_is_readable_and_keeps_its_sign(value: float, unit: str) -> None:
    shown = figure(value, unit)

    assert len(shown) < 40
    assert shown.startswith("-") == (value < 0)


def quoting(shows: str) -> Diagnosis:
    return Diagnosis(
        verdict="inconclusive",
        headline="h",
        timeline=[],
        components=[],
        metric_readings=[],
        primary=Hypothesis(
            diagnosis="d",
            confidence="low",
            reasoning="r",
            evidence=[Citation(id="M1", shows=shows)],
            chain=[],
        ),
        alternatives=[],
        severity="info",
        recommended_action="a",
        commands=[],
        risks=[],
        missing_data=[],
    )


@pytest.mark.parametrize(
    ("shows", "is_doubted"),
    [
        ("14.1 GB are free", False),
        ("14063512655 bytes are free", False),
        ("14,063,512,655 bytes are free", False),
        ("14.2 GB are free", True),
    ],
)
def test_both_the_readable_figure_and_the_exact_one_may_be_quoted(shows: str, is_doubted: bool) -> None:
    line = f"FreeStorageSpace: now {figure(Decimal(14063512655), 'B')}"
    section = Section("metrics", "Metrics", "M", (line,), exact=((Decimal("14063512655.0"),),))

    prompt = build_prompt(Context((section,), ()), (), 100_000)

    assert bool(check(quoting(shows), prompt).doubts) is is_doubted
