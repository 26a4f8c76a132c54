"""Each source of evidence makes the calls that its statements in template.yaml allow, and no others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import Source
from diagnose.evidence.sources.changes.source import Changes
from diagnose.evidence.sources.health import Health
from diagnose.evidence.sources.logs.source import Logs
from diagnose.evidence.sources.neighbours.source import Neighbours
from diagnose.evidence.sources.stack_resource import StackResource
from diagnose.evidence.sources.traces import Traces
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from local.aws.recorded.application_signals import service
from local.aws.stack import Stack
from runtime.items import open_dynamodb
from subjects.subject import Subject
from tests.support.incidents import incident
from tests.support.looking import look
from tests.unit.stack.test_evidence import SOURCES

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/orders"
PATIENT = Config(read_timeout=60, retries={"total_max_attempts": 1})
IAM_NAMES = {"resourcegroupstaggingapi": "tag"}
OF_DIAGNOSE = {"dynamodb:Query"}
"""What diagnose may ask whatever its sources: which tickets are open."""
Made = Callable[[Stack, Clients], Source]


def neighbours(stack: Stack, clients: Clients) -> Source:
    dynamodb = open_dynamodb(PATIENT)
    subjects, tickets = (dynamodb.Table(stack.ref(name)) for name in ("SubjectsTable", "TicketsTable"))
    return Neighbours(subjects, tickets, clients, 60.0)


def clients(name: str, region: str = "") -> Any:
    return boto3.client(name, config=PATIENT)  # type: ignore[call-overload]


@pytest.fixture
def full(account: Account, emulator: Emulator) -> None:
    """An account in which every call of every source has something to find, or to go on with."""
    now = datetime.now(UTC)
    before = now - timedelta(minutes=20)
    account.functions.add("orders", before)
    account.stacks.add("shop", before, {"Resources": {"Orders": {"Type": "AWS::Lambda::Function"}}})
    account.stacks.resource("shop", "Orders", "AWS::Lambda::Function", "orders", before)
    account.signals.add(service("orders"))
    segment = {"id": "a", "name": "orders", "start_time": 0, "end_time": 1}
    seconds = {
        "Duration": 1.0,
        "ResponseTime": 1.0,
        "HasFault": True,
        "HasError": False,
        "HasThrottle": False,
    }
    account.traces.add_trace(
        {"Id": "1-a", "StartTime": now, "ServiceIds": [{"Name": "orders"}], **seconds}, [segment]
    )
    ecs = clients("ecs")
    ecs.create_cluster(clusterName="prod")
    for _ in range(2):
        ecs.register_task_definition(
            family="orders", containerDefinitions=[{"name": "orders", "image": "orders", "memory": 256}]
        )
    ecs.create_service(cluster="prod", serviceName="orders", taskDefinition="orders:2", desiredCount=1)
    codedeploy = clients("codedeploy")
    codedeploy.create_application(applicationName="orders", computePlatform="Lambda")
    codedeploy.create_deployment_group(
        applicationName="orders", deploymentGroupName="live", serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/cd"
    )
    codedeploy.create_deployment(applicationName="orders", deploymentGroupName="live")
    emulator.api.operations = {**emulator.api.operations, **infrequent_access()}


def infrequent_access() -> dict[tuple[str, str], Any]:
    """One group of either class; the query of the one does not end."""

    def described(asked: Mapping[str, Any]) -> dict[str, Any]:
        name = asked["logGroupNamePrefix"]
        kind = "INFREQUENT_ACCESS" if name == "rare" else "STANDARD"
        return {
            "logGroups": [{"logGroupName": name, "logGroupClass": kind, "creationTime": 0, "storedBytes": 1}]
        }

    return {
        ("logs", "DescribeLogGroups"): described,
        ("logs", "FilterLogEvents"): lambda asked: {"events": []},
        ("logs", "StartQuery"): lambda asked: {"queryId": "q"},
        ("logs", "GetQueryResults"): lambda asked: {"status": "Running", "results": []},
        ("logs", "StopQuery"): lambda asked: {"success": True},
    }


@pytest.mark.parametrize(
    ("parameter", "made"),
    [
        ("ReadLogs", lambda stack, clients: Logs(clients, 1.5)),
        ("ReadChanges", lambda stack, clients: Changes(clients, 60.0)),
        ("ReadNeighbours", neighbours),
        ("ReadHealth", lambda stack, clients: Health(clients, 60.0)),
        ("ReadTraces", lambda stack, clients: Traces(clients, 60.0)),
        ("ReadTemplate", lambda stack, clients: StackResource(clients, 60.0)),
    ],
)
def test_a_source_calls_what_it_may_and_may_what_it_calls(
    stack: Stack, full: None, monkeypatch: pytest.MonkeyPatch, parameter: str, made: Made
) -> None:
    called: set[str] = set()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        asked = client.meta.service_model.service_name
        called.add(f"{IAM_NAMES.get(asked, asked)}:{operation}")
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    now = datetime.now(UTC) + timedelta(minutes=1)
    told = incident(
        now, resource=[FUNCTION, SERVICE], log_group=["often", "rare"], first_seen_at=now.isoformat()
    )
    subject = Subject(subject_id="orders", depends_on=("orders-db",))

    looked = look(made(stack, clients), replace(told, subject=subject))

    assert called - OF_DIAGNOSE == SOURCES[parameter], looked
