"""One open ticket for each violation, whatever its monitor says and in whatever order it is heard."""

from itertools import count, permutations

import pytest

from intake.observation import MonitorState, Place
from intake.violations.violation import Happening, Violation
from intake.violations.wording import Policy
from runtime.item_size import MAX_ITEM_BYTES, size_of
from tests.support.monitors import ALARM, MISSING, OK, SHOP, START_MS, Monitored
from tickets.transactions import ConflictError, Kept

DAY = 86_400.0


@pytest.fixture
def monitored() -> Monitored:
    return Monitored()


def statuses(monitored: Monitored, key: str = "v") -> list[str]:
    return [str(ticket["status"]) for ticket in monitored.tickets(key)]


def test_an_alarm_opens_a_ticket(monitored: Monitored) -> None:
    outcome = monitored.says(ALARM, at=0.5)

    ticket = monitored.ticket()
    assert outcome.turn == "opened"
    assert ticket["ticket_id"] == "v-errors-4c94485e-20270115T080000500Z"
    assert ticket["status"] == "open"
    assert ticket["first_seen_at"] == ticket["last_seen_at"] == "2027-01-15T08:00:00.500Z"
    assert (ticket["occurrence_count"], ticket["severity"]) == (1, "critical")
    assert (ticket["monitor_state"], ticket["monitor_at"]) == ("alarm", START_MS + 500)
    assert (ticket["diagnosis_status"], ticket["generation"]) == ("pending", 0)
    assert ticket["waiting_since"] == ticket["noticed_at"] == monitored.clock.now()


def test_the_same_event_again_changes_nothing(monitored: Monitored) -> None:
    for _ in range(3):
        monitored.says(ALARM, event_id="one")
    before = dict(monitored.tables.items)

    assert monitored.says(ALARM, event_id="one").happening == Happening.NOTHING
    assert monitored.tables.items == before


def test_a_repeat_is_counted_and_seen(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.says(ALARM, at=60)

    [ticket] = monitored.tickets()
    assert (ticket["occurrence_count"], ticket["last_seen_at"]) == (2, "2027-01-15T08:01:00.000Z")
    assert ticket["first_seen_at"] == "2027-01-15T08:00:00.000Z"


def test_an_earlier_alarm_that_comes_late_moves_the_onset_back(monitored: Monitored) -> None:
    monitored.says(ALARM, at=60)
    monitored.says(ALARM, at=30)

    [ticket] = monitored.tickets()
    assert (ticket["first_seen_at"], ticket["last_seen_at"]) == (
        "2027-01-15T08:00:30.000Z",
        "2027-01-15T08:01:00.000Z",
    )


def test_an_ok_resolves(monitored: Monitored) -> None:
    monitored.says(ALARM)
    assert monitored.says(OK, at=60).turn == "resolved"

    assert (monitored.ticket()["status"], monitored.ticket()["monitor_state"]) == ("resolved", "ok")


def test_an_ok_does_not_resolve_what_is_held(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.write(held=True)
    monitored.says(OK, at=60)
    assert (monitored.ticket()["status"], monitored.ticket()["monitor_state"]) == ("open", "ok")

    monitored.says(ALARM, at=5 * DAY)
    assert statuses(monitored) == ["open"], "the held ticket tells of the next alarm, too"


def test_a_producer_does_not_undo_that_a_person_holds_a_ticket(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.says(OK, at=60)
    monitored.write(held=True)
    monitored.says(ALARM, at=120, held=False)

    assert monitored.ticket()["held"] is True


def test_a_producer_may_know_the_onset(monitored: Monitored) -> None:
    monitored.says(ALARM, first_seen_at="2027-01-15T07:30:00Z")

    assert monitored.ticket()["first_seen_at"] == "2027-01-15T07:30:00Z"


def test_a_late_ok_does_not_resolve_a_newer_alarm(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.says(ALARM, at=60)
    monitored.says(OK, at=30)

    assert statuses(monitored) == ["open"]


def test_a_resolve_before_its_opening_leaves_a_resolved_ticket(monitored: Monitored) -> None:
    monitored.says(OK, at=60)
    monitored.says(ALARM, at=0)

    assert statuses(monitored) == ["resolved"]
    assert monitored.ticket()["monitor_state"] == "ok"


def test_of_two_events_of_one_moment_the_alarm_is_the_newer(monitored: Monitored) -> None:
    monitored.says(OK, at=60)
    monitored.says(ALARM, at=60)

    assert statuses(monitored) == ["open"]


def test_a_flap_opens_the_former_ticket_again(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.write(status="diagnosed", diagnosis_status="done", diagnosis="text")
    monitored.says(OK, at=60)
    assert monitored.says(ALARM, at=120).turn == "reopened"

    [ticket] = monitored.tickets()
    assert (ticket["status"], ticket["diagnosis_status"], ticket["diagnosis"]) == ("open", "done", "text")
    assert (ticket["occurrence_count"], ticket["first_seen_at"]) == (2, "2027-01-15T08:02:00.000Z")


def test_beyond_the_flap_window_it_is_a_new_ticket(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.says(OK, at=60)
    monitored.says(ALARM, at=DAY + 61)

    assert statuses(monitored) == ["resolved", "open"]
    assert [ticket["occurrence_count"] for ticket in monitored.tickets()] == [1, 1]


def test_what_a_person_has_resolved_is_not_opened_by_a_repeat(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.write(status="resolved")
    monitored.says(ALARM, at=60)
    assert statuses(monitored) == ["resolved"]

    monitored.says(OK, at=120)
    monitored.says(ALARM, at=180)
    assert statuses(monitored) == ["open"]


@pytest.mark.parametrize("status", ["acknowledged", "diagnosed"])
def test_a_persons_status_is_left_alone_by_a_repeat(monitored: Monitored, status: str) -> None:
    monitored.says(ALARM)
    monitored.write(status=status)
    monitored.says(ALARM, at=60)

    assert statuses(monitored) == [status]


def test_what_a_person_has_deleted_stays_away_until_the_next_alarm(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.delete()
    monitored.says(ALARM, at=60)
    monitored.says(OK, at=120)
    assert monitored.tickets() == []

    monitored.says(ALARM, at=180)
    assert statuses(monitored) == ["open"]


def test_missing_data_are_noted_and_end_nothing(monitored: Monitored) -> None:
    monitored.says(MISSING)
    monitored.says(ALARM, at=60)
    monitored.says(MISSING, at=120)
    assert (monitored.ticket()["status"], monitored.ticket()["monitor_state"]) == (
        "open",
        "insufficient_data",
    )

    monitored.says(ALARM, at=90)
    assert monitored.ticket()["monitor_state"] == "insufficient_data"
    monitored.says(OK, at=180)
    monitored.says(MISSING, at=240)
    assert (monitored.ticket()["status"], monitored.ticket()["monitor_state"]) == ("resolved", "ok")


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_arrival_does_not_matter(order: tuple[int, ...]) -> None:
    monitored = Monitored()
    told = [(ALARM, 0.0), (OK, 60.0), (ALARM, 120.0), (MISSING, 180.0)]
    for index in order:
        state, at = told[index]
        monitored.says(state, at=at)

    [ticket] = monitored.tickets()
    assert (ticket["status"], ticket["monitor_state"], ticket["occurrence_count"]) == (
        "open",
        "insufficient_data",
        2,
    )


def test_a_monitor_that_is_years_ahead_does_not_deafen_us(monitored: Monitored) -> None:
    monitored.use_case.take_in(monitored.observation(ALARM, at=400 * DAY))
    monitored.says(OK, at=600)

    assert statuses(monitored) == ["resolved"]


def test_below_the_least_severity_a_ticket_is_kept_until_it_is_graver() -> None:
    monitored = Monitored(policy=Policy(minimum_severity="critical"))
    monitored.enrichment.severity = "warning"
    monitored.says(ALARM)
    ticket = monitored.ticket()
    assert (ticket["status"], ticket["diagnosis_status"], ticket["set_aside_for"]) == (
        "open",
        "set_aside",
        "severity",
    )

    monitored.says(ALARM, at=60)
    assert monitored.ticket()["diagnosis_status"] == "set_aside"
    monitored.enrichment.severity = "critical"
    assert monitored.says(ALARM, at=120).turn == "released"
    ticket = monitored.ticket()
    assert (ticket["diagnosis_status"], ticket["generation"], ticket["severity"]) == (
        "pending",
        1,
        "critical",
    )
    assert ticket["noticed_at"] == monitored.clock.now()
    assert "set_aside_for" not in ticket


def test_a_ticket_is_kept_until_it_was_seen_often_enough() -> None:
    monitored = Monitored(policy=Policy(minimum_occurrences=3))
    monitored.says(ALARM)
    monitored.says(OK, at=30)
    monitored.says(ALARM, at=60)
    assert monitored.ticket()["set_aside_for"] == "occurrences"

    monitored.says(ALARM, at=90)
    assert monitored.ticket()["diagnosis_status"] == "pending"


def test_what_is_muted_is_kept_until_it_is_muted_no_more(monitored: Monitored) -> None:
    monitored.enrichment.muted.add("v")
    monitored.says(ALARM)
    assert monitored.ticket()["set_aside_for"] == "muted"
    monitored.says(OK, at=30)
    assert statuses(monitored) == ["resolved"]

    monitored.enrichment.muted.clear()
    monitored.says(ALARM, at=60)
    assert (monitored.ticket()["status"], monitored.ticket()["diagnosis_status"]) == ("open", "pending")


def test_a_person_who_has_asked_for_a_diagnosis_is_served_all_the_same(monitored: Monitored) -> None:
    monitored.says(ALARM)
    monitored.write(diagnosis_status="deferred", rediagnose="now")
    monitored.says(OK, at=30)
    monitored.enrichment.muted.add("v")
    monitored.says(ALARM, at=60)

    assert monitored.ticket()["diagnosis_status"] == "deferred"


def test_an_alarm_on_what_an_incident_is_on_joins_it(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    assert monitored.says(ALARM, "other", at=10, place=SHOP).turn == "joined"

    head, member = monitored.ticket("head"), monitored.ticket("other")
    assert (member["incident_id"], member["member_since"]) == (
        head["ticket_id"],
        "2027-01-15T08:00:10.000Z",
    )
    assert (member["status"], member["diagnosis_status"], member["set_aside_for"]) == (
        "open",
        "set_aside",
        "member",
    )
    assert (head["members"], head["open_members"]) == (1, 1)
    assert "joined_at" not in head, "its diagnosis will know of it"
    assert monitored.storms.later == []


@pytest.mark.parametrize("diagnosis_status", ["running", "done", "failed"])
def test_what_joins_after_the_diagnosis_is_noted_on_the_head(
    monitored: Monitored, diagnosis_status: str
) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.write("head", diagnosis_status=diagnosis_status)
    monitored.says(ALARM, "other", at=10, place=SHOP)

    assert monitored.ticket("head")["joined_at"] == START_MS / 1000 + 10
    assert len(monitored.storms.later) == 1


def test_an_alarm_elsewhere_is_an_incident_of_its_own(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.says(ALARM, "other", at=10, place=Place(stack="mill"))
    monitored.says(ALARM, "nowhere", at=20)

    assert not any("incident_id" in monitored.ticket(key) for key in ("head", "other", "nowhere"))


def test_an_incident_is_resolved_with_its_last_member(monitored: Monitored) -> None:
    for number, key in enumerate(["head", "one", "two"]):
        monitored.says(ALARM, key, at=number, place=SHOP)
    monitored.says(OK, "head", at=10)
    monitored.says(OK, "one", at=20)
    assert (monitored.ticket("head")["status"], monitored.ticket("one")["status"]) == ("open", "resolved")

    monitored.says(OK, "two", at=30)
    assert monitored.ticket("head")["status"] == "resolved"
    assert monitored.ticket("head")["open_members"] == 0


def test_a_held_incident_is_not(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.says(ALARM, "one", at=1, place=SHOP)
    monitored.write("head", held=True)
    monitored.says(OK, "head", at=10)
    monitored.says(OK, "one", at=20)

    assert monitored.ticket("head")["status"] == "open"


def test_a_member_that_comes_back_opens_its_incident_again(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.says(ALARM, "one", at=1, place=SHOP)
    monitored.says(OK, "head", at=10)
    monitored.says(OK, "one", at=20)
    monitored.says(ALARM, "one", at=30, place=SHOP)

    head, member = monitored.ticket("head"), monitored.ticket("one")
    assert (head["status"], head["members"], head["open_members"]) == ("open", 1, 1)
    assert (member["status"], member["diagnosis_status"]) == ("open", "set_aside")
    assert monitored.says(OK, "one", at=40).turn == "resolved"
    assert monitored.ticket("head")["status"] == "resolved"


def test_nothing_joins_an_incident_that_is_over_or_gone(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.write("head", status="resolved")
    monitored.says(ALARM, "one", at=1, place=SHOP)
    monitored.delete("one")
    monitored.says(ALARM, "two", at=2, place=SHOP)
    monitored.says(ALARM, "three", at=3, place=SHOP)

    assert "incident_id" not in monitored.ticket("two")
    assert monitored.ticket("three")["incident_id"] == monitored.ticket("two")["ticket_id"]


def test_nothing_joins_what_is_set_aside() -> None:
    monitored = Monitored(policy=Policy(minimum_severity="critical"))
    monitored.enrichment.severity = "info"
    monitored.says(ALARM, "one", place=SHOP)
    monitored.enrichment.severity = "critical"
    monitored.says(ALARM, "two", at=1, place=SHOP)
    monitored.enrichment.severity = "info"
    monitored.says(ALARM, "three", at=2, place=SHOP)

    assert monitored.ticket("one")["set_aside_for"] == "severity"
    assert monitored.ticket("two")["diagnosis_status"] == "pending"
    assert monitored.ticket("three")["set_aside_for"] == "member"
    monitored.says(ALARM, "one", at=3, place=SHOP)
    assert monitored.ticket("one")["incident_id"] == monitored.ticket("two")["ticket_id"]


def test_when_a_person_has_deleted_the_head_its_members_go_on(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.says(ALARM, "one", at=1, place=SHOP)
    monitored.says(ALARM, "two", at=2, place=SHOP)
    monitored.delete("head")
    monitored.says(OK, "one", at=10)
    assert monitored.ticket("one")["status"] == "resolved"

    monitored.says(ALARM, "one", at=20, place=SHOP)
    ticket = monitored.ticket("one")
    assert (ticket["status"], ticket["diagnosis_status"]) == ("open", "pending"), "it is on its own now"
    assert not {"incident_id", "member_since", "set_aside_for"} & ticket.keys()


def test_a_member_that_a_person_has_deleted_is_in_alarm_no_longer(monitored: Monitored) -> None:
    monitored.says(ALARM, "head", place=SHOP)
    monitored.says(ALARM, "one", at=1, place=SHOP)
    monitored.delete("one")
    monitored.says(OK, "head", at=10)
    monitored.says(OK, "one", at=20)

    assert monitored.ticket("head")["status"] == "resolved"


def test_incidents_that_point_at_one_another_do_no_harm(monitored: Monitored) -> None:
    monitored.says(ALARM, "one")
    monitored.says(ALARM, "two")
    monitored.write("one", incident_id=monitored.ticket("two")["ticket_id"])
    monitored.write("two", incident_id=monitored.ticket("one")["ticket_id"])
    monitored.says(OK, "one", at=10)
    monitored.says(OK, "two", at=10)
    assert statuses(monitored, "one") == statuses(monitored, "two") == ["resolved"]

    monitored.says(ALARM, "one", at=20)
    assert "incident_id" not in monitored.ticket("one")


@pytest.mark.parametrize("members", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_thousands_of_members_are_one_incident(monitored: Monitored, members: int) -> None:
    keys = [f"member-{number}" for number in range(members)]
    monitored.says(ALARM, "head", place=SHOP)
    for number, key in enumerate(keys):
        monitored.says(ALARM, key, at=number / 100, place=SHOP)
    monitored.says(OK, "head", at=200)
    [head] = monitored.tickets("head")
    assert (head["status"], head["members"], head["open_members"]) == ("open", members, members)

    for key in keys:
        monitored.says(OK, key, at=300)
    assert {ticket["status"] for ticket in monitored.tables.tickets.values()} == {"resolved"}


def test_a_thousand_flaps_are_one_ticket(monitored: Monitored) -> None:
    for number in range(1000):
        monitored.says(ALARM, at=60 * number)
        monitored.says(OK, at=60 * number + 30)

    [ticket] = monitored.tickets()
    assert (ticket["status"], ticket["occurrence_count"]) == ("resolved", 1000)


@pytest.mark.parametrize(("call", "status"), [(1, "open"), (3, "open"), (5, "open"), (6, "resolved")])
def test_what_is_held_while_an_ok_is_taken_in_is_not_resolved(
    monitored: Monitored, call: int, status: str
) -> None:
    """Calls are counted before and after each; the fifth is just before the write."""
    monitored.says(ALARM)
    calls = count(1)
    monitored.tables.around = lambda _when: monitored.write(held=True) if next(calls) == call else None
    monitored.says(OK, at=60)

    assert statuses(monitored) == [status]


def test_who_is_always_overtaken_gives_the_event_back(monitored: Monitored) -> None:
    monitored.says(ALARM)
    turns = count()
    monitored.tables.around = lambda _when: monitored.write(severity="low", generation=next(turns))
    with pytest.raises(ConflictError):
        monitored.says(OK, at=60)

    monitored.tables.around = lambda _when: None
    assert monitored.says(OK, at=60).turn == "resolved"


@pytest.mark.parametrize("is_over", [False, True])
def test_where_the_violation_is_lost_its_ticket_is_adopted(monitored: Monitored, *, is_over: bool) -> None:
    """The event that opened the ticket comes once more."""
    monitored.says(ALARM, event_id="first")
    if is_over:
        monitored.says(OK, at=60)
    before = monitored.ticket()
    del monitored.tables.items[Kept.STATE, Violation.state_id("v")]

    monitored.says(ALARM, event_id="first")
    assert [(item["ticket_id"], item["status"]) for item in monitored.tickets()] == [
        (before["ticket_id"], "resolved" if is_over else "open")
    ]

    monitored.says(ALARM, at=90)
    monitored.says(OK, at=120)
    [after] = monitored.tickets()
    assert (after["ticket_id"], after["status"]) == (before["ticket_id"], "resolved")


@pytest.mark.parametrize("state", [OK, MISSING])
@pytest.mark.parametrize("key", ["head", "member"])
def test_so_it_is_when_a_newer_event_came_first(monitored: Monitored, key: str, state: MonitorState) -> None:
    """The violation is lost, its next event finds no ticket, then the one that opened it comes once more."""
    for name in ("head", "member"):
        monitored.says(ALARM, name, event_id=name, place=SHOP)
    del monitored.tables.items[Kept.STATE, Violation.state_id(key)]
    monitored.says(state, key, at=60)

    monitored.says(ALARM, key, event_id=key, place=SHOP)
    assert len(monitored.tickets(key)) == 1
    for name in ("head", "member"):
        monitored.says(OK, name, at=120)

    assert statuses(monitored, "head") == statuses(monitored, "member") == ["resolved"]
    assert monitored.ticket("head")["open_members"] == 0


@pytest.mark.parametrize("key", ["head", "member"])
def test_there_is_made_room_on_a_ticket_at_the_limit(monitored: Monitored, key: str) -> None:
    """What a producer attached is cut, and a note says so; the alarm is counted, joined and resolved."""
    monitored.says(ALARM, "head", place=SHOP)
    monitored.says(ALARM, "member", at=5, place=SHOP)
    room = MAX_ITEM_BYTES - size_of(monitored.ticket(key)) - len("log_tail") - 1
    monitored.write(key, log_tail="x " * (room // 2))

    monitored.says(ALARM, key, at=10, place=SHOP)
    monitored.says(OK, key, at=100_000, place=SHOP)
    monitored.says(OK, "head", at=100_001, place=SHOP)
    monitored.says(OK, "member", at=100_001, place=SHOP)

    ticket = monitored.ticket(key)
    assert (ticket["occurrence_count"], ticket["status"]) == (2, "resolved")
    assert ticket["diagnosis_notes"][0].startswith("log_tail: cut from")
    assert size_of(ticket) <= MAX_ITEM_BYTES
