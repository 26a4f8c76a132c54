"""With the stand-in's address the whole road is gone: SDK, checks, a line for each answer, the page."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.settings import DiagnoseSettings
from local.claude.faults import Fault, Kind
from local.claude.requests import Rules
from local.claude.server import StandIn
from tests.evals.__main__ import faults, main, run
from tests.evals.answered import Asking
from tests.evals.asked import Asked, asked
from tests.evals.figures import REPEATS
from tests.evals.page import Results, write
from tests.evals.suite import Suite, own
from tests.evals.way import STAND_IN_KEY, Way, settings
from tests.support.keyed_claude import claude_at

SUITE = Suite("three", own().cases[:3])


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


@pytest.fixture
def told() -> DiagnoseSettings:
    return settings()


@pytest.fixture
def case(told: DiagnoseSettings) -> Asked:
    return asked(SUITE.cases[0], told)


def test_every_case_is_asked_three_times_and_the_page_calls_it_worthless(
    stand_in: StandIn, told: DiagnoseSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results: Results = run([SUITE], Way(stand_in.url, STAND_IN_KEY), told)
    write(results, tmp_path / "evals.md")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answers = [line for line in lines if "repeat" in line]
    assert stand_in.answered == REPEATS * len(SUITE.cases) == len(answers)
    assert {(line["case"], line["repeat"]) for line in answers} == {
        (case.name, repeat) for case in SUITE.cases for repeat in range(1, REPEATS + 1)
    }
    assert all(line["input_tokens"] > 1000 and line["cost_usd"] > 0 for line in answers)
    assert all(line["shown"] == "low" and line["is_of_stand_in"] for line in answers)
    assert "worthless" in (tmp_path / "evals.md").read_text("utf-8")
    assert faults(results) == []


def test_a_busy_claude_is_waited_for_and_what_is_no_answer_is_asked_for_once_more(
    stand_in: StandIn, told: DiagnoseSettings, case: Asked
) -> None:
    stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=7), Fault(Kind.NOT_JSON))
    waited: list[float] = []
    with claude_at(stand_in.url) as claude:
        line = Asking(claude, told, waited.append).line(case, 1)

    assert line.judged
    assert stand_in.answered == 2
    assert line.used.output_tokens > 0
    [seconds] = waited
    assert 5 < seconds <= 7


def test_an_answer_that_was_cut_off_is_asked_for_again_with_more_room(
    stand_in: StandIn, told: DiagnoseSettings, case: Asked
) -> None:
    stand_in.script(Fault(Kind.TRUNCATED))
    with claude_at(stand_in.url) as claude:
        line = Asking(claude, told).line(case, 1)

    assert line.judged
    rooms = [call.request["max_tokens"] for call in stand_in.calls]
    assert rooms == [told.max_output_tokens, 2 * told.max_output_tokens]


def test_an_error_costs_its_answer_and_not_the_run(
    stand_in: StandIn, told: DiagnoseSettings, case: Asked
) -> None:
    stand_in.script(Fault(Kind.REFUSAL), Fault(Kind.OVERLOADED, times=None))
    waited: list[float] = []
    with claude_at(stand_in.url) as claude:
        asking = Asking(claude, told, waited.append)
        refused, busy = asking.line(case, 1), asking.line(case, 2)

    assert (refused.judged, busy.judged) == (None, None)
    assert refused.error.startswith("refusal: ")
    assert refused.used.output_tokens > 0
    assert busy.error.startswith("shared_limit: ")
    assert 1 <= len(waited) <= 5
    assert busy.as_json()["error"] == busy.error


def test_a_key_that_is_refused_ends_the_run_and_writes_no_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with StandIn(rules=Rules(accepted_keys=frozenset({"sk-right"}))) as stand_in:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-wrong")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", stand_in.url)
        written = tmp_path / "evals.md"

        assert main(["--page", str(written)]) == 2
        assert stand_in.refused < 20
    assert "No evals: account: " in capsys.readouterr().err
    assert not written.exists()
