"""The alarm as the source reads it over HTTP: definition, history, flapping, and what else is in ALARM."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from diagnose.evidence import gathering
from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import gather
from diagnose.evidence.incident import Incident, MetricId
from diagnose.evidence.incidents import Incidents
from diagnose.evidence.onset import onset_of
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sources.alarm.source import Alarms
from local.aws.api.troubles import denied, slow, throttled
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from subjects.subject import Subject
from tests.support.incidents import ticket
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

MINUTE = timedelta(minutes=1)
FIRED = NOW - 10 * MINUTE
REASON = "Threshold Crossed: 1 datapoint [57.0 (28/11/26 02:06:00)] was greater than the threshold (5.0)."
HISTORY_CALL = ("cloudwatch", "DescribeAlarmHistory")
ALARMS_CALL = ("cloudwatch", "DescribeAlarms")
HISTORY = "the history of alarm 'checkout-errors'"


@pytest.fixture
def account(api: Emulator) -> Account:
    kept = Account()
    api.api.operations = kept.operations
    return kept


def add(account: Account, name: str, function: str = "checkout", **more: Any) -> None:
    account.alarms.add(
        {
            "AlarmName": name,
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": function}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **more,
        },
        NOW - timedelta(days=20),
    )


def fire(account: Account, name: str, start: datetime, end: datetime | None = None) -> None:
    account.alarms.went(name, "ALARM", start, REASON)
    if end:
        account.alarms.went(name, "OK", end, "back to normal")


def affected(clients: Clients, **attributes: object) -> Incident:
    """An incident whose ticket says only that an alarm fired."""
    told = ticket(**{"alarm": "checkout-errors", **attributes})
    incidents = Incidents(clients=clients, home_account=ACCOUNT, home_region=REGION)
    found, _ = incidents.of(told, onset_of(told, NOW), NOW, Redactor())
    return found


def test_a_ticket_that_says_only_that_an_alarm_fired_gets_all_that_the_alarm_tells(
    clients: Clients, account: Account
) -> None:
    add(account, "checkout-errors")
    fire(account, "checkout-errors", FIRED)

    found = affected(clients)

    assert found.metric
    assert str(found.metric) == "AWS/Lambda Errors (FunctionName=checkout)"
    assert found.metric.statistic == "Sum"
    assert found.resources == (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout",)
    assert found.log_groups == ("/aws/lambda/checkout",)


def test_definition_state_and_history_are_told(clients: Clients, account: Account) -> None:
    add(account, "checkout-errors", AlarmDescription="Checkout fails. See the runbook.")
    for days in (9, 5, 2):
        start = NOW - timedelta(days=days)
        fire(account, "checkout-errors", start, start + (4 + days) * MINUTE)
    fire(account, "checkout-errors", FIRED)

    looked = look(Alarms(clients), affected(clients))

    definition, description, state, fired, before = lines(looked)
    assert definition == (
        "alarm checkout-errors: fires when Sum of AWS/Lambda Errors (FunctionName=checkout) over 1 min "
        "is above 5 in 2 of 3 periods; missing data count as fine"
    )
    assert description == "its description: Checkout fails. See the runbook."
    assert state.startswith(f"its state: ALARM since {FIRED:%Y-%m-%dT%H:%M:%SZ}: Threshold Crossed")
    assert "57.0 (2026-11-28T02:06:00Z)" in state
    assert fired == (
        "fired: 4 times in 14 d, 1 of them in the last 24 h; it lasted 9 min as a rule, "
        "13 min at the longest; in ALARM now for 10 min"
    )
    assert before.startswith("the time before this one: ")
    assert before.endswith(", for 6 min")
    assert empty(looked) == ["other alarms in ALARM"]
    assert unseen(looked) == {}


def test_an_alarm_that_flaps_is_said_to(clients: Clients, account: Account) -> None:
    add(account, "checkout-errors")
    for minutes in range(120, 10, -20):
        start = NOW - minutes * MINUTE
        fire(account, "checkout-errors", start, start + 5 * MINUTE)

    told = lines(look(Alarms(clients), affected(clients)))

    assert "FLAPPING: it went into ALARM 6 times in the last 3 h" in told


def test_a_change_of_its_definition_is_told(clients: Clients, account: Account) -> None:
    add(account, "checkout-errors")
    account.alarms.add(
        {"AlarmName": "checkout-errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Threshold": 1.0},
        NOW - 60 * MINUTE,
    )

    told = lines(look(Alarms(clients), affected(clients)))

    assert any(line.startswith("its definition was changed: ") and "updated" in line for line in told)


def test_a_composite_alarm_is_told_with_its_rule(clients: Clients, account: Account) -> None:
    account.alarms.add({"AlarmName": "checkout-errors", "AlarmRule": 'ALARM("a") OR ALARM("b")'}, FIRED)

    assert lines(look(Alarms(clients), affected(clients)))[0] == (
        'alarm checkout-errors: composite, fires when ALARM("a") OR ALARM("b")'
    )


def test_other_alarms_come_nearest_first(clients: Clients, account: Account) -> None:
    for name, function, namespace in (
        ("unlike", "search", "AWS/SQS"),
        ("search-errors", "search", "AWS/Lambda"),
        ("the-checkout-page", "web", "AWS/SQS"),
        ("checkout-throttles", "checkout", "AWS/Lambda"),
        ("checkout-errors", "checkout", "AWS/Lambda"),
    ):
        add(account, name, function, Namespace=namespace)
        fire(account, name, FIRED)
    add(account, "quiet")

    looked = look(Alarms(clients), affected(clients))
    told = [line for line in lines(looked) if line.startswith("also in ALARM")]

    assert [line.split(" (")[0] for line in told] == [
        "also in ALARM, on the same resource: checkout-throttles",
        "also in ALARM, named after the same resource: the-checkout-page",
        "also in ALARM, of the same service, another resource: search-errors",
        "also in ALARM, on something else: unlike",
    ]


def test_what_the_subjects_record_names_is_nearer_than_others(clients: Clients, account: Account) -> None:
    add(account, "unlike", "search", Namespace="AWS/SQS")
    add(account, "front-5xx", "shop-api", Namespace="AWS/ApiGateway")
    add(account, "carts-db-cpu", "db-1", Namespace="AWS/RDS")
    add(account, "carts-db-replica", "carts-db", Namespace="AWS/RDS")
    for name in ("unlike", "front-5xx", "carts-db-cpu", "carts-db-replica"):
        fire(account, name, FIRED)
    watched = MetricId("AWS/ApiGateway", "5XXError", {"ApiName": "shop-api"})
    subject = Subject(subject_id="shop", depends_on=("carts-db",))
    told = replace(affected(clients, alarm=""), subject=subject, metrics=(watched,))

    found = [line.split(" (")[0] for line in lines(look(Alarms(clients), told))]

    where = "also in ALARM, on what the subject's record names: "
    assert found[-1] == "also in ALARM, on something else: unlike"
    assert sorted(found[:-1]) == [
        f"{where}{name}" for name in ("carts-db-cpu", "carts-db-replica", "front-5xx")
    ]


def test_of_ten_thousand_open_alarms_the_nearest_are_told_and_the_others_counted() -> None:
    class Crowded:
        """CloudWatch with 10,000 alarms in ALARM, the nearest on its last page."""

        def describe_alarms(self, **asked: Any) -> dict[str, Any]:
            if "AlarmNames" in asked:
                return {}
            first = int(asked.get("NextToken", 0))
            alarms = [
                {
                    "AlarmName": f"alarm-{number}",
                    "Namespace": "AWS/SQS" if number % 2 else "AWS/Lambda",
                    "Dimensions": [{"Name": "FunctionName", "Value": "checkout" if number == 9_990 else "x"}],
                    "StateUpdatedTimestamp": NOW - number * MINUTE,
                }
                for number in range(first, first + 100)
            ]
            more = {"NextToken": str(first + 100)} if first + 100 < 10_000 else {}
            return {"MetricAlarms": alarms, **more}

        def describe_alarm_history(self, **asked: Any) -> dict[str, Any]:
            return {}

    def crowded(service: str, region: str = "") -> Crowded:
        return Crowded()

    of = {"namespace": "AWS/Lambda", "metric_name": "Errors", "dimensions": {"FunctionName": "checkout"}}

    looked = look(Alarms(crowded), affected(crowded, **of), until=lambda: 5.0)
    in_haste = look(Alarms(crowded), affected(crowded, **of), until=after(3))

    told = lines(looked)
    assert len(told) == 21
    assert told[0].startswith("also in ALARM, on the same resource: alarm-9990")
    assert told[-1] == "9,980 more in ALARM: 5,000 of AWS/SQS, 4,980 of AWS/Lambda"
    assert unseen(looked) == {}
    assert unseen(in_haste) == {"the rest of the other alarms in ALARM": "out of time"}


def test_without_any_history_it_says_over_which_time(clients: Clients, account: Account) -> None:
    looked = look(Alarms(clients), affected(clients, alarm="gone"))

    assert lines(looked) == []
    assert empty(looked) == ["the history of alarm 'gone'", "other alarms in ALARM"]


def test_an_alarm_that_does_not_exist_is_said_not_to(clients: Clients, account: Account) -> None:
    told = ticket(alarm="gone")
    incidents = Incidents(clients=clients, home_account=ACCOUNT, home_region=REGION)

    _, looked = incidents.of(told, onset_of(told, NOW), NOW, Redactor())

    assert empty(looked) == ["the definition of alarm 'gone'"]


def test_without_an_alarm_only_the_others_are_looked_at(clients: Clients, account: Account) -> None:
    add(account, "search-errors", "search")
    fire(account, "search-errors", FIRED)

    looked = look(Alarms(clients), affected(clients, alarm=""))

    assert not_asked(looked) == {"the alarm and its history": "the ticket names no alarm"}
    assert lines(looked)[0].startswith(
        "also in ALARM, on something else: search-errors (AWS/Lambda Errors of search)"
    )


def test_pages_of_history_are_put_together_and_bounded(clients: Clients, account: Account) -> None:
    add(account, "checkout-errors")
    for number in range(120, 0, -1):
        start = NOW - timedelta(hours=2 * number)
        fire(account, "checkout-errors", start, start + 3 * MINUTE)

    looked = look(Alarms(clients), affected(clients))
    in_haste = look(Alarms(clients), affected(clients), until=after(0))

    assert any(line.startswith("fired: 120 times in 14 d, 12 of them") for line in lines(looked))
    assert any(line.startswith("fired: 50 times in 4 d") for line in lines(in_haste))
    assert unseen(in_haste)[f"older entries of {HISTORY}"] == "there are too many"


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (denied(*HISTORY_CALL, "AccessDenied"), "not allowed: cloudwatch:DescribeAlarmHistory"),
        (throttled("Throttling"), "throttled"),
    ],
    ids=["denied", "throttled"],
)
def test_a_history_that_may_not_be_read_costs_only_itself(
    clients: Clients, account: Account, api: Emulator, trouble: Any, why: str
) -> None:
    add(account, "checkout-errors")
    fire(account, "checkout-errors", FIRED)
    api.api.troubles = {HISTORY_CALL: trouble}

    looked = look(Alarms(clients), affected(clients))

    assert unseen(looked) == {HISTORY: why}
    assert lines(looked)[0].startswith("alarm checkout-errors: fires when")


def test_alarms_that_may_not_be_read_are_not_said_to_be_none(
    clients: Clients, account: Account, api: Emulator
) -> None:
    add(account, "checkout-errors")
    fire(account, "checkout-errors", FIRED)
    api.api.troubles = {ALARMS_CALL: denied(*ALARMS_CALL, "AccessDenied")}
    why = "not allowed: cloudwatch:DescribeAlarms"
    told = ticket(alarm="checkout-errors")

    found, first = Incidents(clients=clients, home_account=ACCOUNT, home_region=REGION).of(
        told, onset_of(told, NOW), NOW, Redactor()
    )
    looked = look(Alarms(clients), found)

    assert unseen(first) == {"the definition of alarm 'checkout-errors'": why}
    assert unseen(looked) == {"other alarms in ALARM": why}
    assert empty(looked) == []


def test_a_slow_answer_costs_no_more_than_the_sources_time(
    clients: Clients, account: Account, api: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(Alarms):
        seconds = 0.3

    monkeypatch.setattr(gathering, "QUICK_CALL_SECONDS", 0.0)
    found = affected(clients)
    api.api.troubles = {("cloudwatch", "DescribeAlarms"): slow(1.0)}

    assert gather(found, (), [Impatient(clients)]).gaps == ("could not look: alarms: no answer within 0.3 s",)


def test_an_alarm_of_another_account_cannot_be_looked_at(clients: Clients) -> None:
    arn = f"arn:aws:cloudwatch:{REGION}:999999999999:alarm:theirs"

    looked = look(Alarms(clients), affected(clients, alarm=arn))

    assert unseen(looked) == {"alarms": "it is in another account: 999999999999"}
