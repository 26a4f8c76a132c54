"""Every source against an AWS that takes each call and never answers: it ends in its time, and says so."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config

from diagnose.evidence import gathering
from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import Source, gather
from diagnose.evidence.sources.alarm.source import Alarms
from diagnose.evidence.sources.changes.source import Changes
from diagnose.evidence.sources.health import Health
from diagnose.evidence.sources.logs.source import Logs
from diagnose.evidence.sources.metrics import listing
from diagnose.evidence.sources.metrics.source import Metrics
from diagnose.evidence.sources.neighbours.source import Neighbours
from diagnose.evidence.sources.similar import SimilarTickets
from diagnose.evidence.sources.stack_resource import StackResource
from diagnose.evidence.sources.traces import Traces
from local.aws.names import ACCOUNT, REGION
from subjects.subject import Subject
from tests.support.incidents import incident
from tests.support.looking import NOW
from tickets.queries import TicketQueries
from tickets.table import TicketTable

CALL, SOURCE = 1.0, 3.0
"""Seconds of a call and of a source, each a third or so of what it is in earnest."""
ONE_THIRD = Config(
    connect_timeout=0.1 * CALL, read_timeout=0.9 * CALL, retries={"mode": "standard", "total_max_attempts": 1}
)
SERVICES = (
    "application-signals", "cloudformation", "cloudtrail", "cloudwatch", "codedeploy", "ecs", "health",
    "lambda", "logs", "resourcegroupstaggingapi", "ssm", "xray",
)  # fmt: skip
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/orders"


class ShortMetrics(Metrics):
    seconds = SOURCE


class ShortAlarms(Alarms):
    seconds = SOURCE


@pytest.fixture
def silent() -> Iterator[str]:
    """Connections are taken, by the kernel, and nothing is ever read from them."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def sources(silent: str, monkeypatch: pytest.MonkeyPatch) -> list[Source]:
    monkeypatch.setattr(gathering, "QUICK_CALL_SECONDS", CALL)
    monkeypatch.setattr(listing, "KEPT_SECONDS", CALL)
    told: dict[str, Any] = {
        "region_name": REGION,
        "endpoint_url": silent,
        "config": ONE_THIRD,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }

    @cache
    def made(service: str) -> Any:
        return boto3.client(service, **told)  # type: ignore[call-overload]

    for service in SERVICES:  # which takes a while, and is not what is measured
        made(service)
    clients: Clients = lambda service, region: made(service)  # noqa: E731
    table = boto3.resource("dynamodb", **told).Table("tickets")
    return [
        ShortMetrics(clients),
        ShortAlarms(clients),
        Logs(clients, SOURCE),
        Changes(clients, SOURCE),
        Neighbours(table, table, clients, SOURCE),
        SimilarTickets(TicketQueries(TicketTable(table)), SOURCE),
        Health(clients, SOURCE),
        Traces(clients, SOURCE),
        StackResource(clients, SOURCE),
    ]


def test_every_source_ends_in_its_time_and_says_what_it_could_not_see(sources: list[Source]) -> None:
    told = incident(
        NOW,
        alarm="orders-slow",
        namespace="Shop",
        metric_name="Orders",
        dimensions={"Stage": "prod"},
        resource=[FUNCTION, SERVICE],
        log_group=[f"/orders/{number}" for number in range(5)],
        first_seen_at=(NOW - timedelta(hours=1)).isoformat(),
    )
    subject = Subject(subject_id="orders", depends_on=("orders-db",))

    context = gather(replace(told, subject=subject), (), sources)

    assert [gap for gap in context.gaps if "no answer within" in gap or "nothing" in gap] == []
    assert {read.name for read in context.sources if read.unread} == {source.name for source in sources}
    assert all(read.seconds < SOURCE for read in context.sources)
