"""A repeat of a confirmed diagnosis on the emulator: what is asked, paid, written and counted, and when."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from diagnose.diagnosis.record import DiagnosisRecord
from diagnose.known_causes import KnownCauses
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.repeats.incident import AS_BEFORE, OF_THE_DISK, Shape, ticket
from tests.support.disturbances import throttled
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline
from tests.support.known_causes import DAY_SECONDS, QUESTION, SMALL, Repeats, note_of, origin_of
from tickets.feedback import Verdict
from tickets.plain import plain

NO = Fault(Kind.ANSWER, match=QUESTION, answer={"verdict": "does_not_hold", "steps": []})


@pytest.fixture(scope="module")
def opened() -> Iterator[InvokedPipeline]:
    with StandIn() as stand_in, invoked_pipeline(stand_in) as pipeline:
        yield pipeline


@pytest.fixture
def repeats(opened: InvokedPipeline, request: pytest.FixtureRequest) -> Iterator[Repeats]:
    """Each test has a violation of its own on one stack, and leaves no ticket behind."""
    found = Repeats(opened, request.node.name)
    yield found
    opened.stand_in.clear()
    opened.capacity.open()
    found.clear()


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The metrics of the one diagnosis that was made since they were last read."""
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    [found] = [line for line in lines if "Diagnosed" in line]
    return dict(found)


class TestHeld:
    def test_the_short_question_alone_is_asked_and_its_origin_told(
        self, repeats: Repeats, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first = repeats.known()
        usual = repeats.pipeline.capacity.call_seconds()

        item = repeats.diagnosed(2, AS_BEFORE)

        assert repeats.calls == ["short"]
        assert repeats.pipeline.capacity.call_seconds() == usual, "it says nothing of what a call takes"
        assert (item["status"], item["diagnosis_status"]) == ("diagnosed", "done")
        said = first["diagnosis_feedback"]
        assert origin_of(item) == {
            "ticket_id": first["ticket_id"],
            "diagnosed_at": first["diagnosed_at"],
            "confirmed_by": "kim",
            "confirmed_at": said["at"],
            "input_tokens": 20_000,
            "output_tokens": 4_000,
        }
        assert f"Known cause, upheld:** ticket `{first['ticket_id']}`" in item["diagnosis"]
        assert "confirmed by kim" in item["diagnosis"]
        record = DiagnosisRecord.model_validate(plain(item["diagnosis_record"]))
        assert [hop.from_component for hop in record.answer.primary.chain] == ["stock-export", "orders-db"]
        assert item["prompt_version"].startswith("known-")
        found = counted(capsys)
        assert found["KnownCauseHeld"] == [1]
        assert found["CostUsd"] == [float(item["diagnosis_usage"]["cost_usd"])]
        assert "KnownCauseNotHeld" not in found

    def test_a_repeat_that_is_confirmed_leads_to_the_first_and_makes_it_no_younger(
        self, repeats: Repeats
    ) -> None:
        first = repeats.known()
        repeats.diagnosed(2, AS_BEFORE)
        repeats.say(2, Verdict.CONFIRMED)
        repeats.pipeline.clock.advance(20 * DAY_SECONDS)
        assert origin_of(repeats.diagnosed(3, AS_BEFORE))["ticket_id"] == first["ticket_id"]
        repeats.say(3, Verdict.CONFIRMED)
        repeats.pipeline.clock.advance(20 * DAY_SECONDS)

        assert origin_of(repeats.diagnosed(4, AS_BEFORE)) is None

    def test_a_ticket_that_is_opened_again_knows_its_own_cause(self, repeats: Repeats) -> None:
        first = repeats.known()
        for _ in range(2):
            repeats.update(1, status="resolved")
            repeats.pipeline.transitions()
            repeats.update(1, **anew(repeats, AS_BEFORE))
            repeats.pipeline.deliver()
            repeats.pipeline.clock.advance(DAY_SECONDS)

        assert repeats.calls == ["short", "short"]
        assert origin_of(repeats.item(1))["diagnosed_at"] == first["diagnosed_at"]


def anew(repeats: Repeats, shape: Shape) -> dict[str, Any]:
    """What a monitor writes on a ticket that it opens again."""
    made = ticket("x", repeats.onset, shape, size=SMALL)
    names = ("message", "first_seen_at", "last_seen_at", "metric_snapshot", "log_tail", "status")
    return {name: made[name] for name in names}


class TestNotHeld:
    def test_the_full_diagnosis_follows_in_the_same_invocation_and_both_are_paid(
        self, repeats: Repeats, capsys: pytest.CaptureFixture[str]
    ) -> None:
        repeats.known()
        repeats.pipeline.stand_in.script(NO)

        item = repeats.diagnosed(2, AS_BEFORE)

        assert repeats.calls == ["short", "full"]
        assert (item["diagnosis_status"], origin_of(item)) == ("done", None)
        assert "Claude says: does not hold" in note_of(item)
        assert not item["prompt_version"].startswith("known-")
        calls = repeats.pipeline.stand_in.calls[-2:]
        assert item["diagnosis_usage"]["input_tokens"] == sum(call.input_tokens for call in calls)
        assert item["diagnosis_usage"]["output_tokens"] == sum(call.output_tokens for call in calls)
        assert counted(capsys)["KnownCauseNotHeld"] == [1]

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(Kind.REFUSAL, match=QUESTION),
            Fault(Kind.BAD_REQUEST, match=QUESTION, message="output_config.format.schema: too complex"),
        ],
        ids=lambda fault: fault.kind,
    )
    def test_what_would_fail_a_ticket_only_leads_to_the_full_diagnosis(
        self, repeats: Repeats, fault: Fault
    ) -> None:
        repeats.known()
        repeats.pipeline.stand_in.script(fault)

        item = repeats.diagnosed(2, AS_BEFORE)

        assert repeats.calls == ["short", "full"]
        assert (item["diagnosis_status"], origin_of(item)) == ("done", None)
        assert note_of(item)

    def test_other_evidence_is_seen_by_code_and_no_call_is_wasted(self, repeats: Repeats) -> None:
        repeats.known()

        item = repeats.diagnosed(2, OF_THE_DISK)

        assert repeats.calls == ["full"]
        assert "is not there today: rows_read_per_second" in note_of(item)


class TestNeverAsked:
    def test_where_the_parameter_is_0(self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch) -> None:
        repeats.known()
        known = repeats.pipeline.diagnose_ticket.known_causes
        assert isinstance(known, KnownCauses)
        off = replace(repeats.pipeline.diagnose_ticket, known_causes=replace(known, days=0))
        monkeypatch.setattr(repeats.pipeline, "diagnose_ticket", off)

        assert origin_of(repeats.diagnosed(2, AS_BEFORE)) is None
        assert repeats.calls == ["full"]

    def test_after_a_repeat_was_called_wrong(self, repeats: Repeats) -> None:
        repeats.known()
        repeats.diagnosed(2, AS_BEFORE)
        repeats.say(2, Verdict.WRONG)
        repeats.pipeline.clock.advance(DAY_SECONDS)

        assert origin_of(repeats.diagnosed(3, AS_BEFORE)) is None
        assert repeats.calls == ["short", "full"]

    def test_nor_once_that_repeat_was_diagnosed_afresh(self, repeats: Repeats) -> None:
        repeats.known()
        repeats.diagnosed(2, AS_BEFORE)
        repeats.say(2, Verdict.WRONG)
        repeats.update(2, rediagnose="this was something else")
        repeats.pipeline.deliver()
        assert "diagnosis_feedback" not in repeats.item(2)
        repeats.pipeline.clock.advance(DAY_SECONDS)

        assert origin_of(repeats.diagnosed(3, AS_BEFORE)) is None
        assert repeats.calls == ["short", "full", "full"]

    def test_where_a_person_asks_for_a_fresh_diagnosis(self, repeats: Repeats) -> None:
        repeats.known()
        repeats.put(2, AS_BEFORE, rediagnose="look again")
        repeats.pipeline.deliver()

        assert origin_of(repeats.item(2)) is None
        assert set(repeats.calls) == {"full"}

    def test_where_what_people_said_cannot_be_looked_at(
        self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repeats.known()
        sources = repeats.pipeline.diagnose_ticket.sources
        [similar] = [each for each in sources if each.name == "similar tickets"]
        monkeypatch.setattr(similar, "_queries", None)

        assert origin_of(repeats.diagnosed(2, AS_BEFORE)) is None
        assert repeats.calls == ["full"]

    def test_with_too_little_time_for_a_full_diagnosis_after_it(self, repeats: Repeats) -> None:
        repeats.known()
        repeats.put(2, AS_BEFORE)
        [record] = repeats.pipeline.transitions()

        repeats.pipeline.diagnose(record, seconds=60.0)

        assert repeats.item(2)["diagnosis_status"] == "done"
        assert repeats.calls == ["full"]

    def test_by_a_bug_of_ours_which_costs_the_saving_alone(
        self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repeats.known()
        monkeypatch.setattr("diagnose.known_causes.question_about", lambda *_: 1 / 0)

        assert repeats.diagnosed(2, AS_BEFORE)["diagnosis_status"] == "done"
        assert repeats.calls == ["full"]


class TestTrouble:
    def test_a_429_is_waited_out_in_place(self, repeats: Repeats) -> None:
        repeats.known()
        repeats.pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, match=QUESTION, retry_after=5))

        assert origin_of(repeats.diagnosed(2, AS_BEFORE))
        assert repeats.calls == ["short", "short"]

    def test_a_long_429_puts_the_ticket_off_and_it_is_asked_about_then(self, repeats: Repeats) -> None:
        repeats.known()
        repeats.pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, match=QUESTION, retry_after=700))

        assert repeats.diagnosed(2, AS_BEFORE)["deferred_for"] == "gate"
        come_back(repeats, 701)

        assert origin_of(repeats.item(2))
        assert repeats.calls == ["short", "short"]

    def test_a_dropped_call_puts_it_in_trouble_and_then_it_is_diagnosed_in_full(
        self, repeats: Repeats
    ) -> None:
        repeats.known()
        repeats.pipeline.stand_in.script(Fault(Kind.DROP, times=2, match=QUESTION))

        assert repeats.diagnosed(2, AS_BEFORE)["deferred_for"] == "trouble"
        come_back(repeats, 3600)

        assert repeats.item(2)["diagnosis_status"] == "done"
        assert repeats.calls == ["short", "short", "full"]

    def test_one_that_takes_too_long_puts_it_in_trouble_and_then_it_is_diagnosed_in_full(
        self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("diagnose.claude.attempt.QUESTION_SECONDS", 0.2)
        repeats.known()
        repeats.pipeline.stand_in.script(Fault(Kind.ANSWER, match=QUESTION, delay=1.0))

        assert repeats.diagnosed(2, AS_BEFORE)["deferred_for"] == "trouble"
        come_back(repeats, 3600)

        assert repeats.item(2)["diagnosis_status"] == "done"
        assert repeats.calls == ["short", "full"]

    def test_the_days_spend_that_it_uses_up_puts_the_full_diagnosis_off(
        self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repeats.known()
        monkeypatch.setattr(repeats.pipeline.capacity, "_spend_cap_usd", 0.0001)
        repeats.pipeline.stand_in.script(NO)

        item = repeats.diagnosed(2, AS_BEFORE)

        assert (item["deferred_for"], item["answers_unused"]) == ("gate", 1)
        assert repeats.calls == ["short"]

    def test_a_gate_that_closes_after_the_question_does_not_have_it_paid_for_again(
        self, repeats: Repeats
    ) -> None:
        repeats.known()
        repeats.pipeline.stand_in.script(NO, Fault(Kind.RATE_LIMIT, retry_after=700))

        assert repeats.diagnosed(2, AS_BEFORE)["answers_unused"] == 1
        come_back(repeats, 701)

        assert repeats.item(2)["diagnosis_status"] == "done"
        assert repeats.calls == ["short", "full", "full"]

    def test_a_crash_before_the_write_is_followed_by_the_full_diagnosis_and_no_other_question(
        self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repeats.known()
        repeats.put(2, AS_BEFORE)
        [record] = repeats.pipeline.transitions()

        def dies(*_: Any) -> None:
            raise KeyboardInterrupt  # nothing of ours runs after it, as when Lambda ends the process

        with monkeypatch.context() as patched:
            patched.setattr(repeats.pipeline.diagnose_ticket.runs, "complete", dies)
            with pytest.raises(KeyboardInterrupt):
                repeats.pipeline.diagnose(record)
        repeats.pipeline.clock.advance(400)
        repeats.pipeline.diagnose(record)

        assert repeats.item(2)["diagnosis_status"] == "done"
        assert repeats.calls == ["short", "full"]

    def test_a_write_that_aws_does_not_take_is_tried_again_without_another_question(
        self, repeats: Repeats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repeats.known()
        complete, refusals = repeats.pipeline.diagnose_ticket.runs.complete, 3

        def take_it_in_the_end(*args: Any) -> None:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                throttled()
            complete(*args)

        monkeypatch.setattr(repeats.pipeline.diagnose_ticket.runs, "complete", take_it_in_the_end)

        assert origin_of(repeats.diagnosed(2, AS_BEFORE))
        assert repeats.calls == ["short"]


def come_back(repeats: Repeats, seconds: float) -> None:
    repeats.pipeline.clock.advance(seconds)
    repeats.pipeline.sweep()
    repeats.pipeline.deliver()
