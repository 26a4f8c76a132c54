"""What a ticket costs in calls to AWS: they are most of the bill, and what a burst is throttled for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient

from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline

MOST_FOR_A_HEALTHY_TICKET = 4
MOST_EACH_TIME_IT_IS_PUT_OFF = 3
EVIDENCE = "Query"
"""Each attempt reads its evidence anew; here that is the look for similar tickets."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """The names of the calls that this process makes meanwhile; those to StateTable with "state" before."""
    make_call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]
    calls: list[str] = []

    def call(client: BaseClient, name: str, parameters: Any) -> Any:
        calls.append("state " * ("state_id" in parameters.get("Key", {})) + name)
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
    assert calls.count("state GetItem") == 1
    assert len(calls) == 1 + len(records)


def put_off_and_diagnosed(pipeline: InvokedPipeline, come_back: Callable[[], object]) -> list[str]:
    """The calls for a new ticket that is put off once, but for those of its second attempt."""
    calls = diagnosed(pipeline, "t-1")
    assert pipeline.item("t-1")["diagnosis_status"] == "deferred"
    pipeline.clock.advance(float(pipeline.item("t-1")["not_before"]) - pipeline.clock.now() + 1)
    with counted() as all_of_it:
        come_back()
    calls += [name for name in all_of_it if name in ("UpdateItem", "SendMessage")]
    pipeline.deliver()
    assert pipeline.item("t-1")["diagnosis_status"] == "done"
    return calls


def test_a_ticket_in_trouble(pipeline: InvokedPipeline) -> None:
    diagnosed(pipeline, "t-0")
    pipeline.stand_in.script(Fault(Kind.BAD_REQUEST))

    calls = put_off_and_diagnosed(pipeline, pipeline.sweep)

    assert calls.count(EVIDENCE) == 1
    assert calls.count("state UpdateItem") == 1, "it may be the provider's fault"
    assert len(calls) - 2 <= MOST_EACH_TIME_IT_IS_PUT_OFF


def test_a_ticket_that_meets_a_rate_limit(pipeline: InvokedPipeline) -> None:
    diagnosed(pipeline, "t-0")
    pipeline.stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=600))

    calls = put_off_and_diagnosed(pipeline, lambda: pipeline.rearm(pipeline.sent("RetryQueue")[0].body))

    of_the_gate = ["state UpdateItem", "SendMessage"]
    assert [name for name in calls if name in of_the_gate] == of_the_gate, "once for all who wait for it"
    assert calls.count(EVIDENCE) == 1
    assert len(calls) - 3 <= MOST_EACH_TIME_IT_IS_PUT_OFF
