"""Intake on AWS in this process: its door is called as Lambda calls it, with what its queue would bring."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import boto3
import pytest

import intake.app
import intake.wiring
from intake.alarms.muted import MutedAlarms
from intake.settings import IntakeSettings
from intake.take_message import TakeMessage
from local.aws.stack import Stack
from local.demo.events import load_event
from runtime.settings import SettingsError
from tests.support.asked_alarms import AskedAlarms
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.invoked_pipeline import Context
from tests.support.shared_clients import shared_clients

NOW = 1_795_831_900.0
"""A minute and a half after the samples."""


@dataclass
class Door:
    """What comes in, and what lies behind."""

    stack: Stack
    clock: FakeClock
    cloudwatch: AskedAlarms
    take_message: TakeMessage

    def bring(self, *bodies: str | dict[str, Any]) -> list[str]:
        """The messages that are to be repeated, of a batch with these bodies."""
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        records = [{"messageId": str(number), "body": text} for number, text in enumerate(texts)]
        context: Any = Context(self.clock, self.clock.now() + 60)
        with mock.patch.object(intake.app, "take_message", return_value=self.take_message):
            answer = intake.app.handler({"Records": records}, context)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def tickets(self) -> list[dict[str, Any]]:
        return boto3.resource("dynamodb").Table(self.stack.ref("TicketsTable")).scan()["Items"]

    def write(self, ticket_id: str, **attributes: Any) -> None:
        """What a person writes."""
        changes: Any = {name: {"Value": value} for name, value in attributes.items()}
        tickets = boto3.resource("dynamodb").Table(self.stack.ref("TicketsTable"))
        tickets.update_item(Key={"ticket_id": ticket_id}, AttributeUpdates=changes)

    def dead_letters(self) -> list[tuple[str, str]]:
        """Body and reason of each."""
        url = self.stack.ref("IntakeDeadLetterQueue")
        answer = self.stack.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [
            (each["Body"], each["MessageAttributes"]["reason"]["StringValue"])
            for each in answer.get("Messages", [])
        ]


def body(name: str) -> dict[str, Any]:
    [record] = load_event(f"intake-{name}")["Records"]
    found: dict[str, Any] = json.loads(record["body"])
    return found


def alarm_beside(name: str) -> dict[str, Any]:
    """Another alarm on the function that the sample's is on."""
    beside: dict[str, Any] = json.loads(json.dumps(body("metric")).replace("checkout-errors-critical", name))
    return {**beside, "id": name}


def opened(**settings: Any) -> Iterator[Door]:
    clock = FakeClock(NOW)
    with shared_clients(), aws(clock) as stack:
        given = {
            "subjects_table": stack.ref("SubjectsTable"),
            "intake_queue_url": stack.ref("IntakeQueue"),
            "intake_dead_letter_queue_url": stack.ref("IntakeDeadLetterQueue"),
        }
        cloudwatch = AskedAlarms()
        with mock.patch.object(intake.wiring, "CloudWatch", return_value=cloudwatch):
            use_case = intake.wiring.build(IntakeSettings.from_environment(**given, **settings), clock)
        yield Door(stack, clock, cloudwatch, use_case)


@pytest.fixture
def door() -> Iterator[Door]:
    yield from opened()


@pytest.fixture
def choosing_door() -> Iterator[Door]:
    yield from opened(alarm_tag="diagnose=yes", minimum_severity="high")


def test_an_alarm_becomes_a_ticket_and_is_over_with_it(door: Door) -> None:
    door.cloudwatch.tags["checkout-errors-critical"] = {"service": "checkout"}

    assert door.bring(body("metric")) == []

    [ticket] = door.tickets()
    assert (ticket["status"], ticket["subject"], ticket["severity"]) == ("open", "checkout", "critical")
    assert ticket["first_seen_at"] == "2026-11-28T02:10:02.305Z"
    assert ticket["ticket_id"].startswith("checkout-errors-critical-")

    assert door.bring(body("metric-ok")) == []
    assert [ticket["status"] for ticket in door.tickets()] == ["resolved"]


def test_a_producers_event_becomes_a_ticket_and_is_over_with_it(door: Door) -> None:
    door.bring(body("ticket-opened"), body("ticket-opened"), body("ticket-resolved"))

    [ticket] = door.tickets()
    assert (ticket["status"], ticket["violation_key"]) == ("resolved", "disk_nearly_full:db-7")


def test_what_cannot_be_read_is_put_aside_with_its_reason_and_the_others_go_on(
    door: Door, capfd: pytest.CaptureFixture[str]
) -> None:
    spoilt = body("metric")
    spoilt["detail"]["state"]["value"] = "\u202e<b>@here</b> secret-of-a-ticket\x07" * 50

    assert door.bring("no JSON", spoilt, body("anomaly")) == []

    assert [ticket["invariant_name"] for ticket in door.tickets()] == ["orders-anomaly"]
    letters = dict(door.dead_letters())
    assert letters["no JSON"] == "body: must be JSON, 7 characters are not"
    reason = letters[json.dumps(spoilt)]
    assert reason.startswith("detail.state.value: must be 'OK', 'ALARM' or 'INSUFFICIENT_DATA', got")
    assert len(reason) < 300
    assert "\u202e" not in reason
    assert "secret-of-a-ticket" not in capfd.readouterr().out


def test_a_dead_letter_comes_back_as_it_came(door: Door) -> None:
    text = json.dumps({**body("metric"), "detail-type": "?"})
    door.bring(text)

    [(letter, _)] = door.dead_letters()

    assert letter == text


def test_trouble_of_awss_repeats_the_message_alone(door: Door) -> None:
    door.cloudwatch.refuses = "ThrottlingException"

    assert door.bring(body("metric"), body("ticket-opened")) == ["0"]
    assert door.dead_letters() == []

    door.cloudwatch.refuses = ""
    assert door.bring(body("metric")) == []
    assert len(door.tickets()) == 2


def test_what_can_neither_be_read_nor_put_aside_is_repeated(door: Door) -> None:
    door.stack.sqs.delete_queue(QueueUrl=door.stack.ref("IntakeDeadLetterQueue"))

    assert door.bring("no JSON", body("metric")) == ["0"]


def test_a_muted_alarm_is_kept_and_not_diagnosed(door: Door) -> None:
    door.cloudwatch.muted.add("checkout-errors-critical")

    door.bring(body("metric"))

    [ticket] = door.tickets()
    assert (ticket["diagnosis_status"], ticket["set_aside_for"]) == ("set_aside", "muted")


class TestTheEndOfAMute:
    """CloudWatch tells nobody of it, and an alarm that goes on says nothing."""

    def waiting(self, door: Door) -> list[str]:
        """What can be received of the intake queue."""
        url = door.stack.ref("IntakeQueue")
        found = door.stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            door.stack.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in found]

    def passes(self, door: Door) -> list[str]:
        """A quarter of an hour passes, and intake takes what has come due by then."""
        door.clock.advance(901)
        due = self.waiting(door)
        assert door.bring(*due) == []
        return due

    def test_what_goes_on_after_it_is_diagnosed(self, door: Door) -> None:
        door.cloudwatch.muted.add("checkout-errors-critical")
        door.cloudwatch.tags["checkout-errors-critical"] = {"subject": "checkout"}
        door.bring(body("metric"))
        assert self.waiting(door) == []
        assert len(self.passes(door)) == len(self.passes(door)) == 1
        assert door.tickets()[0]["set_aside_for"] == "muted"

        door.cloudwatch.muted.clear()
        self.passes(door)

        [ticket] = door.tickets()
        assert (ticket["diagnosis_status"], ticket["generation"]) == ("pending", 1)
        assert "set_aside_for" not in ticket
        assert (ticket["occurrence_count"], ticket["last_seen_at"]) == (1, "2026-11-28T02:10:02.305Z")
        assert self.passes(door) == []

    def test_what_is_connected_to_an_incident_joins_it(self, door: Door) -> None:
        door.cloudwatch.muted.add("checkout-errors-critical")
        door.bring(body("metric"), alarm_beside("checkout-latency"))
        door.cloudwatch.muted.clear()

        self.passes(door)

        found = {ticket["invariant_name"]: ticket.get("set_aside_for") for ticket in door.tickets()}
        assert found == {"checkout-errors-critical": "member", "checkout-latency": None}

    def test_one_look_at_a_time_is_enough_however_often_it_rings(self, door: Door) -> None:
        door.cloudwatch.muted.add("checkout-errors-critical")
        for second in (10, 20, 30):
            again = body("metric")
            again["id"] = f"event-{second}"
            again["detail"]["state"]["timestamp"] = f"2026-11-28T02:10:{second}.000+0000"
            door.bring(again)

        assert [len(self.passes(door)) for _ in range(3)] == [3, 1, 1]

    def test_what_is_over_or_resolved_by_a_person_is_looked_at_no_more(self, door: Door) -> None:
        door.cloudwatch.muted |= {"checkout-errors-critical", "orders-anomaly"}
        door.bring(body("metric"), body("metric-ok"), body("anomaly"))
        for ticket in door.tickets():
            door.write(ticket["ticket_id"], status="resolved")
        door.cloudwatch.muted.clear()

        assert [len(self.passes(door)) for _ in range(2)] == [2, 0]
        assert {ticket["diagnosis_status"] for ticket in door.tickets()} == {"set_aside"}

    def test_a_crash_after_the_ticket_was_written_loses_no_look(
        self, door: Door, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        door.cloudwatch.muted.add("checkout-errors-critical")
        with monkeypatch.context() as broken:
            broken.setattr(MutedAlarms, "wait", lambda *_: 1 / 0)
            assert door.bring(body("metric")) == ["0"]
        assert len(door.tickets()) == 1

        assert door.bring(body("metric")) == []

        assert len(self.passes(door)) == 1

    def test_a_message_that_is_none_is_a_dead_letter(self, door: Door) -> None:
        assert door.bring({"kind": "muted"}, {"kind": "muted", "event": "no JSON"}) == []
        assert sorted(reason for _, reason in door.dead_letters()) == [
            "body: must be JSON, 7 characters are not",
            "event: missing",
        ]


def test_alarms_are_chosen_by_tag_and_graded_by_severity(choosing_door: Door) -> None:
    choosing_door.cloudwatch.tags = {
        "orders-anomaly": {"diagnose": "yes"},
        "ledger-error-rate": {"diagnose": "yes", "severity": "critical"},
    }

    choosing_door.bring(body("metric"), body("anomaly"), body("metric-math"))

    found = {ticket["invariant_name"]: ticket.get("set_aside_for") for ticket in choosing_door.tickets()}
    assert found == {"orders-anomaly": "severity", "ledger-error-rate": None}


def test_a_message_that_waits_for_quiet_of_an_incident_that_is_gone_does_nothing(door: Door) -> None:
    assert door.bring({"kind": "quiet", "incident_id": "T-1"}) == []
    assert door.bring({"kind": "quiet"}) == []

    [(_, reason)] = door.dead_letters()
    assert reason == "incident_id: missing"


def test_a_wrong_setting_says_which_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tickets_table", "state_table", "subjects_table", "intake_queue_url"):
        monkeypatch.setenv(name.upper(), name)
    monkeypatch.setenv("INTAKE_DEAD_LETTER_QUEUE_URL", "url")
    monkeypatch.setenv("MINIMUM_SEVERITY", "terrible")
    monkeypatch.setenv("FLAP_WINDOW_SECONDS", "-1")

    with pytest.raises(SettingsError) as raised:
        IntakeSettings.from_environment()

    assert 'FLAP_WINDOW_SECONDS: must be 0 or more, got "-1"' in str(raised.value)
    assert "MINIMUM_SEVERITY: must be one of critical" in str(raised.value)
