"""CloudWatch as it is recorded, asked by boto3 over HTTP: statistics, windows, pages, alarms, history."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws.recorded.account import Account

NOW = datetime(2026, 11, 28, 2, 10, tzinfo=UTC)
DIMENSIONS = {"FunctionName": "checkout"}
ALARM = {"AlarmName": "checkout-errors", "Namespace": "AWS/Lambda", "MetricName": "Errors"}


@pytest.fixture
def cloudwatch(account: Account) -> Any:
    return boto3.client("cloudwatch")


def minutes(count: int, *values: float) -> list[tuple[datetime, list[float]]]:
    """The same values in each of the last `count` minutes."""
    return [(NOW - timedelta(minutes=back), list(values)) for back in range(count, 0, -1)]


def query(id_: str, statistic: str, name: str = "Duration", period: int = 60) -> dict[str, Any]:
    dimensions = [{"Name": key, "Value": value} for key, value in DIMENSIONS.items()]
    metric = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def data(cloudwatch: Any, *queries: Any, **more: Any) -> dict[str, list[float]]:
    """Values by id, all pages together."""
    asked = {"StartTime": NOW - timedelta(hours=1), "EndTime": NOW, **more}
    values: dict[str, list[float]] = {}
    for answered in cloudwatch.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **asked):
        for result in answered["MetricDataResults"]:
            values.setdefault(result["Id"], []).extend(result["Values"])
    return values


def test_statistics_are_those_of_the_values_of_each_period(account: Account, cloudwatch: Any) -> None:
    account.metrics.put("AWS/Lambda", "Duration", DIMENSIONS, minutes(2, *range(1, 101)))
    names = ("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99")
    found = data(cloudwatch, *(query(f"of_{name.lower()}", name) for name in names))
    assert [values[0] for values in found.values()] == [5050, 50.5, 1, 100, 100, 50, 99]
    assert {len(values) for values in found.values()} == {2}
    assert data(cloudwatch, query("sum", "Sum", period=300))["sum"] == [10100]


def test_a_window_and_an_order_are_kept(account: Account, cloudwatch: Any) -> None:
    points = [(NOW - timedelta(minutes=back), float(back)) for back in range(1, 100)]
    account.metrics.put("AWS/Lambda", "Duration", DIMENSIONS, points)
    window = {"StartTime": NOW - timedelta(minutes=10), "EndTime": NOW - timedelta(minutes=5)}
    newest_first = data(cloudwatch, query("m", "Average"), **window)["m"]
    oldest_first = data(cloudwatch, query("m", "Average"), **window, ScanBy="TimestampAscending")["m"]
    assert newest_first == [6, 7, 8, 9, 10]
    assert oldest_first == newest_first[::-1]
    assert data(cloudwatch, query("other", "Average", "Throttles"))["other"] == []


def test_datapoints_come_in_pages_that_lose_none(account: Account, cloudwatch: Any) -> None:
    account.metrics.put("AWS/Lambda", "Duration", DIMENSIONS, minutes(50, 1.0))
    account.metrics.put("AWS/Lambda", "Errors", DIMENSIONS, minutes(50, 2.0))
    queries = [query("a", "Sum"), query("b", "Sum", "Errors")]
    first = cloudwatch.get_metric_data(
        MetricDataQueries=queries,
        StartTime=NOW - timedelta(hours=1),
        EndTime=NOW,
        MaxDatapoints=30,
    )
    assert [result["StatusCode"] for result in first["MetricDataResults"]] == ["PartialData", "Complete"]
    assert data(cloudwatch, *queries, MaxDatapoints=30) == {"a": [1.0] * 50, "b": [2.0] * 50}


def test_data_that_is_put_over_http_is_there_even_a_gzipped_thousand(cloudwatch: Any) -> None:
    dimensions = [{"Name": key, "Value": value} for key, value in DIMENSIONS.items()]
    datum: Any = {"MetricName": "Duration", "Dimensions": dimensions, "Value": 3.0}
    times = [NOW - timedelta(minutes=5, milliseconds=n) for n in range(1000)]
    cloudwatch.put_metric_data(
        Namespace="AWS/Lambda", MetricData=[datum | {"Timestamp": time} for time in times]
    )
    assert sum(data(cloudwatch, query("m", "SampleCount"))["m"]) == 1000
    assert [one["MetricName"] for one in cloudwatch.list_metrics(Namespace="AWS/Lambda")["Metrics"]] == [
        "Duration"
    ]
    assert cloudwatch.list_metrics(Namespace="AWS/SQS")["Metrics"] == []


def test_metrics_are_listed_by_dimension_and_in_pages(account: Account, cloudwatch: Any) -> None:
    for number in range(600):
        account.metrics.put("AWS/SQS", "Depth", {"QueueName": f"q{number}"}, minutes(1, 1.0))
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/SQS")
    assert len([metric for page in pages for metric in page["Metrics"]]) == 600
    one = cloudwatch.list_metrics(Dimensions=[{"Name": "QueueName", "Value": "q7"}])["Metrics"]
    assert [metric["Dimensions"] for metric in one] == [[{"Name": "QueueName", "Value": "q7"}]]


@pytest.mark.parametrize(
    ("queries", "more"),
    [
        ([query("m", "p50"), query("m", "p99")], {}),
        ([query("M", "Sum")], {}),
        ([query("m", "Sum", period=90)], {}),
        ([query("m", "Sum")], {"EndTime": NOW - timedelta(hours=2)}),
        ([{"Id": "m", "Expression": "a / b"}], {}),
    ],
)
def test_what_cloudwatch_refuses_and_what_is_not_emulated_is_refused(
    cloudwatch: Any, queries: list[Any], more: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        data(cloudwatch, *queries, **more)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_alarms_are_found_by_name_state_and_metric(account: Account, cloudwatch: Any) -> None:
    account.alarms.add(ALARM | {"Dimensions": [{"Name": "FunctionName", "Value": "checkout"}]}, NOW)
    account.alarms.add(ALARM | {"AlarmName": "other"}, NOW)
    account.alarms.add({"AlarmName": "all-of-it", "AlarmRule": "ALARM(other)"}, NOW)
    account.alarms.went("checkout-errors", "ALARM", NOW, "Threshold Crossed", recentDatapoints=[4.0])

    [ringing] = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert (ringing["AlarmName"], ringing["StateReason"]) == ("checkout-errors", "Threshold Crossed")
    assert json.loads(ringing["StateReasonData"])["recentDatapoints"] == [4.0]
    assert ringing["StateUpdatedTimestamp"] == NOW
    assert len(cloudwatch.describe_alarms(AlarmNamePrefix="oth")["MetricAlarms"]) == 1
    [composite] = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert composite["AlarmRule"] == "ALARM(other)"
    [of_metric] = cloudwatch.describe_alarms_for_metric(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "checkout"}],
    )["MetricAlarms"]
    assert of_metric["AlarmName"] == "checkout-errors"
    pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1})
    assert [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]] == [
        "checkout-errors",
        "other",
    ]


def test_an_alarm_s_history_is_kept_in_its_window_newest_first_and_in_pages(
    account: Account, cloudwatch: Any
) -> None:
    account.alarms.add(ALARM, NOW - timedelta(days=9))
    for back, state in ((50, "ALARM"), (40, "OK"), (5, "ALARM")):
        account.alarms.went("checkout-errors", state, NOW - timedelta(minutes=back))
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmName="checkout-errors",
        HistoryItemType="StateUpdate",
        StartDate=NOW - timedelta(minutes=45),
        EndDate=NOW,
        PaginationConfig={"PageSize": 1},
    )
    items = [item for page in pages for item in page["AlarmHistoryItems"]]
    assert [item["HistorySummary"] for item in items] == [
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    told = json.loads(items[0]["HistoryData"])
    assert (told["oldState"]["stateValue"], told["newState"]["stateValue"]) == ("OK", "ALARM")
    assert cloudwatch.describe_alarm_history(AlarmName="another")["AlarmHistoryItems"] == []


def test_an_alarm_that_is_put_and_set_over_http_has_a_history(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(
        **ALARM,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=3,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "team", "Value": "payments"}],
    )
    cloudwatch.set_alarm_state(AlarmName="checkout-errors", StateValue="ALARM", StateReason="by hand")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["checkout-errors"])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["Threshold"]) == ("ALARM", 3.0)
    items = cloudwatch.describe_alarm_history(AlarmName="checkout-errors")["AlarmHistoryItems"]
    assert {item["HistoryItemType"] for item in items} == {"StateUpdate", "ConfigurationUpdate"}
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "payments"}]
