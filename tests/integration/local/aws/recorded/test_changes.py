"""CloudTrail, Lambda, CloudFormation and tags as they are recorded, asked by boto3 over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from local.aws.api.troubles import denied, slow, throttled
from local.aws.emulator import Emulator
from local.aws.recorded.account import Account

NOW = datetime.now(UTC).replace(microsecond=0)


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return refused.value.response["Error"]["Code"]


def test_events_are_looked_up_by_one_attribute_in_a_window_newest_first(account: Account) -> None:
    for back in range(120):
        account.trail.add(
            "PutParameter" if back % 2 else "UpdateFunctionCode20150331v2",
            "ssm.amazonaws.com" if back % 2 else "lambda.amazonaws.com",
            NOW - timedelta(minutes=back),
            user="ci",
            resources=[("AWS::Lambda::Function", "checkout")],
            parameters={"functionName": "checkout"},
        )
    trail = boto3.client("cloudtrail")
    attribute: Any = [{"AttributeKey": "EventSource", "AttributeValue": "lambda.amazonaws.com"}]
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=attribute, StartTime=NOW - timedelta(minutes=110), EndTime=NOW
    )
    events = [event for page in pages for event in page["Events"]]
    assert len(events) == 56
    assert events[0]["EventTime"] == NOW
    assert [event["EventTime"] for event in events] == sorted(
        (event["EventTime"] for event in events), reverse=True
    )
    told = json.loads(events[0]["CloudTrailEvent"])
    assert (told["eventName"], told["requestParameters"]) == (
        "UpdateFunctionCode20150331v2",
        {"functionName": "checkout"},
    )
    wrong: Any = [{"AttributeKey": "ResourceName", "AttributeValue": "arn:of:it"}]
    assert trail.lookup_events(LookupAttributes=wrong)["Events"] == []


def test_what_cloudtrail_refuses_is_refused(account: Account) -> None:
    trail = boto3.client("cloudtrail")
    with pytest.raises(ClientError) as refused:
        trail.lookup_events(StartTime=NOW, EndTime=NOW - timedelta(hours=1))
    assert code(refused) == "InvalidTimeRangeException"
    with pytest.raises(ClientError) as refused:
        trail.lookup_events(NextToken="made up")
    assert code(refused) == "InvalidNextTokenException"


def test_a_function_is_described_as_it_is_and_as_it_was_published(account: Account) -> None:
    account.functions.add("checkout", NOW - timedelta(days=1), MemorySize=512, tags={"team": "payments"})
    account.functions.publish("checkout", NOW - timedelta(days=1))
    account.functions.add("checkout", NOW, Environment={"Variables": {"POOL_SIZE": "2"}})
    version = account.functions.publish("checkout", NOW, "smaller pool")
    account.functions.alias("checkout", "live", version)
    client = boto3.client("lambda")
    latest = client.get_function_configuration(FunctionName="checkout")
    assert (latest["MemorySize"], latest["Environment"]["Variables"]) == (512, {"POOL_SIZE": "2"})
    assert "Environment" not in client.get_function_configuration(FunctionName="checkout", Qualifier="1")
    by_alias = client.get_function(FunctionName=latest["FunctionArn"] + ":live")
    assert (by_alias["Configuration"]["Version"], by_alias["Tags"]) == ("2", {"team": "payments"})
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName="checkout", PaginationConfig={"PageSize": 1}
    )
    assert [one["Version"] for page in pages for one in page["Versions"]] == ["$LATEST", "1", "2"]
    with pytest.raises(ClientError) as refused:
        client.get_function_configuration(FunctionName="nobody")
    assert code(refused) == "ResourceNotFoundException"


def test_a_stack_is_found_by_a_resource_of_it_with_its_events_and_template(account: Account) -> None:
    template = {"Resources": {"Checkout": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 3}}}}
    account.stacks.add("shop", NOW - timedelta(days=9), template, LastUpdatedTime=NOW)
    account.stacks.resource("shop", "Checkout", "AWS::Lambda::Function", "checkout", NOW)
    account.stacks.event("shop", NOW - timedelta(minutes=2), "UPDATE_IN_PROGRESS", reason="User Initiated")
    account.stacks.event("shop", NOW, "UPDATE_COMPLETE", "Checkout")
    client = boto3.client("cloudformation")
    [resource] = client.describe_stack_resources(PhysicalResourceId="checkout")["StackResources"]
    assert (resource["StackName"], resource["LogicalResourceId"]) == ("shop", "Checkout")
    events = client.describe_stack_events(StackName=resource["StackId"])["StackEvents"]
    assert [(event["LogicalResourceId"], event["ResourceStatus"]) for event in events] == [
        ("Checkout", "UPDATE_COMPLETE"),
        ("shop", "UPDATE_IN_PROGRESS"),
    ]
    body: Any = client.get_template(StackName="shop")["TemplateBody"]
    assert body["Resources"]["Checkout"]["Properties"] == {"Timeout": 3}
    assert client.describe_stacks(StackName="shop")["Stacks"][0]["LastUpdatedTime"] == NOW
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stack_resources(PhysicalResourceId="nothing of ours")


def test_resources_are_found_by_their_tags(account: Account) -> None:
    function, queue = "arn:aws:lambda:us-east-1:1:function:checkout", "arn:aws:sqs:us-east-1:1:orders"
    account.tags.add(function, service="shop", stage="live")
    account.tags.add(queue, service="shop")
    client = boto3.client("resourcegroupstaggingapi")

    def found(**asked: Any) -> list[str]:
        pages = client.get_paginator("get_resources").paginate(**asked, PaginationConfig={"PageSize": 1})
        return [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]

    assert found(TagFilters=[{"Key": "service", "Values": ["shop"]}]) == [function, queue]
    assert found(TagFilters=[{"Key": "stage"}]) == [function]
    assert found(TagFilters=[{"Key": "service", "Values": ["other"]}]) == []
    assert found(ResourceTypeFilters=["sqs"]) == [queue]


def test_a_call_is_denied_throttled_or_slow_as_it_is_told(account: Account, emulator: Emulator) -> None:
    emulator.api.troubles = {
        ("cloudtrail", "LookupEvents"): denied("cloudtrail", "LookupEvents"),
        ("cloudwatch", "ListMetrics"): throttled(),
        ("logs", "DescribeLogGroups"): denied("logs", "DescribeLogGroups"),  # one of moto's
        ("health", "DescribeEvents"): slow(2),
    }

    def met(service: str, operation: str, seconds: float = 60) -> str:
        once = Config(retries={"total_max_attempts": 1}, read_timeout=seconds)
        with pytest.raises((ClientError, ReadTimeoutError)) as refused:
            getattr(boto3.client(service, config=once), operation)()  # type: ignore[call-overload]
        error = refused.value
        return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__

    assert met("cloudtrail", "lookup_events") == "AccessDeniedException"
    assert met("logs", "describe_log_groups") == "AccessDeniedException"
    assert met("cloudwatch", "list_metrics") == "ThrottlingException"
    assert met("health", "describe_events", seconds=0.2) == "ReadTimeoutError"
    emulator.api.troubles = {}
    assert boto3.client("cloudtrail").lookup_events()["Events"] == []
