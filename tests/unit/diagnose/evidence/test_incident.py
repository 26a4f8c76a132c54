"""What every source is told: from the ticket, the subject's record, and what their names tell of others."""

from typing import Any

import pytest

from diagnose.evidence.incident import Incident, MetricId, completed, incident_of
from diagnose.evidence.onset import onset_of
from local.aws.names import ACCOUNT, REGION
from subjects.discovery import alarm_of, log_groups_of, metrics_of, resources_of
from subjects.subject import Subject
from tests.support.incidents import NOW, incident, ticket
from tickets.ticket import Ticket

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
ERRORS: dict[str, Any] = {
    "namespace": "AWS/Lambda",
    "metric_name": "Errors",
    "dimensions": {"FunctionName": "checkout"},
}
SUBJECT = Subject.from_item(
    {
        "subject_id": "checkout",
        "resources": [f"arn:aws:sqs:{REGION}:{ACCOUNT}:carts", FUNCTION],
        "log_groups": "/shop/checkout",
        "metrics": [{"namespace": "Shop", "metric_name": "Orders"}],
    }
)


def with_subject(**attributes: Any) -> Incident:
    told = ticket(**attributes)
    return incident_of(told, onset_of(told, NOW), NOW, SUBJECT, ACCOUNT, REGION)


def test_a_metric_of_a_function_leads_to_the_function_and_its_log_group() -> None:
    found = incident(**ERRORS)

    assert found.resources == (FUNCTION,)
    assert found.log_groups == ("/aws/lambda/checkout",)
    assert found.metrics == (
        MetricId("AWS/Lambda", "Errors", {"FunctionName": "checkout"}),
        MetricId("AWS/Lambda", "", {"FunctionName": "checkout"}),
    )


def test_the_tickets_own_come_first_then_the_subjects_then_what_was_found_out() -> None:
    found = with_subject(**ERRORS, resource=["i-1"], log_group="/mine")

    assert found.resources == ("i-1", FUNCTION, f"arn:aws:sqs:{REGION}:{ACCOUNT}:carts")
    assert found.log_groups == ("/mine", "/shop/checkout", "/aws/lambda/checkout")
    assert [(each.namespace, each.name) for each in found.metrics] == [
        ("AWS/Lambda", "Errors"),
        ("Shop", "Orders"),
        ("AWS/Lambda", ""),
        ("AWS/SQS", ""),
    ]


def test_an_alarms_arn_says_where_it_is() -> None:
    found = incident(alarm=f"arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:a:b")

    assert (found.alarm_name, found.region, found.elsewhere) == ("a:b", "eu-central-1", "")


@pytest.mark.parametrize(
    "attributes",
    [{"account": "999999999999"}, {"alarm": f"arn:aws:cloudwatch:{REGION}:999999999999:alarm:a"}],
    ids=["said", "by an ARN"],
)
def test_what_is_in_another_account_is_elsewhere(attributes: dict[str, Any]) -> None:
    assert incident(**attributes).elsewhere == "it is in another account: 999999999999"


@pytest.mark.parametrize(
    ("dimensions", "resource"),
    [
        ({"QueueName": "mail"}, f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail"),
        ({"TableName": "carts"}, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts"),
        ({"DBInstanceIdentifier": "db-1"}, f"arn:aws:rds:{REGION}:{ACCOUNT}:db:db-1"),
        ({"StreamName": "s"}, f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s"),
        ({"TopicName": "t"}, f"arn:aws:sns:{REGION}:{ACCOUNT}:t"),
        ({"InstanceId": "i-1"}, f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"),
        (
            {"LoadBalancer": "app/web/50dc"},
            f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/50dc",
        ),
        (
            {"ClusterName": "prod", "ServiceName": "web"},
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/web",
        ),
        ({"StateMachineArn": "arn:aws:states:r:1:stateMachine:m"}, "arn:aws:states:r:1:stateMachine:m"),
    ],
    ids=str,
)
def test_dimensions_name_a_resource_and_its_arn_the_same_dimensions(
    dimensions: dict[str, str], resource: str
) -> None:
    assert resources_of(dimensions, ACCOUNT, REGION) == (resource,)
    known = metrics_of(resource)
    assert known
    assert known[1] == dimensions


@pytest.mark.parametrize("text", ["", "i-1", "arn:aws:s3:::bucket", "arn:aws", "arn:aws:ecs:r:1:cluster/c"])
def test_what_is_not_known_leads_nowhere(text: str) -> None:
    assert metrics_of(text) is None
    assert log_groups_of([text]) == ()
    assert resources_of({"Stage": text}, ACCOUNT, REGION) == ()


def test_a_partition_goes_with_its_region() -> None:
    assert resources_of({"QueueName": "q"}, "1", "cn-north-1") == ("arn:aws-cn:sqs:cn-north-1:1:q",)


def test_a_version_of_a_function_has_the_functions_metrics_and_log_group() -> None:
    assert metrics_of(f"{FUNCTION}:7") == ("AWS/Lambda", {"FunctionName": "checkout"})
    assert log_groups_of([f"{FUNCTION}:7", FUNCTION]) == ("/aws/lambda/checkout",)


def test_an_alarms_name_is_its_arns_last_part() -> None:
    assert alarm_of("checkout-errors ") == "checkout-errors"
    assert alarm_of(f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:checkout: errors") == "checkout: errors"


class TestCompleted:
    WATCHED: dict[str, Any] = {  # noqa: RUF012 - never changed
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "checkout"}],
    }

    def test_a_ticket_that_names_no_metric_has_its_alarms(self) -> None:
        told = completed(ticket(), {**self.WATCHED, "ExtendedStatistic": "p99", "Period": 60})

        assert (told.namespace, told.metric_name, told.dimensions) == (
            "AWS/Lambda",
            "Errors",
            {"FunctionName": "checkout"},
        )
        assert (told.statistic, told.period) == ("p99", 60)

    def test_of_an_alarm_on_an_expression_the_first_metric_is_taken(self) -> None:
        queries = [
            {"Id": "e1", "Expression": "m1 / m2"},
            {"Id": "m1", "MetricStat": {"Metric": self.WATCHED, "Stat": "Sum", "Period": 300}},
        ]

        told = completed(ticket(), {"Metrics": queries})

        assert (told.metric_name, told.statistic, told.period) == ("Errors", "Sum", 300)

    @pytest.mark.parametrize(
        "alarm", [None, {}, {"AlarmRule": "ALARM(a)"}, {"Metrics": [{"Expression": "x"}]}]
    )
    def test_an_alarm_without_a_metric_changes_nothing(self, alarm: Any) -> None:
        assert completed(ticket(), alarm) == ticket()

    def test_what_the_ticket_says_itself_stays(self) -> None:
        told = ticket(namespace="Shop", metric_name="Orders")

        assert completed(told, self.WATCHED) == told


@pytest.mark.parametrize(
    "dimensions",
    [{"A": "b"}, [{"Name": "A", "Value": "b"}], [{"name": "A", "value": "b"}]],
    ids=["map", "as AWS has them", "as SNS has them"],
)
def test_dimensions_may_be_a_map_or_a_list(dimensions: Any) -> None:
    assert ticket(dimensions=dimensions).dimensions == {"A": "b"}


@pytest.mark.parametrize("dimensions", ["A=b", [{"Name": "A"}], ["A"], 7], ids=str)
def test_dimensions_that_are_none_are_named_as_unusable(dimensions: Any) -> None:
    found = Ticket.from_item(
        {"ticket_id": "t", "status": "open", "invariant_name": "i", "message": "m", "dimensions": dimensions}
    )

    assert found.dimensions == {}
    assert found.unusable[0].startswith("dimensions: must be a map of names to values, or a list of maps")
