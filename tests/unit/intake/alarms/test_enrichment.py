"""What an alarm's tags say, which alarms are chosen, and who is asked about what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from intake.alarms.cloudwatch import CloudWatch
from intake.alarms.enrichment import Selection, TaggedAlarms
from intake.observation import MonitorState, Observation, Place
from tests.unit.intake.reading.test_message import observed, sample

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout-errors-critical"


@dataclass
class Account:
    """CloudWatch of one region, as boto3's client shows it."""

    tags: Mapping[str, str] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()
    refuses: str = ""
    pages: int = 1

    def list_tags_for_resource(self, ResourceARN: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self._refuse("ListTagsForResource")
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def list_alarm_mute_rules(self, **asked: Any) -> dict[str, Any]:
        self._refuse("ListAlarmMuteRules")
        if (page := int(asked.get("NextToken", 1))) < self.pages:
            return {"AlarmMuteRuleSummaries": [], "NextToken": str(page + 1)}
        is_muted = asked["AlarmName"] in self.muted and asked["Statuses"] == ["ACTIVE"]
        return {"AlarmMuteRuleSummaries": [{"Status": "ACTIVE"}] if is_muted else []}

    def _refuse(self, operation: str) -> None:
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "no"}}, operation)


def alarms(account: Account, tag: str = "") -> TaggedAlarms:
    regions: Any = {"us-east-1": account}.__getitem__
    return TaggedAlarms(CloudWatch(regions, "123456789012"), Selection.read(tag))


METRIC = observed(sample("metric"))


def test_tags_go_before_the_name_and_the_metrics() -> None:
    tags = {
        "Differential:Severity": "info",
        "severity": "page",
        "Service": "checkout",
        "component": "checkout-api",
        "invariant": "checkout_errors",
        "aws:cloudformation:stack-name": "shop",
    }

    detailed = alarms(Account(tags)).details(METRIC)

    said = {
        "severity": "info",
        "subject": "checkout",
        "component": "checkout-api",
        "invariant_name": "checkout_errors",
    }
    assert detailed.ticket == {**METRIC.ticket, **said}
    assert detailed.place == Place("checkout", METRIC.place.resources, "shop")


@pytest.mark.parametrize(
    ("named", "stack"), [({}, "all-alarms"), ({"stack": "shop"}, "shop"), ({"stack": "none"}, "")]
)
def test_alarms_of_a_stack_of_their_own_may_say_which_one_they_watch(
    named: dict[str, str], stack: str
) -> None:
    tags = {f"Differential:{name}": value for name, value in named.items()}
    account = Account({"aws:cloudformation:stack-name": "all-alarms", "stack": "prod", **tags})

    assert alarms(account).details(METRIC).place.stack == stack


def test_tags_that_came_along_are_not_asked_for() -> None:
    event = sample("metric")
    event["detail"]["alarmTags"] = {"severity": "high"}

    detailed = alarms(Account(refuses="Throttling")).details(observed(event))

    assert detailed.ticket["severity"] == "high"


def test_a_tags_value_is_cleaned_and_bounded() -> None:
    detailed = alarms(Account({"subject": "a\u202e\x00" + "b" * 10_000})).details(METRIC)

    assert detailed.ticket["subject"] == "a" + "b" * 509


@pytest.mark.parametrize(
    ("tag", "tags", "selected"),
    [
        ("", {}, True),
        ("diagnose", {}, False),
        ("diagnose", {"diagnose": "no"}, True),
        ("diagnose=yes", {"diagnose": "no"}, False),
        ("diagnose=a=b", {"diagnose": "a=b"}, True),
    ],
)
def test_an_alarm_is_chosen_by_its_tag(tag: str, tags: dict[str, str], selected: bool) -> None:
    asked = alarms(Account(tags), tag)

    assert asked.is_selected(asked.with_tags(METRIC)) == selected


def test_the_end_of_an_alarm_is_taken_in_whatever_its_tags() -> None:
    over = replace(METRIC, state=MonitorState.OK, tags={})

    assert alarms(Account(), "diagnose").is_selected(over)


@pytest.mark.parametrize("pages", [1, 3])
def test_an_alarm_is_muted_while_a_rule_is_active(pages: int) -> None:
    muted = frozenset({"checkout-errors-critical"})

    assert alarms(Account(muted=muted, pages=pages)).is_muted(METRIC)
    assert not alarms(Account(pages=pages)).is_muted(METRIC)


@pytest.mark.parametrize("code", ["AccessDenied", "ResourceNotFoundException", "InvalidAction"])
def test_what_cannot_be_known_of_an_alarm_does_not_cost_its_ticket(code: str) -> None:
    asked = alarms(Account(refuses=code), "diagnose")

    assert asked.details(METRIC).ticket == METRIC.ticket
    assert asked.is_selected(asked.with_tags(METRIC))
    assert not asked.is_muted(METRIC)


def test_trouble_of_awss_is_for_another_try() -> None:
    asked = alarms(Account(refuses="ThrottlingException"))

    with pytest.raises(ClientError):
        asked.details(METRIC)
    with pytest.raises(ClientError):
        asked.is_muted(METRIC)


@pytest.mark.parametrize(
    "observation",
    [
        observed(sample("ticket-opened")),
        replace(METRIC, alarm=ARN.replace("123456789012", "210987654321")),
        replace(METRIC, alarm=ARN + "e" * 10_000),
    ],
    ids=["a producer's", "of another account", "a name that no alarm has"],
)
def test_nobody_is_asked_about_what_cannot_be_asked_about(observation: Observation) -> None:
    asked = alarms(Account(refuses="ThrottlingException"))

    assert asked.details(observation).ticket == observation.ticket
    assert not asked.is_muted(observation)
