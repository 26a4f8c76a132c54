"""What a ticket costs in calls to AWS: they are most of the bill, and what a burst is throttled for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient

from local.claude.server import StandIn
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline

MOST_FOR_A_HEALTHY_TICKET = 4
MOST_EACH_TIME_IT_IS_PUT_OFF = 3


@contextmanager
def counted() -> Iterator[list[str]]:
    """The names of the calls that this process makes meanwhile."""
    make_call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]
    calls: list[str] = []

    def call(client: BaseClient, name: str, parameters: Any) -> Any:
        calls.append(name)
        return make_call(client, name, parameters)

    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield calls


def diagnosed(pipeline: InvokedPipeline, ticket_id: str) -> list[str]:
    """The calls for a new ticket in an execution environment that is there already."""
    pipeline.put(ticket_id)
    [record] = pipeline.transitions()
    with counted() as calls:
        pipeline.diagnose(record)
    return calls


@pytest.mark.parametrize("concurrency", ["1", "5"])
def test_a_healthy_ticket(stand_in: StandIn, concurrency: str) -> None:
    with invoked_pipeline(stand_in, ReservedConcurrency=concurrency) as pipeline:
        diagnosed(pipeline, "t-0")

        calls = diagnosed(pipeline, "t-1")

        assert pipeline.item("t-1")["diagnosis_status"] == "done"
        assert "Query" in calls, "it has looked for similar tickets"
        assert len(calls) <= MOST_FOR_A_HEALTHY_TICKET


def test_a_ticket_that_finds_the_gate_closed(pipeline: InvokedPipeline) -> None:
    closed_until = pipeline.capacity.account_fault(pipeline.capacity.read(), "no credit")

    calls = diagnosed(pipeline, "t-1")

    assert pipeline.item("t-1")["diagnosis_status"] == "deferred"
    pipeline.clock.advance(closed_until - pipeline.clock.now() + 1)
    with counted() as all_of_sweep:
        pipeline.sweep()
    assert pipeline.item("t-1")["diagnosis_status"] == "pending"
    calls += [name for name in all_of_sweep if name == "UpdateItem"]
    assert len(calls) <= MOST_EACH_TIME_IT_IS_PUT_OFF


def test_of_many_that_find_it_closed_one_looks(pipeline: InvokedPipeline) -> None:
    pipeline.capacity.account_fault(pipeline.capacity.read(), "no credit")
    for number in range(10):
        pipeline.put(f"t-{number}")
    records = pipeline.transitions()
    pipeline.clock.advance(5)
    with counted() as calls:
        for record in records:
            pipeline.diagnose(record)

    assert {item["diagnosis_status"] for item in pipeline.items()} == {"deferred"}
    assert calls.count("GetItem") == 1
    assert len(calls) == 1 + len(records)
