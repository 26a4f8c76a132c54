"""What was changed before the onset, told by the services that know."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from diagnose.evidence.clients import Clients
from diagnose.evidence.incident import Incident
from diagnose.evidence.sources.changes.cloudtrail import CloudTrail
from diagnose.evidence.sources.changes.source import Changes
from local.aws.api.troubles import denied, slow, throttled
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from local.aws.recorded.application_signals import service
from subjects.subject import Subject
from tests.support.incidents import incident
from tests.support.looking import NOW, empty, lines, look, not_asked, unseen

PATIENT = 60.0
ONSET = NOW - timedelta(hours=2)
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
PLACES = {
    "CloudTrail's write events",
    "the events of its CloudFormation stack",
    "the versions of the Lambda function",
    "CodeDeploy's deployments",
    "Systems Manager's parameters",
    "Application Signals' change events",
}


def at(minutes: float) -> datetime:
    return ONSET + timedelta(minutes=minutes)


def affected(*resources: str, onset: datetime = ONSET, now: datetime = NOW) -> Incident:
    return incident(now, resource=list(resources or (FUNCTION,)), first_seen_at=onset.isoformat())


def affected_just_now(*resources: str) -> Incident:
    """For what the emulator itself dates."""
    now = datetime.now(UTC) + timedelta(seconds=30)
    return affected(*resources, onset=now, now=now)


def only(clients: Clients, trail: CloudTrail | None = None) -> Changes:
    """Of all services CloudTrail alone."""
    trail = trail or CloudTrail(lambda: clients("cloudtrail", REGION), sleep=lambda seconds: None)
    return Changes(clients, PATIENT, readers=lambda region: [trail])


def test_an_account_in_which_nothing_changed_was_looked_at_everywhere(
    clients: Clients, account: Account
) -> None:
    account.functions.add("orders", at(-100_000))

    looked = look(Changes(clients, PATIENT), affected())

    assert lines(looked) == []
    assert (set(empty(looked)), unseen(looked)) == (PLACES, {})
    assert unseen(looked) == {}
    assert not_asked(looked) == {"the ECS service's deployments": "no ECS service is among its resources"}


def test_who_changed_what_how_long_before_comes_first(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000), MemorySize=512)
    account.functions.publish("orders", at(-99_999))
    account.functions.add("orders", at(-4), MemorySize=128)
    account.trail.add(
        "UpdateFunctionConfiguration20150331v2",
        "lambda.amazonaws.com",
        at(-4),
        user="ana",
        resources=[("AWS::Lambda::Function", FUNCTION)],
        parameters={"functionName": "orders", "memorySize": 128},
    )
    account.trail.add("PutRolePolicy", "iam.amazonaws.com", at(-300), user="ben")

    told = lines(look(Changes(clients, PATIENT), affected()))

    assert [line.split(", on the resource itself (")[1].split(")")[0] for line in told[:2]] == [
        "CloudTrail",
        "Lambda",
    ]
    assert told[0].startswith(
        f"{at(-4):%Y-%m-%dT%H:%M:%SZ} lambda UpdateFunctionConfiguration by ana through"
    )
    assert " by ana through aws-cli/2" in told[0]
    assert "memorySize: 128" in told[0]
    assert "MemorySize: 512 -> 128" in told[1]


def test_a_version_that_is_published_as_it_stands_is_told_once(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000), MemorySize=512, CodeSha256="9xvBqzP3")
    account.functions.publish("orders", at(-100_000))
    account.functions.add("orders", at(-4), MemorySize=128, CodeSha256="Q1w2e3r4")
    account.functions.publish("orders", at(-4))

    [told] = lines(look(Changes(clients, PATIENT), affected()))

    assert "function orders: version 2 differs from 1" in told
    assert told.endswith(": CodeSha256: changed; MemorySize: 512 -> 128")


def test_a_secret_in_a_changed_environment_is_out_but_that_it_changed_is_told(
    clients: Clients, account: Account
) -> None:
    before = {"Variables": {"DB_PASSWORD": "hunter2-Zq9!x", "POOL_SIZE": "200"}}
    after = {"Variables": {"DB_PASSWORD": "correct-horse-7", "POOL_SIZE": "2"}}
    account.functions.add("orders", at(-100_000), Environment=before)
    account.functions.publish("orders", at(-99_999))
    account.functions.add("orders", at(-4), Environment=after)

    [told] = lines(look(Changes(clients, PATIENT), affected()))

    assert "Environment.Variables.POOL_SIZE: 200 -> 2" in told
    assert "hunter2" not in told
    assert "correct-horse" not in told
    assert "DB_PASSWORD" in told


def test_a_stack_operation_is_one_change_with_what_it_changed(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000))
    account.stacks.add("shop", at(-100_000))
    account.stacks.resource("shop", "Orders", "AWS::Lambda::Function", "orders", at(-20))
    account.stacks.resource("shop", "Jobs", "AWS::SQS::Queue", "https://sqs/jobs", at(-100_000))
    account.stacks.event("shop", at(-20), "UPDATE_IN_PROGRESS", reason="User Initiated")
    account.stacks.event("shop", at(-19), "UPDATE_IN_PROGRESS", "Orders")
    account.stacks.event("shop", at(-18), "UPDATE_COMPLETE", "Orders")
    account.stacks.event("shop", at(-17), "UPDATE_COMPLETE")

    [told] = lines(look(Changes(clients, PATIENT), affected()))

    assert told == (
        f"{at(-20):%Y-%m-%dT%H:%M:%SZ} stack shop: an operation began that is now UPDATE_COMPLETE, "
        "on the resource itself (CloudFormation): changed: Orders"
    )


def test_a_failed_stack_operation_says_why(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000))
    account.stacks.add("shop", at(-100_000))
    account.stacks.resource("shop", "Orders", "AWS::Lambda::Function", "orders", at(-100_000))
    account.stacks.resource("shop", "Jobs", "AWS::SQS::Queue", "https://sqs/jobs", at(-20))
    account.stacks.event("shop", at(-20), "UPDATE_IN_PROGRESS", reason="User Initiated")
    account.stacks.event("shop", at(-19), "UPDATE_FAILED", "Jobs", "quota exceeded")
    account.stacks.event("shop", at(-18), "UPDATE_ROLLBACK_COMPLETE")

    [told] = lines(look(Changes(clients, PATIENT), affected()))

    assert "now UPDATE_ROLLBACK_COMPLETE, in its stack" in told
    assert 'failed: {"Jobs": "quota exceeded"}' in told


class TestCloudTrail:
    def test_an_exact_filter_that_finds_nothing_is_tried_without_it(
        self, clients: Clients, account: Account
    ) -> None:
        account.trail.add(
            "PutFunctionConcurrency20171031",
            "lambda.amazonaws.com",
            at(-8),
            parameters={"functionName": "orders", "reservedConcurrentExecutions": 0},
        )

        [told] = lines(look(only(clients), affected()))

        assert "lambda PutFunctionConcurrency by" in told
        assert "on the resource itself" in told

    def test_what_reaches_far_is_told_though_it_names_no_resource(
        self, clients: Clients, account: Account
    ) -> None:
        account.trail.add("RevokeSecurityGroupIngress", "ec2.amazonaws.com", at(-3))
        account.trail.add("CreateTags", "ec2.amazonaws.com", at(-2))
        account.trail.add("GetSecretValue", "secretsmanager.amazonaws.com", at(-1), read_only=True)

        [told] = lines(look(only(clients), affected()))

        assert "ec2 RevokeSecurityGroupIngress" in told
        assert "elsewhere in the account" in told

    def test_a_call_that_failed_is_told_as_one(self, clients: Clients, account: Account) -> None:
        account.trail.add(
            "DeleteFunction20150331",
            "lambda.amazonaws.com",
            at(-8),
            resources=[("AWS::Lambda::Function", "orders")],
            error="AccessDenied",
        )

        [told] = lines(look(only(clients), affected()))

        assert "DeleteFunction (it failed: AccessDenied)" in told

    def test_of_the_last_minutes_nothing_is_known_yet(self, clients: Clients, account: Account) -> None:
        looked = look(only(clients), affected(onset=NOW - timedelta(minutes=5)))

        assert empty(looked) == ["CloudTrail's write events"]
        assert list(unseen(looked)) == ["CloudTrail's write events of the last minutes"]

    def test_a_busy_account_is_read_page_by_page_and_no_further(
        self, clients: Clients, account: Account
    ) -> None:
        for number in range(260):
            account.trail.add("CreateTags", "ec2.amazonaws.com", at(-1 - number / 10), user=f"u{number}")

        looked = look(only(clients), affected())

        assert unseen(looked) == {
            "CloudTrail's write events": ("of all write events only the last 200 before the onset were read")
        }

    def test_no_more_than_two_requests_a_second_are_made(self, clients: Clients, account: Account) -> None:
        waited: list[float] = []
        trail = CloudTrail(lambda: clients("cloudtrail", REGION), sleep=waited.append)

        look(only(clients, trail), affected())

        assert waited == [0.5, 0.5]  # by name, by ARN, without

    def test_at_its_deadline_it_says_so(self, clients: Clients, account: Account) -> None:
        looked = look(only(clients), affected(), lambda: 0.4)

        assert list(unseen(looked)) == ["CloudTrail's write events"]
        assert empty(looked) == []

    @pytest.mark.parametrize(
        ("trouble", "why"),
        [
            (denied("cloudtrail", "LookupEvents"), "not allowed: cloudtrail:LookupEvents"),
            (throttled(), "throttled"),
        ],
    )
    def test_what_is_refused_is_not_nothing(
        self, clients: Clients, account: Account, emulator: Emulator, trouble: Any, why: str
    ) -> None:
        emulator.api.troubles = {("cloudtrail", "LookupEvents"): trouble}

        looked = look(only(clients), affected())

        assert unseen(looked) == {"CloudTrail's write events": why}
        assert empty(looked) == []

    def test_garbage_costs_its_event_alone(self, clients: Clients, api: Emulator) -> None:
        events: list[dict[str, Any]] = [
            {
                "EventTime": at(-2),
                "EventId": "1",
                "CloudTrailEvent": "{not JSON",
                "EventName": "DeleteQueue",
                "Username": "ana",
            },
            {"EventName": "NoTime"},
            {"EventTime": NOW + timedelta(days=400), "EventName": "InTheFuture"},
            {
                "EventId": "2",
                "EventTime": at(-3),
                "CloudTrailEvent": "[1, 2]",
                "Resources": [{"ResourceName": "orders"}],
            },
        ]
        api.api.operations = {("cloudtrail", "LookupEvents"): lambda asked: {"Events": events}}

        told = lines(look(only(clients), affected()))

        assert len(told) == 2
        assert any("DeleteQueue by ana" in line for line in told)


def test_one_service_that_hangs_or_refuses_costs_the_others_nothing(
    clients: Clients, account: Account, emulator: Emulator, logged: StringIO
) -> None:
    account.functions.add("orders", at(-4), MemorySize=128)
    look(Changes(clients, PATIENT), affected())  # which makes the clients: that takes a while
    emulator.api.troubles = {
        ("cloudtrail", "LookupEvents"): slow(1.9),
        ("ssm", "DescribeParameters"): denied("ssm", "DescribeParameters"),
        ("application-signals", "ListServiceStates"): denied("application-signals", "ListServiceStates"),
    }

    looked = look(Changes(clients, 1.6), affected())

    assert unseen(looked) == {
        "CloudTrail's write events": "no answer in time",
        "Systems Manager's parameters": "not allowed: ssm:DescribeParameters",
        "Application Signals' change events": "not allowed: application-signals:ListServiceStates",
    }
    assert len(lines(looked)) == 1
    warned = [json.loads(line) for line in logged.getvalue().splitlines() if "a reader of changes" in line]
    assert {(line["reader"], line["error"]) for line in warned} == {
        ("Systems Manager's parameters", "AccessDeniedException"),
        ("Application Signals' change events", "AccessDeniedException"),
    }


def test_application_signals_tells_of_the_services_that_are_meant(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000))
    for name in ("orders", "carts"):
        account.signals.add(service(name))
        account.signals.changed(service(name), at(-6), f"release-of-{name}", user="ana")

    [told] = lines(look(Changes(clients, PATIENT), affected()))

    assert "deployment release-of-orders of orders by ana, on the resource itself" in told


def test_parameters_are_told_by_name_and_never_by_value(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000))
    clients("ssm", "").put_parameter(Name="/shop/orders/pool-size", Value="hunter2", Type="String")

    [told] = lines(look(Changes(clients, PATIENT), affected_just_now()))

    assert "parameter /shop/orders/pool-size was set, version 1" in told
    assert "on the resource itself (Systems Manager)" in told
    assert "hunter2" not in told


def test_a_deployment_of_ecs_says_what_differs_in_the_task(clients: Clients, account: Account) -> None:
    ecs = clients("ecs", "")
    ecs.create_cluster(clusterName="prod")
    for image, pool in (("web:1", "200"), ("web:2", "2")):
        ecs.register_task_definition(
            family="web",
            containerDefinitions=[
                {
                    "name": "web",
                    "image": image,
                    "memory": 256,
                    "environment": [{"name": "POOL_SIZE", "value": pool}],
                }
            ],
        )
    ecs.create_service(cluster="prod", serviceName="web", taskDefinition="web:2", desiredCount=1)

    looked = look(
        Changes(clients, PATIENT), affected_just_now(f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/web")
    )

    [told] = [line for line in lines(looked) if "(ECS)" in line]
    assert "service web: deployment of web:2 after web:1" in told
    assert "containers.web.image: web:1 -> web:2" in told
    assert "containers.web.environment.POOL_SIZE: 200 -> 2" in told


def test_a_deployment_of_codedeploy_is_told(clients: Clients, account: Account) -> None:
    account.functions.add("orders", at(-100_000))
    codedeploy = clients("codedeploy", "")
    codedeploy.create_application(applicationName="orders", computePlatform="Lambda")
    codedeploy.create_deployment_group(
        applicationName="orders",
        deploymentGroupName="live",
        serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/codedeploy",
    )
    codedeploy.create_deployment(applicationName="orders", deploymentGroupName="live", description="v42")

    looked = look(Changes(clients, PATIENT), affected_just_now())

    [told] = [line for line in lines(looked) if "CodeDeploy" in line]
    assert "of orders to live" in told
    assert "v42" in told


def test_what_the_subject_depends_on_counts_as_near(clients: Clients, account: Account) -> None:
    account.trail.add(
        "ModifyDBInstance", "rds.amazonaws.com", at(-9), parameters={"dBInstanceIdentifier": "orders-db"}
    )
    subject = Subject(subject_id="orders", depends_on=("orders-db",))

    [told] = lines(look(only(clients), replace(affected(), subject=subject)))

    assert "rds ModifyDBInstance" in told
    assert "next to it" in told


def test_another_accounts_changes_cannot_be_looked_at(clients: Clients, account: Account) -> None:
    looked = look(
        Changes(clients, PATIENT), affected(f"arn:aws:lambda:{REGION}:999900001111:function:orders")
    )

    assert unseen(looked) == {"changes": "it is in another account: 999900001111"}


def test_versions_without_end_are_read_to_a_bound(clients: Clients, api: Emulator) -> None:
    def endless(asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"Versions": [], "NextMarker": "again"}

    api.api.operations = {("lambda", "ListVersionsByFunction"): endless}

    looked = look(Changes(clients, PATIENT), affected())

    assert unseen(looked)["the versions of the Lambda function"] == (
        "orders has more versions than 20 pages hold"
    )


def test_without_a_resource_nobody_is_asked(clients: Clients) -> None:
    looked = look(Changes(clients, PATIENT), incident(NOW, component="a machine of our own"))

    assert not_asked(looked) == {"changes": "no resource is known"}
    assert unseen(looked) == {}
