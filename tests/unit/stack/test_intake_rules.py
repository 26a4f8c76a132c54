"""The template's rules hear what intake is for, and nothing that the stack itself tells or rings."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from local.aws.template import Template
from local.demo.events import load_event

# The template alone is looked at: there is nothing of ours to follow.
pytestmark = pytest.mark.not_followed

RULES = ("AlarmStateRule", "TicketEventsRule")
OWN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:differential-IteratorAgeAlarm-1A2B3C"


def hears(rule: str, event: dict[str, Any], **parameters: str) -> bool:
    properties = Template.read(parameters=parameters).resource(rule).properties
    pattern: Any = EventPattern.load(json.dumps(properties["EventPattern"]))
    return bool(pattern.matches_event(event))


def sample(name: str, **changed: Any) -> dict[str, Any]:
    [record] = load_event(f"intake-{name}")["Records"]
    return {**json.loads(record["body"]), **changed}


@pytest.mark.parametrize("name", ["metric", "metric-ok", "metric-math", "anomaly", "composite"])
def test_an_alarm_is_heard_on_either_bus(name: str) -> None:
    assert hears("AlarmStateRule", sample(name))
    assert hears("TicketEventsRule", sample(name))


def test_the_stacks_own_alarms_are_not_heard() -> None:
    own = sample("metric", resources=[OWN])
    own["detail"]["alarmName"] = OWN.rsplit(":", 1)[1]

    assert not hears("AlarmStateRule", own)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("prefix", "heard"), [("checkout-", True), ("ledger", False)])
def test_alarms_are_chosen_by_how_their_names_begin(rule: str, prefix: str, heard: bool) -> None:
    assert hears(rule, sample("metric"), AlarmNamePrefix=prefix) == heard


@pytest.mark.parametrize("name", ["ticket-opened", "ticket-resolved"])
@pytest.mark.parametrize("source", ["com.example.monitor", "differential.webhook"])
def test_a_producers_event_is_heard_on_the_stacks_bus_alone(name: str, source: str) -> None:
    assert hears("TicketEventsRule", sample(name, source=source))
    assert not hears("AlarmStateRule", sample(name, source=source))


def test_the_stack_does_not_hear_itself() -> None:
    assert not hears("TicketEventsRule", sample("ticket-resolved", source="differential"))


def test_other_events_are_not_heard() -> None:
    other = sample("metric", **{"detail-type": "CloudWatch Alarm Configuration Change"})

    assert not hears("AlarmStateRule", other)
    assert not hears("TicketEventsRule", other)


@pytest.mark.parametrize("rule", RULES)
def test_what_cannot_be_delivered_is_kept_and_both_queues_take_it_of_the_rules_alone(rule: str) -> None:
    template = Template.read()
    arns = {name: f"arn:aws:events:us-east-1:123456789012:rule/{name}" for name in RULES}
    for name, arn in arns.items():
        template.names.learn(name, "Arn", arn)
    [target] = template.resource(rule).properties["Targets"]
    queues = {target["Arn"]: "IntakeQueue", target["DeadLetterConfig"]["Arn"]: "IntakeDeadLetterQueue"}

    assert len(queues) == 2
    for arn, queue in queues.items():
        policy = template.resource(f"{queue}Policy").properties["PolicyDocument"]
        [allowed] = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
        assert (allowed["Action"], allowed["Resource"]) == ("sqs:SendMessage", arn)
        assert arns[rule] in allowed["Condition"]["ArnEquals"]["aws:SourceArn"]


def test_other_accounts_may_put_what_intake_takes_when_they_are_named() -> None:
    kind = "AWS::Events::EventBusPolicy"
    assert not list(Template.read().of_type(kind))

    [policy] = Template.read(parameters={"ProducerAccounts": "111122223333,444455556666"}).of_type(kind)

    statement = policy.properties["Statement"]
    assert statement["Principal"] == {"AWS": ["111122223333", "444455556666"]}
    assert statement["Action"] == "events:PutEvents"
    assert statement["Condition"]["StringEquals"]["events:detail-type"] == [
        "Ticket Opened",
        "Ticket Resolved",
        "CloudWatch Alarm State Change",
    ]
