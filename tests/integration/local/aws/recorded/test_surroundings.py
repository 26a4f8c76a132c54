"""Application Signals, Health and X-Ray as they are recorded, asked by boto3 over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws.recorded.account import Account
from local.aws.recorded.application_signals import service

NOW = datetime(2026, 11, 28, 2, 10, tzinfo=UTC)
HOUR: Any = {"StartTime": NOW - timedelta(hours=1), "EndTime": NOW}
CHECKOUT, LEDGER = service("checkout"), service("ledger")


def test_a_service_s_neighbours_and_changes_are_those_that_were_recorded(account: Account) -> None:
    for one in (CHECKOUT, LEDGER):
        account.signals.add(one)
    account.signals.depends(CHECKOUT, LEDGER, "POST /pay", "charge")
    account.signals.changed(LEDGER, NOW - timedelta(minutes=9), "UpdateFunctionCode")
    account.signals.changed(LEDGER, NOW - timedelta(hours=9), "an older one")
    client = boto3.client("application-signals")
    assert len(client.list_services(**HOUR)["ServiceSummaries"]) == 2
    [below] = client.list_service_dependencies(KeyAttributes=CHECKOUT, **HOUR)["ServiceDependencies"]
    assert (below["DependencyKeyAttributes"], below["DependencyOperationName"]) == (LEDGER, "charge")
    [above] = client.list_service_dependents(KeyAttributes=LEDGER, **HOUR)["ServiceDependents"]
    assert above["DependentKeyAttributes"] == CHECKOUT
    assert client.list_service_dependents(KeyAttributes=CHECKOUT, **HOUR)["ServiceDependents"] == []
    [event] = client.list_entity_events(Entity=LEDGER, **HOUR)["ChangeEvents"]
    assert (event["EventName"], event["Timestamp"]) == ("UpdateFunctionCode", NOW - timedelta(minutes=9))
    states = client.list_service_states(**HOUR)["ServiceStates"]
    assert [len(state["LatestChangeEvents"]) for state in states] == [0, 1]
    pages = client.get_paginator("list_services").paginate(**HOUR, PaginationConfig={"PageSize": 1})
    assert len(list(pages)) == 2


def test_health_events_are_filtered_told_and_name_what_they_affect(account: Account) -> None:
    issue = account.health.add(
        "LAMBDA", "AWS_LAMBDA_OPERATIONAL_ISSUE", NOW - timedelta(minutes=30), "Errors rise.",
        entities=["checkout"],
    )  # fmt: skip
    account.health.add("RDS", "AWS_RDS_OLD", NOW - timedelta(days=2), "Over.", end=NOW - timedelta(days=1))
    client = boto3.client("health")
    since: Any = [{"from": NOW - timedelta(hours=6)}]
    [found] = client.describe_events(filter={"lastUpdatedTimes": since})["events"]
    assert (found["arn"], found["statusCode"], found["eventScopeCode"]) == (issue, "open", "ACCOUNT_SPECIFIC")
    assert client.describe_events(filter={"services": ["RDS"], "eventStatusCodes": ["open"]})["events"] == []
    details = client.describe_event_details(eventArns=[issue, "arn:aws:health:us-east-1::event/X/Y/Z"])
    assert details["successfulSet"][0]["eventDescription"]["latestDescription"] == "Errors rise."
    assert len(details["failedSet"]) == 1
    [entity] = client.describe_affected_entities(filter={"eventArns": [issue]})["entities"]
    assert (entity["entityValue"], entity["statusCode"]) == ("checkout", "IMPAIRED")
    assert len(list(client.get_paginator("describe_events").paginate(PaginationConfig={"PageSize": 10}))) == 1


def test_health_without_a_support_plan_says_so(account: Account) -> None:
    account.health.subscribed = False
    with pytest.raises(ClientError) as refused:
        boto3.client("health").describe_events()
    assert refused.value.response["Error"]["Code"] == "SubscriptionRequiredException"


def test_traces_are_summed_up_filtered_and_shown(account: Account) -> None:
    ids = [{"Name": "checkout", "Type": "AWS::Lambda"}]
    account.traces.add_service(
        {
            "Name": "checkout",
            "Type": "AWS::Lambda",
            "ReferenceId": 0,
            **HOUR,
            "SummaryStatistics": {"TotalCount": 9},
        }
    )
    account.traces.add_trace(
        {"Id": "1-a", "StartTime": NOW, "Duration": 3.2, "HasFault": True, "ServiceIds": ids},
        [{"id": "s1", "name": "checkout", "fault": True}],
    )
    account.traces.add_trace({"Id": "1-b", "StartTime": NOW, "Duration": 0.1, "ServiceIds": ids})
    account.traces.add_trace({"Id": "1-c", "StartTime": NOW - timedelta(hours=5), "HasFault": True})
    client = boto3.client("xray")
    [node] = client.get_service_graph(**HOUR)["Services"]
    assert (node["Name"], node["SummaryStatistics"]["TotalCount"]) == ("checkout", 9)

    def found(expression: str) -> list[str]:
        answered = client.get_trace_summaries(**HOUR, FilterExpression=expression)
        return [summary["Id"] for summary in answered["TraceSummaries"]]

    assert found('service("checkout")') == ["1-a", "1-b"]
    assert found('service("checkout") AND fault = true') == ["1-a"]
    assert found('service("checkout") { fault }') == ["1-a"]
    assert found("duration >= 1") == ["1-a"]
    assert found("fault = false") == ["1-b"]
    traces = client.batch_get_traces(TraceIds=["1-a", "1-z"])
    assert json.loads(traces["Traces"][0]["Segments"][0]["Document"])["fault"] is True
    assert traces["UnprocessedTraceIds"] == ["1-z"]
    for refused in ({"FilterExpression": "user = 7"}, {"StartTime": NOW - timedelta(hours=7)}):
        with pytest.raises(ClientError):
            client.get_trace_summaries(**(HOUR | refused))
