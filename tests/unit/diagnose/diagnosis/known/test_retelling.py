"""The known cause told of today: nothing of then that today does not hold; and what is the same."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.checks.figures import Figures
from diagnose.diagnosis.known.observations import is_alike, is_same_made, key_of, times_in
from diagnose.diagnosis.known.retelling import Retelling
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.quantities import QUOTED, quantities
from diagnose.diagnosis.record import RecordedOrigin
from diagnose.diagnosis.rendering.ticket_text import render
from diagnose.diagnosis.schema import Command
from local.demo.repeats.incident import AS_BEFORE
from notify.findings import findings_of
from notify.messages.body import of_diagnosis
from rendering.jira import jira
from rendering.markdown import markdown
from rendering.plain import plain
from rendering.room import ROOMS
from rendering.slack import slack
from rendering.teams import teams
from tests.support.diagnoses import diagnosis_of
from tests.support.injections import INJECTIONS
from tests.support.known_causes import TODAY, asked

_, PROMPT = asked(TODAY, AS_BEFORE)
ITEMS = Items(PROMPT)
RETELLING = Retelling(ITEMS)
FIGURES = Figures(ITEMS)
IDS = ["M1", "M2"]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["wait", "rows", "of 600", "-3 %", "tikv-4", "(", "."]),
            st.integers(0, 200_000).map(str),
            st.floats(0, 1e6).map(lambda n: f"{n:.2f} ms"),
        ),
        max_size=8,
    ).map(" ".join)
)
def test_no_figure_is_told_that_todays_items_do_not_hold(text: str) -> None:
    told = RETELLING.of(text, IDS)

    for figure in quantities(QUOTED, told):
        assert any(FIGURES.hold(id_, figure) for id_ in IDS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("52,389 rows a second, 48,692 then", "52,389 rows a second, … then"),
        ("since 2026-11-27T08:54:00Z (-6 min)", "since … (…)"),
        ("since 2026-11-28T14:54:00Z", "since 2026-11-28T14:54:00Z"),
        ("at 14:54 and at 03:33", "at 14:54 and at …"),
        ("the oldest is 3660 s old, pool 20 -> 40", "the oldest is … old, pool … -> …"),
        ("db-7 of tikv-4 is slow", "db-7 of tikv-4 is slow"),
        ("", ""),
    ],
)
def test_what_of_then_is_left_out(text: str, told: str) -> None:
    assert RETELLING.of(text, IDS) == told


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("kubectl logs orders-db --since=10m -n 20", True),
        ("aws ecs list-tasks --cluster orders", True),
        ("psql -c 'select * from x where pid = 40811811'", False),
        ("kubectl logs orders-db-7f9c4d2b1", False),
        ("mysql -e 'KILL 40811'", False),
        ("mysql -e 'KILL 52377'", True),
        ("systemctl restart orders-api", True),
        ("systemctl restart node-17", False),
    ],
)
def test_a_command_that_names_what_is_not_there_today_is_left_out(command: str, kept: bool) -> None:
    said = Command(command=command, purpose="", changes="", risk="")

    assert RETELLING.names_only_today(said) is kept


METRIC = "Errors Sum DEVIATES {}: baseline 0, left it {}, peak {} at {}, steady there, now {}"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 28), st.integers(0, 23))
def test_what_is_observed_is_the_same_at_other_times_and_with_other_figures(
    a: int, b: int, day: int, hour: int
) -> None:
    when = f"2026-11-{day:02}T{hour:02}:10:00Z (+{a % 59} min)"
    for section, text in (
        ("metrics", METRIC.format("up", when, a, when, b)),
        ("log", f"{when} ERROR took {a} ms, request {b}"),
        ("alarm", f"its state: ALARM since {when}: {a} datapoints were above {b}"),
        ("changes", f"{when} UpdateFunctionCode by mira, version {a} -> {b}"),
    ):
        same = (
            text.replace(when, "2026-01-01T00:00:00Z (at the onset)")
            .replace(str(a), "7")
            .replace(str(b), "8")
        )
        if section == "metrics" or (str(a) not in when and str(b) not in when):
            assert key_of(section, "", text) == key_of(section, "", same)


@pytest.mark.parametrize(
    ("section", "one", "other"),
    [
        ("metrics", METRIC.format("up", "", 1, "", 1), METRIC.format("down", "", 1, "", 1)),
        ("metrics", "Duration p99 DEVIATES up: x", "Duration p50 DEVIATES up: x"),
        ("metric_snapshot", "disk.await_ms = 3", "disk.queue = 3"),
        ("alarm", "orders-db-1 in ALARM", "orders-db-7 in ALARM"),
        ("changes", "PutParameter by mira", "PutParameter by noor"),
        ("log", "ERROR no route to host", "ERROR no space left"),
    ],
)
def test_what_is_something_else_is_not_the_same(section: str, one: str, other: str) -> None:
    assert key_of(section, "", one) != key_of(section, "", other)


def test_the_same_line_under_another_heading_is_not_the_same() -> None:
    text = METRIC.format("up", "", 1, "", 1)

    assert key_of("metrics", "Metrics of orders-db", text) != key_of("metrics", "Metrics of users-db", text)
    assert key_of("log", "Lines of /aws/a, oldest first", "x") != key_of("log", "Lines of /aws/b", "x")


@pytest.mark.parametrize(
    ("then", "today", "alike"),
    [
        ("disk.await_ms = 41", "disk.await_ms = 44.5", True),
        ("disk.await_ms = 41", "disk.await_ms = 4", False),
        ("disk.await_ms = 41 ms", "disk.await_ms = 0.041 s", True),
        ("state = leader", "state = leader", True),
        ("state = leader", "state = follower", False),
        ("load = 1", "load = none", False),
        ("load = 0", "load = 0.1", False),
    ],
)
def test_a_reading_without_a_past_is_alike_if_it_is_near(then: str, today: str, alike: bool) -> None:
    assert is_alike(then, today, Decimal("0.3")) is alike


def test_how_a_system_is_made_is_compared_to_the_figure() -> None:
    assert is_same_made("deployed 2026-11-20T09:28Z = 4.18.0", "deployed 2026-11-21T10:11Z = 4.18.0")
    assert not is_same_made("lock_timeout = 0", "lock_timeout = 5000")


def test_a_time_without_a_zone_is_taken_as_early_as_it_may_have_been() -> None:
    prompt = replace(PROMPT, evidence={**PROMPT.evidence, "L1": "2026-11-28 14:54:00 ERROR"})

    [at] = times_in("L1", Items(prompt))
    assert f"{at:%d %H:%M}" == "28 00:54"


ORIGIN = RecordedOrigin(
    ticket_id="t-1",
    diagnosed_at="2026-11-27T09:09:00.000Z",
    confirmed_by="kim",
    confirmed_at="2026-11-27T10:00:00Z",
    input_tokens=1,
    output_tokens=1,
)


@pytest.mark.parametrize("write", [slack, teams, jira, plain, markdown])
def test_every_place_says_where_it_comes_from_in_words_that_do_not_act(write: object) -> None:
    record: dict[str, Any] = {"answer": diagnosis_of().model_dump(), "known_cause": ORIGIN.model_dump()}
    item = {"ticket_id": "t-2", "diagnosis_status": "done", "diagnosis_record": record}

    for name in ("kim", *INJECTIONS[:5]):
        record["known_cause"]["confirmed_by"] = name
        written = write(of_diagnosis(findings_of(item), item, "", ROOMS[0]))  # type: ignore[operator]
        assert "Known cause, upheld:" in written
        assert "Other causes were not weighed anew" in written
    record["known_cause"] = None
    assert "Known cause" not in write(of_diagnosis(findings_of(item), item, "", ROOMS[0]))  # type: ignore[operator]


def test_the_ticket_says_it_on_the_first_screen() -> None:
    checked = check(diagnosis_of(), PROMPT)

    text = render(checked, [], PROMPT, ORIGIN)
    assert 0 < text.index("Known cause, upheld:") < text.index("Cause:**")
    assert "as the model said" not in text
    assert "Known cause" not in render(checked, [], PROMPT)
