"""`make eval` without a key: a line for each case, the page, and 0; and when it ends otherwise."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.evals.__main__ import faults, main
from tests.evals.figures import REPEATS
from tests.evals.judged import Judged, Line
from tests.evals.page import NOT_MEASURED, PAGE, Results, write
from tests.evals.planted import Planted
from tests.evals.suite import Suite, SuiteError, own, suite_in
from tests.evals.way import Way
from tests.evals.without_key import Blamed, Sent

ANTHROPIC = Way("https://api.anthropic.com", "sk-mine")
NOTHING_PLANTED = Planted({}, 0, 0)
WRONG = Judged("action_required", True, False, False, None, "high", "high", True, None, (), ())
SUITE = Suite("two", own().cases[:2])


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def results(**more: Any) -> Results:
    given: dict[str, Any] = {
        "suites": [SUITE],
        "sent": {"two": [Sent(case.name, case.kind, 1000, 3, ()) for case in SUITE.cases]},
        "planted": NOTHING_PLANTED,
        "blamed": [],
        **more,
    }
    return Results(**given)


def answered(judged: Judged = WRONG, *, is_of_stand_in: bool = False) -> dict[str, list[Line]]:
    lines = [
        Line(case.name, case.kind, repeat, judged, model="claude-x", is_of_stand_in=is_of_stand_in)
        for case in SUITE.cases
        for repeat in range(1, REPEATS + 1)
    ]
    return {"two": lines}


def page(found: Results, folder: Path) -> str:
    write(found, folder / "evals.md")
    return (folder / "evals.md").read_text("utf-8")


def test_without_a_key_it_writes_lines_and_the_page_and_ends_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--page", str(tmp_path / "evals.md")]) == 0

    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    names = [case.name for case in own().cases]
    text = (tmp_path / "evals.md").read_text("utf-8")
    assert [line["case"] for line in lines] == names
    assert "not asked, no key" in told.err
    assert "Figures of the model: not measured, no key." in text
    assert text.count(NOT_MEASURED) >= 10
    assert all(name in text for name in names)
    caught = re.findall(r"^\| .+ \| (\d+) of (\d+) \|$", text.partition("| planted fault |")[2], re.MULTILINE)
    assert sum(int(count) for _, count in caught) >= 100
    assert all(found == count for found, count in caught)
    assert re.search(r"Of (?:[5-9]\d|\d{3}) sound answers 0 were flagged", text)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            {"sent": {"two": [Sent("a case", "incident", 9, 1, ("vol-0a41",))]}},
            "a case: not in the prompt: vol-0a41",
        ),
        (
            {"planted": Planted({"a false id": (9, 10)}, 0, 0)},
            "1 of 10 planted answers were not caught: a false id",
        ),
        ({"planted": Planted({}, 50, 2)}, "2 of 50 sound answers were flagged"),
        ({"blamed": [Blamed("load-test", "high", ())]}, "load-test: shown as high, and it is well"),
    ],
)
def test_what_is_not_good_enough_without_a_model_is_a_fault(more: dict[str, Any], fault: str) -> None:
    assert faults(results(**more)) == [fault]
    assert faults(results()) == []


def test_a_model_that_misses_a_bar_is_a_fault_and_stands_on_the_page(tmp_path: Path) -> None:
    found = results(way=ANTHROPIC, lines=answered())

    assert "two: right cause first: 0%, and the bar is at least 70%" in faults(found)
    assert any("sure and wrong: 2, and the bar is at most 0" in fault for fault in faults(found))
    text = page(found, tmp_path)
    assert "| right cause first | 0% | at least 70% | **no** |" in text
    assert "Model: claude-x." in text
    assert "worthless" not in text
    assert "action required (3)" in text


@pytest.mark.parametrize(
    ("way", "is_of_stand_in"),
    [(Way("http://127.0.0.1:1", "k"), False), (ANTHROPIC, True)],
    ids=["address", "mark"],
)
def test_a_stand_ins_figures_are_called_worthless_and_held_against_no_bar(
    tmp_path: Path, way: Way, is_of_stand_in: bool
) -> None:
    found = results(way=way, lines=answered(is_of_stand_in=is_of_stand_in))

    assert faults(found) == []
    text = page(found, tmp_path)
    assert "**These figures are worthless: the stand-in answered" in text
    assert "**no**" not in text


def test_a_case_without_an_answer_is_told_as_one(tmp_path: Path) -> None:
    lines = {"two": [replace(line, judged=None, error="ambiguous: 500") for line in answered()["two"]]}

    assert "no answer" in page(results(way=ANTHROPIC, lines=lines), tmp_path)


def test_the_page_of_this_repository_tells_of_every_case() -> None:
    text = PAGE.read_text("utf-8")

    assert [case.name for case in own().cases if f"| {case.name} |" not in text] == []


def test_a_suite_that_is_not_there_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "evals.md"

    assert main(["--suite", str(tmp_path / "none"), "--page", str(written)]) == 2
    assert f"there is no folder {tmp_path / 'none'}" in capsys.readouterr().err
    assert not written.exists()
    with pytest.raises(SuiteError, match="holds neither cases"):
        suite_in(tmp_path)


def test_a_folder_of_cases_is_a_suite(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "kind: incident\n"
        "now: 2026-01-01T00:00:00Z\n"
        "ticket: {ticket_id: t, status: open, invariant_name: i, message: m}\n"
        "expected: {verdicts: [inconclusive], components: [], cause: [a|b], innocent: [], forbidden: [],"
        " in_prompt: []}\n"
    )

    [case] = suite_in(tmp_path).cases
    assert (case.name, case.expected.cause, case.sources) == ("mine", (("a", "b"),), ())


def test_incidents_of_opensre_become_cases_that_do_not_give_their_answer_away(tmp_path: Path) -> None:
    folder = tmp_path / "rds" / "000-well"
    folder.mkdir(parents=True)
    labels = {"alertname": "HealthCheck", "severity": "info"}
    notes = {"summary": "all is well", "rds_failure_mode": "healthy"}
    (folder / "alert.json").write_text(
        json.dumps({"title": "Check", "commonLabels": labels, "commonAnnotations": notes})
    )
    event = {"date": "2026-03-28T15:08:12Z", "message": "backup finished"}
    (folder / "aws_rds_events.json").write_text(json.dumps({"events": [event]}))
    (folder / "answer.yml").write_text(
        "root_cause_category: healthy\nrequired_keywords: [backup, no failure, idle]\n"
    )

    [case] = suite_in(tmp_path / "rds").cases
    assert (case.kind, case.expected.verdicts, case.expected.least) == ("healthy", ("no_action",), 2)
    assert case.expected.in_prompt == ("backup",)
    assert case.now.isoformat() == "2026-03-28T15:08:12+00:00"
    assert "rds_failure_mode" not in json.dumps(case.ticket)
    assert "all is well" in json.dumps(case.ticket)
