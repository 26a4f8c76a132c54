"""Answers that nobody would write: checked all the same, soon, and stored within their room."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.diagnosis.checked import Checked, Result
from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.record import record_of
from diagnose.diagnosis.schema import Diagnosis
from tests.support.collecting import not_collecting
from tests.support.planted.answers import alternative, answer, cited, entry, hop, reading
from tests.support.planted.incidents import asked

pytestmark = pytest.mark.not_followed  # it is timed

MEGABYTE = 1_000_000
CPU_SECONDS = 1.0
RECORDED_BYTES = 150_000
"""Of what the checks add to the record; the item takes 400 kB, and the answer has its own bound."""

BAD: dict[str, Callable[[], Diagnosis]] = {
    "thousands of claims": lambda: answer(
        evidence=[cited(f"M{number}", f"{number} of {number * 3}") for number in range(20_000)]
    ),
    "thousands of ids": lambda: answer(
        chain=[hop("checkout-quote", "checkout-api", "unknown", *(f"L{number}" for number in range(20_000)))]
    ),
    "a megabyte of one word": lambda: answer(evidence=[cited("M1", "timeout " * (MEGABYTE // 8))]),
    "a megabyte without a blank": lambda: answer(evidence=[cited("M1", "a" * MEGABYTE)]),
    "a megabyte of digits": lambda: answer(evidence=[cited("M1", "7" * MEGABYTE)]),
    "a megabyte of figures": lambda: answer(
        evidence=[cited("M1", " ".join(f"{number} GB" for number in range(100_000)))]
    ),
    "a megabyte of quotation marks": lambda: answer(evidence=[cited("M1", '"' * MEGABYTE)]),
    "a megabyte of backticks": lambda: answer(evidence=[cited("L2", "`a " * (MEGABYTE // 3))]),
    "a megabyte of times": lambda: answer(
        timeline=[entry("11:46:00 " * (MEGABYTE // 9), "+3 min " * 50_000, "M1")]
    ),
    "a megabyte of brackets": lambda: answer(chain=[hop("(" * MEGABYTE, ")" * MEGABYTE, "unknown", "M1")]),
    "a name of a megabyte": lambda: answer(components=["checkout-quote " * (MEGABYTE // 15)]),
    "thousands of names": lambda: answer(components=[f"part-{number}" for number in range(20_000)]),
    "one letter for a name": lambda: answer(chain=[hop("e", "a", "e", "M1"), hop("a", "e", "", "M1")]),
    "thousands of readings": lambda: answer(
        metric_readings=[reading("Errors", str(number), "ms", "M1") for number in range(20_000)]
    ),
    "a circle": lambda: answer(chain=[hop("a-1", "b-1", "", "M1"), hop("b-1", "a-1", "", "M1")] * 2_000),
    "a hop to itself, often": lambda: answer(
        chain=[hop("checkout-quote", "checkout-quote", "", "M1")] * 5_000
    ),
    "400 alternatives": lambda: answer(
        alternatives=[alternative([cited("M1", "57")] * 5, [cited("L1", "9 s")] * 5)] * 400
    ),
    "nothing anywhere": lambda: answer(
        evidence=[cited("", "")],
        chain=[hop("", "", "", "", how="")],
        timeline=[entry("", "", "")],
        metric_readings=[reading("", "", "", "")],
        components=[""],
        alternatives=[alternative([cited("", "")], [cited("", "")])],
        headline="",
        recommended_action="",
    ),
}


@pytest.mark.parametrize("make", BAD.values(), ids=list(BAD))
def test_a_bad_answer_is_checked_soon_and_is_not_believed(make: Callable[[], Diagnosis]) -> None:
    diagnosis = make()
    prompt = asked()["checkout"].prompt
    with not_collecting():
        before = time.process_time()
        checked = check(diagnosis, prompt)
        took = time.process_time() - before

    assert took < CPU_SECONDS
    assert checked.confidence.shown != "high"
    assert any(each.result is not Result.PASSED for each in checked.checks)
    assert not broken(checked)
    assert added_bytes(checked) < RECORDED_BYTES


def test_evidence_of_a_megabyte_is_searched_soon_too() -> None:
    known = asked()["checkout"].prompt
    lines = {
        f"L{number}": f"2026-11-28T11:46:00Z checkout-quote e{number} ERROR x" for number in range(20_000)
    }
    prompt = replace(known, evidence=known.evidence | lines)
    diagnosis = answer(chain=[hop("checkout-quote", "checkout-api", "11:46", *list(lines)[:40])])
    with not_collecting():
        before = time.process_time()
        checked = check(diagnosis, prompt)
        took = time.process_time() - before

    assert took < CPU_SECONDS
    assert not broken(checked)


TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "M1",
        "L2",
        "X1",
        "G1",
        "checkout-quote",
        "14.1 GB",
        "+3 min",
        "11:46Z",
        '"',
        "`",
        "1e999999999",
        "9" * 400,
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=12, max_size=12))
def test_no_text_breaks_a_check_or_the_record(texts: list[str]) -> None:
    first, *more = texts
    diagnosis = answer(
        evidence=[cited("M1", first), cited(more[0], more[1]), cited("X1", more[2])],
        chain=[
            hop(more[3], "checkout-api", more[4], "M1", "M5", more[5], how=more[6]),
            hop("checkout-api", more[7], more[8], "L2", "H1"),
        ],
        timeline=[entry(more[9], more[10], "L3")],
        metric_readings=[reading(first, more[0], more[1], "M1")],
    )

    checked = check(diagnosis, asked()["checkout"].prompt)

    assert not broken(checked)
    assert json.loads(json.dumps(record_of(checked)))["version"] == 4


def broken(checked: Checked) -> list[str]:
    return [each.says for each in checked.checks if each.name == "broken"]


def added_bytes(checked: Checked) -> int:
    record = record_of(checked)
    return len(json.dumps({name: value for name, value in record.items() if name != "answer"}).encode())
