"""docs/trust.md has every check and every cap that the code has, and no other."""

import re

from diagnose.diagnosis.checks.checking import BROKEN, CHECKS
from diagnose.diagnosis.confidence import (
    AT_MOST_BESIDE,
    AT_MOST_FAILED,
    AT_MOST_UNKNOWN,
    CASES,
    LAST_LINES,
    told,
)
from diagnose.diagnosis.reading.claims import LONGEST, MOST_CLAIMS, MOST_HOPS
from diagnose.diagnosis.record import MOST_CHECKS
from local.aws.template import ROOT

PAGE = (ROOT / "docs" / "trust.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.split("\n") if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_has_a_row_for_each_check() -> None:
    assert [row[0] for row in rows("The checks")[1:]] == [f"`{name}`" for name in CHECKS]


def test_the_page_has_the_caps_of_the_code() -> None:
    failed = [[f"`{name}` failed", told(level)] for name, level in AT_MOST_FAILED.items()]
    unknown = [[f"`{name}` unknown", told(level)] for name, level in AT_MOST_UNKNOWN.items()]
    cases = [[f"{case.name}: {case.why}", told(case.at_most)] for case in CASES]

    assert rows("The caps")[1:] == [*failed, *unknown, *cases]
    assert f"A check that failed in an alternative caps at {AT_MOST_BESIDE}" in PAGE


def test_every_check_that_can_fail_has_a_cap() -> None:
    assert AT_MOST_FAILED.keys() | {"hint"} == CHECKS.keys()
    assert AT_MOST_UNKNOWN.keys() <= {*CHECKS, "length", BROKEN}


def test_the_page_has_the_figures_of_the_code() -> None:
    bounds = f"{MOST_CLAIMS} claims, {MOST_HOPS} hops, {LONGEST:,} characters"

    assert bounds in re.sub(r"\s+", " ", PAGE)
    assert f"at most {MOST_CHECKS}, those" in PAGE
    assert {1: "one", 5: "five"}[LAST_LINES] in PAGE.partition("last ")[2][:10]
