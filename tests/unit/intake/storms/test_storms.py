"""What a user sees of a storm: one incident, its members, and what people and time make of them."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import pytest

from intake.observation import Place
from intake.storms.quiet import Quiet, QuietIncidents, QuietTimer
from subjects.graph import within_reach
from subjects.subject import Subject
from tests.support.monitors import ALARM, OK, SHOP, Monitored
from tickets.members import Members

COOLDOWN = 3600.0


@dataclass
class Queue:
    """Messages with their delays."""

    sent: list[tuple[dict[str, Any], int]] = field(default_factory=list)

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:  # noqa: N803 - AWS's names
        assert QueueUrl == "queue"
        self.sent.append((json.loads(MessageBody), DelaySeconds))


class Storm(Monitored):
    """Alarms whose late comers are seen to; `subjects` say what is near."""

    def __init__(self, *subjects: Subject) -> None:
        super().__init__()
        self.queue, self.subjects = Queue(), subjects
        self.timer = QuietTimer(cast("Any", self.queue), "queue", self.clock, COOLDOWN)
        self.quiet = QuietIncidents(cast("Any", self.tables), self.timer, self.clock)
        self.members = Members(cast("Any", self.tables), self.clock)
        self.storms.near = lambda place: frozenset(within_reach(place.subject, self.subjects))  # type: ignore[method-assign]
        self.storms.will_be_joined = self.timer.start  # type: ignore[method-assign]

    def ring(self, *keys: str, place: Place = SHOP, at: float = 0.0) -> None:
        for key in keys:
            self.says(ALARM, key, at, place=place)

    def time_passes(self) -> list[str]:
        """Every message is delivered when its time has come, until there is none; what came of each."""
        said = []
        while self.queue.sent:
            body, delay = self.queue.sent.pop(0)
            self.clock.advance(delay)
            said.append(self.quiet.handle(Quiet.model_validate(body)))
        return said

    def diagnosed(self, key: str = "head") -> None:
        self.write(key, diagnosis_status="done", status="diagnosed", joined_at=None, joined_since=None)

    def heads(self) -> list[Any]:
        return [item for item in self.tables.tickets.values() if "incident_id" not in item]


def test_forty_alarms_on_twelve_connected_subjects_are_one_incident() -> None:
    above = (Subject(subject_id=f"s{number}", depends_on=("s0",)) for number in range(1, 12))
    storm = Storm(Subject(subject_id="s0"), *above)
    for number in range(40):
        storm.ring(f"v{number}", place=Place(f"s{number % 12}"), at=number * 7.5)

    [head] = storm.heads()
    assert (head["members"], head["open_members"]) == (39, 39)
    assert {item.get("diagnosis_status") for item in storm.tables.tickets.values()} == {
        "pending",
        "set_aside",
    }


def test_two_storms_at_once_stay_two() -> None:
    storm = Storm(*(Subject(subject_id=one, depends_on=(two,)) for one, two in pairwise("abc")))
    for number in range(20):
        storm.ring(f"x{number}", place=Place("abc"[number % 3]), at=number)
        storm.ring(f"y{number}", place=Place("other", ("fn",)), at=number)

    first, second = storm.heads()
    assert first["members"] == second["members"] == 19
    for item in storm.tables.tickets.values():
        if "incident_id" in item:
            head = storm.tables.tickets[item["incident_id"]]
            assert head["violation_key"][0] == item["violation_key"][0]


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_however_many_join_each_costs_the_same_and_none_is_lost(count: int) -> None:
    storm = Storm()
    storm.ring("head")
    storm.diagnosed()
    for number in range(count):
        storm.tables.calls.clear()
        storm.ring(f"v{number}", at=1.0)
        assert len(storm.tables.calls) <= 5

    head = storm.ticket("head")
    assert (head["members"], head["open_members"], head["joined_since"]) == (count, count, count)
    assert len(storm.queue.sent) == 1
    for number in range(count):
        storm.says(OK, f"v{number}", 2.0)
    assert storm.ticket("head")["open_members"] == 0
    assert storm.ticket("head")["status"] == "diagnosed"
    storm.says(OK, "head", 3.0)
    assert storm.ticket("head")["status"] == "resolved"


def test_incidents_that_point_at_each_other_take_no_more_members_and_end() -> None:
    storm = Storm()
    storm.ring("head", "member")
    storm.write("head", incident_id=storm.ticket("member")["ticket_id"])

    storm.ring("late", at=5.0)
    storm.says(OK, "member", 6.0)
    storm.says(OK, "head", 7.0)

    assert "incident_id" not in storm.ticket("late")
    assert {storm.ticket(key)["status"] for key in ("head", "member")} == {"resolved"}


def test_what_rings_after_a_person_resolved_the_head_is_an_incident_of_its_own() -> None:
    storm = Storm()
    storm.ring("head", "member")
    storm.write("head", status="resolved")

    storm.ring("late", "later", at=5.0)

    late = storm.ticket("late")["ticket_id"]
    assert "incident_id" not in storm.ticket("late")
    assert storm.ticket("later")["incident_id"] == late
    assert storm.ticket("member")["incident_id"] == storm.ticket("head")["ticket_id"]


class TestWhatJoinsLate:
    @pytest.fixture
    def storm(self) -> Storm:
        storm = Storm()
        storm.ring("head", "early")
        storm.diagnosed()
        return storm

    def test_one_more_diagnosis_is_asked_for_when_it_has_been_quiet(self, storm: Storm) -> None:
        storm.ring("a", "b", "c", at=60.0)
        said = storm.time_passes()

        assert storm.ticket("head")["rediagnose"] == "3 alarms joined since"
        assert said[-1] == "asked for one more diagnosis"
        assert len(said) <= COOLDOWN / 900 + 2

    def test_it_waits_for_the_last_to_join(self, storm: Storm) -> None:
        storm.ring("a", at=0.0)
        storm.ring("b", at=1700.0)
        body, _ = storm.queue.sent.pop(0)
        storm.clock.advance(COOLDOWN - 1690)

        assert storm.quiet.handle(Quiet.model_validate(body)) == "waits: it is not quiet yet"
        assert "rediagnose" not in storm.ticket("head")

    def test_any_number_of_messages_ask_once(self, storm: Storm) -> None:
        storm.ring("a")
        storm.queue.sent *= 3
        said = storm.time_passes()

        assert said.count("asked for one more diagnosis") == 1

    @pytest.mark.parametrize(
        "meanwhile",
        [
            pytest.param({"status": "resolved"}, id="resolved"),
            pytest.param({"joined_at": None, "diagnosis_status": "done"}, id="diagnosed again"),
            pytest.param({"diagnosis_status": "pending"}, id="to be diagnosed anyway"),
            pytest.param({"rediagnose": "why?"}, id="asked for by a person"),
        ],
    )
    def test_nothing_is_asked_where_nothing_is_needed(self, storm: Storm, meanwhile: dict[str, Any]) -> None:
        storm.ring("a")
        storm.write("head", **meanwhile)
        before = storm.ticket("head")
        storm.time_passes()

        assert storm.ticket("head") == before

    def test_a_run_is_waited_for(self, storm: Storm) -> None:
        storm.write("head", diagnosis_status="running")
        storm.ring("a")
        body, _ = storm.queue.sent[0]
        storm.clock.advance(2 * COOLDOWN)

        assert storm.quiet.handle(Quiet.model_validate(body)) == "waits: it is not quiet yet"
        storm.diagnosed()
        storm.write("head", joined_at=1, joined_since=1)
        storm.time_passes()
        assert storm.ticket("head")["rediagnose"] == "1 alarm joined since"

    def test_where_the_message_is_lost_the_next_to_join_sends_another(self, storm: Storm) -> None:
        storm.ring("a")
        storm.queue.sent.clear()
        storm.clock.advance(COOLDOWN + 1800 + 1)
        storm.ring("b", at=60.0)
        storm.time_passes()

        assert storm.ticket("head")["rediagnose"] == "2 alarms joined since"

    def test_an_incident_that_is_gone_asks_for_nothing(self, storm: Storm) -> None:
        assert "ignored" in storm.quiet.handle(Quiet(incident_id="gone"))


class TestDetach:
    @pytest.fixture
    def storm(self) -> Storm:
        storm = Storm()
        storm.ring("head", "member", "other")
        storm.diagnosed()
        return storm

    def detach(self, storm: Storm, key: str = "member") -> str:
        storm.write(key, detach="another fault")
        return storm.members.detach(str(storm.ticket(key)["ticket_id"]))

    def test_a_member_becomes_a_ticket_of_its_own(self, storm: Storm) -> None:
        assert self.detach(storm).startswith("detached")

        member, head = storm.ticket("member"), storm.ticket("head")
        assert (member["diagnosis_status"], member["generation"]) == ("pending", 1)
        assert not {"incident_id", "member_since", "set_aside_for"} & member.keys()
        assert (head["members"], head["open_members"]) == (1, 1)

    def test_twice_is_once(self, storm: Storm) -> None:
        self.detach(storm)
        before = dict(storm.tables.tickets)

        assert self.detach(storm).startswith("ignored")
        assert storm.tables.tickets == before

    @pytest.mark.parametrize("key", ["head", "alone"])
    def test_on_what_is_no_member_nothing_happens(self, storm: Storm, key: str) -> None:
        storm.ring("alone", place=Place())
        assert self.detach(storm, key).startswith("ignored")
        assert storm.members.detach("gone").startswith("ignored")
        assert storm.ticket("head")["members"] == 2

    @pytest.mark.parametrize("lost", ["deleted", "overwritten", "itself", "no text"])
    def test_where_the_head_is_gone_the_member_is_detached_all_the_same(
        self, storm: Storm, lost: str
    ) -> None:
        match lost:
            case "deleted":
                storm.delete("head")
            case "overwritten":
                storm.write("head", monitor_state=None)
            case "itself":
                storm.write("member", incident_id=storm.ticket("member")["ticket_id"])
            case _:
                storm.write("member", incident_id=7)

        assert self.detach(storm).startswith("detached")
        assert storm.ticket("member")["diagnosis_status"] == "pending"

    def test_with_the_last_in_alarm_the_incident_is_over(self, storm: Storm) -> None:
        storm.says(OK, "head", 5.0)
        storm.says(OK, "other", 5.0)
        assert storm.ticket("head")["status"] == "diagnosed"

        self.detach(storm)

        assert storm.ticket("head")["status"] == "resolved"

    def test_what_was_detached_joins_no_other_incident_when_it_rings_again(self, storm: Storm) -> None:
        self.detach(storm)
        storm.says(OK, "member", 5.0)
        storm.ring("member", at=10.0)

        assert "incident_id" not in storm.ticket("member")

    def test_one_that_was_diagnosed_by_itself_keeps_its_diagnosis(self, storm: Storm) -> None:
        storm.write("member", diagnosis_status="done", set_aside_for=None)
        self.detach(storm)

        assert storm.ticket("member")["diagnosis_status"] == "done"
        assert "incident_id" not in storm.ticket("member")
