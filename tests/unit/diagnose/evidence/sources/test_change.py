"""Which changes are likeliest to matter, and how one is told."""

from datetime import UTC, datetime, timedelta

from diagnose.evidence.sources.changes.change import (
    LONGEST,
    MOST_SHOWN,
    Change,
    Near,
    differences,
    lines_of,
    ranked,
)

ONSET = datetime(2026, 11, 28, 2, 10, 35, tzinfo=UTC)


def change(minutes_before: float, near: Near, what: str = "changed") -> Change:
    return Change(ONSET - timedelta(minutes=minutes_before), what, near, "CloudTrail", "ana")


def test_near_in_place_weighs_more_than_a_little_nearer_in_time() -> None:
    itself, elsewhere = change(4, Near.ITSELF), change(2, Near.ACCOUNT)

    assert ranked([elsewhere, itself], ONSET) == [itself, elsewhere]


def test_a_change_of_a_minute_ago_elsewhere_goes_before_yesterdays_on_the_resource() -> None:
    yesterday, just_now = change(23 * 60, Near.ITSELF), change(1, Near.NEIGHBOUR)

    assert ranked([yesterday, just_now], ONSET) == [just_now, yesterday]


def test_what_came_after_the_onset_is_less_likely_than_what_came_as_long_before() -> None:
    after, before = change(-6, Near.ITSELF), change(6, Near.ITSELF)

    assert ranked([after, before], ONSET) == [before, after]


def test_a_change_says_when_what_who_where_and_who_tells_of_it() -> None:
    told = Change(
        ONSET - timedelta(minutes=4),
        "lambda UpdateFunctionConfiguration",
        Near.ITSELF,
        "CloudTrail",
        "ana",
        {"memorySize": 128, "vpc": {"subnets": ["a"]}, "layers": ["tracing", "extras"]},
    )

    assert told.line() == (
        "2026-11-28T02:06:35Z lambda UpdateFunctionConfiguration by ana, on the resource itself (CloudTrail)"
        ': memorySize: 128; vpc: {"subnets": ["a"]}; layers: tracing, extras'
    )


def test_a_long_change_keeps_both_ends_and_says_so() -> None:
    line = change(4, Near.ITSELF, "a" * 5000 + " the end").line()

    assert len(line) <= LONGEST
    assert "characters left out" in line


def test_changes_that_are_not_shown_are_counted() -> None:
    lines = lines_of([change(minutes, Near.ACCOUNT) for minutes in range(MOST_SHOWN + 7)])

    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1] == "not shown: 7 changes further away, 2026-11-28T01:44:35Z to 2026-11-28T01:50:35Z"


def test_two_configurations_are_compared_setting_by_setting() -> None:
    before = {
        "MemorySize": 512,
        "Timeout": 3,
        "Environment": {"Variables": {"POOL_SIZE": "200", "MODE": "a"}},
        "Layers": ["tracing:1", "extras:4"],
    }
    after = {
        "MemorySize": 128,
        "Timeout": 3,
        "Environment": {"Variables": {"POOL_SIZE": "2", "NEW": "1"}},
        "Layers": ["extras:4", "tracing:2"],
    }

    assert differences(before, after, ("MemorySize", "Timeout", "Environment", "Layers")) == {
        "MemorySize": "512 -> 128",
        "Environment.Variables.MODE": "a -> nothing",
        "Environment.Variables.NEW": "nothing -> 1",
        "Environment.Variables.POOL_SIZE": "200 -> 2",
        "Layers": "tracing:2 added, tracing:1 removed",
    }
