"""When an incident began: worked out once, and said with how it was found."""

from datetime import UTC, datetime, timedelta

import pytest

from diagnose.evidence.gathering import gather
from diagnose.evidence.looked import Found
from diagnose.evidence.onset import Basis, Onset, onset_of, settled
from tests.support.incidents import NOW, Says, incident, section, ticket

REASON = (
    "Threshold Crossed: 2 out of the last 3 datapoints [98.0 (28/11/26 02:11:00), 97.0 (28/11/26 02:10:00)] "
    "were greater than the threshold (90.0)."
)
SEEN = "2026-11-28T02:14:00Z"


def at(minute: int) -> datetime:
    return datetime(2026, 11, 28, 2, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attributes", "minute", "basis"),
    [
        pytest.param({"message": REASON, "first_seen_at": SEEN}, 10, Basis.ALARM_DATAPOINTS, id="alarm"),
        pytest.param({"first_seen_at": SEEN}, 14, Basis.FIRST_SEEN, id="first_seen_at"),
        pytest.param({"last_seen_at": SEEN}, 14, Basis.LAST_SEEN, id="last_seen_at"),
        pytest.param({}, 30, Basis.NOW, id="no time at all"),
        pytest.param({"message": "datapoint (99/99/26 02:11:00)"}, 30, Basis.NOW, id="no date"),
    ],
)
def test_the_best_of_what_a_ticket_says_is_taken(
    attributes: dict[str, str], minute: int, basis: Basis
) -> None:
    found = onset_of(ticket(**attributes), NOW)

    assert (found.at, found.basis) == (at(minute), basis)


def test_a_time_that_lies_ahead_of_our_clock_is_not_believed_and_that_is_said() -> None:
    found = onset_of(ticket(first_seen_at="2026-11-29T02:14:00Z"), NOW)

    assert found.at == NOW
    assert "first_seen_at lies ahead of our clock: 2026-11-29T02:14:00Z" in found.how


@pytest.mark.parametrize(
    ("minutes", "taken"),
    [(-4, True), (-6 * 60 - 1, False), (3, True), (30, False)],
)
def test_a_metric_that_left_its_baseline_before_anybody_noticed_is_when_it_began(
    minutes: int, taken: bool
) -> None:
    told = Onset(at(14), "the ticket's first_seen_at", Basis.FIRST_SEEN)
    departure = Onset(told.at + timedelta(minutes=minutes), "CPUUtilization left its baseline")

    assert (settled(told, [departure]) == departure) is taken


def test_the_alarms_own_metric_is_believed_before_any_other() -> None:
    told = Onset(at(14), "the first datapoint that the alarm names", Basis.ALARM_DATAPOINTS)
    others = Onset(at(2), "another metric")
    own = Onset(at(11), "the alarm's metric left its baseline", Basis.ALARM_METRIC)

    assert settled(told, [others, own]) == own
    assert settled(told, [others]) == told


def test_offsets_count_from_what_the_sources_found_and_not_from_what_the_ticket_said() -> None:
    departure = Onset(at(6), "Errors left its baseline", Basis.ALARM_METRIC)
    source = Says("metrics", (Found((section("metrics", "peak at 2026-11-28T02:16:00Z"),), (departure,)),))

    context = gather(incident(first_seen_at=SEEN), [], [source])

    lines = [line for each in context.sections for line in each.lines]
    assert "onset: 2026-11-28T02:06:00Z (at the onset), Errors left its baseline" in lines
    assert "peak at 2026-11-28T02:16:00Z (+10 min)" in lines
