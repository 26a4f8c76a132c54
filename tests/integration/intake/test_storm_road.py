"""A storm from the bus to its end: each function by its own door, on a clock of the test's."""

import json
from collections.abc import Mapping
from typing import Any
from unittest import mock

import boto3
import pytest

import intake.app
import intake.wiring
from intake.settings import IntakeSettings
from local.aws.names import ACCOUNT, REGION
from local.demo.events import load_event
from runtime.clock import iso
from tests.support.asked_alarms import AskedAlarms
from tests.support.invoked_pipeline import Context, InvokedPipeline

COOLDOWN_SECONDS = 3600.0
MOST_HOPS = 8


class Road:
    """Monitors at one end; `pipeline` is the other, where tickets are diagnosed."""

    def __init__(self, pipeline: InvokedPipeline) -> None:
        self.pipeline, self.clock = pipeline, pipeline.clock
        self.cloudwatch = AskedAlarms()
        with mock.patch.object(intake.wiring, "CloudWatch", return_value=self.cloudwatch):
            self._take_message = intake.wiring.build(self._settings(), self.clock)

    def _settings(self) -> IntakeSettings:
        ref = self.pipeline.stack.ref
        return IntakeSettings.from_environment(
            subjects_table=ref("SubjectsTable"),
            intake_queue_url=ref("IntakeQueue"),
            intake_dead_letter_queue_url=ref("IntakeDeadLetterQueue"),
        )

    def goes(self, state: str, *subjects: str) -> None:
        """The alarm on each of these subjects changes to that state, and intake takes it in."""
        for subject in subjects:
            self.cloudwatch.tags[_named(subject)] = {"subject": subject, "severity": "critical"}
            self.clock.advance(1)
            answer = self.pipeline.stack.events.put_events(Entries=[_entry(state, subject, self.clock.now())])
            assert answer["FailedEntryCount"] == 0
        self.take_in()

    def take_in(self) -> int:
        """Hands intake what can be received, as the queue's mapping does; how many messages that were."""
        sqs, url = self.pipeline.stack.sqs, self.pipeline.stack.ref("IntakeQueue")
        taken = 0
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            records = [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]
            context: Any = Context(self.clock, self.clock.now() + 60)
            with mock.patch.object(intake.app, "take_message", return_value=self._take_message):
                assert intake.app.handler({"Records": records}, context) == {"batchItemFailures": []}
            for each in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            taken += len(messages)
        return taken

    def becomes_quiet(self) -> int:
        """Lets time pass until no message waits any more; how many seconds that took."""
        began = self.clock.now()
        for _ in range(MOST_HOPS):
            self.clock.advance(901)
            if not self.take_in():
                return round(self.clock.now() - began)
        raise AssertionError("a message waits for quiet for ever")

    def ticket(self, subject: str) -> dict[str, Any]:
        [found] = [each for each in self.pipeline.items() if each["invariant_name"] == _named(subject)]
        return found

    def statuses(self, *subjects: str) -> list[str]:
        return [str(self.ticket(subject)["status"]) for subject in subjects]


def _named(subject: str) -> str:
    return f"{subject}-errors"


def _entry(state: str, subject: str, at: float) -> Mapping[str, Any]:
    """The sample alarm's change, of this alarm and time."""
    [sample] = load_event("intake-metric")["Records"]
    detail = json.loads(sample["body"])["detail"]
    detail["alarmName"] = _named(subject)
    detail["state"] |= {"value": state, "timestamp": iso(at), "reasonData": ""}
    [metric] = detail["configuration"]["metrics"]
    metric["metricStat"]["metric"]["dimensions"] = {"FunctionName": f"fn-{subject}"}
    return {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{_named(subject)}"],
        "Detail": json.dumps(detail),
    }


@pytest.fixture
def road(pipeline: InvokedPipeline) -> Road:
    subjects = boto3.resource("dynamodb").Table(pipeline.stack.ref("SubjectsTable"))
    for name in ("orders", "checkout", "refunds", "search"):
        subjects.put_item(Item={"subject_id": name, "depends_on": ["orders-db"]})
    return Road(pipeline)


def test_a_storm_is_one_incident_from_its_first_alarm_to_its_last_ok(road: Road) -> None:
    pipeline = road.pipeline
    road.goes("ALARM", "orders", "orders-db", "checkout", "billing")
    head, other = road.ticket("orders"), road.ticket("billing")
    assert [road.ticket(name).get("incident_id") for name in ("orders-db", "checkout", "billing")] == [
        head["ticket_id"],
        head["ticket_id"],
        None,
    ], "two storms at once stay two"

    assert pipeline.deliver() == 2
    assert pipeline.stand_in.answered == 2
    assert {road.ticket(name)["diagnosis_status"] for name in ("orders", "billing")} == {"done"}
    assert "orders-db-errors, on fn-orders-db" in pipeline.asked(0)
    assert "on fn-refunds" not in pipeline.asked(0)

    road.clock.advance(600)
    road.goes("ALARM", "refunds", "search")
    assert pipeline.deliver() == 0, "what joins late waits until it is quiet"
    assert COOLDOWN_SECONDS <= road.becomes_quiet() <= COOLDOWN_SECONDS + 2 * 901
    assert road.ticket("orders")["rediagnose"] == "2 alarms joined since"
    pipeline.deliver()
    assert pipeline.stand_in.answered == 3
    prompt = pipeline.asked()
    onsets = [
        prompt.index(f"{name}-errors, on fn-{name}")
        for name in ("orders-db", "checkout", "refunds", "search")
    ]
    assert onsets == sorted(onsets)
    assert not {"rediagnose", "joined_since"} & road.ticket("orders").keys()

    pipeline.update(road.ticket("search")["ticket_id"], detach="a fault of its own")
    pipeline.deliver()
    assert pipeline.stand_in.answered == 4
    assert (road.ticket("search")["diagnosis_status"], "incident_id" in road.ticket("search")) == (
        "done",
        False,
    )
    assert (road.ticket("orders")["members"], road.ticket("orders")["open_members"]) == (3, 3)

    road.goes("OK", "orders", "orders-db", "checkout")
    assert road.statuses("orders", "orders-db", "checkout") == ["diagnosed", "resolved", "resolved"]
    road.goes("OK", "refunds")
    assert road.statuses("orders", "refunds") == ["resolved", "resolved"]
    assert road.statuses("search", "billing") == ["diagnosed", "diagnosed"], "they go on by themselves"
    road.goes("OK", "search", "billing")
    assert road.statuses("search", "billing") == ["resolved", "resolved"]
    assert pipeline.deliver() == 0
    assert pipeline.stand_in.answered == 4
    assert road.ticket("orders")["ticket_id"] == head["ticket_id"]
    assert road.ticket("billing")["ticket_id"] == other["ticket_id"]
