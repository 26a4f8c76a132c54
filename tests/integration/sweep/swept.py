"""What the tests of sweep put before it, and read of what it has done."""

import json
from typing import Any

import pytest

from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline
from tickets.stream_lag import StreamLag


def put_overdue(pipeline: InvokedPipeline, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    deferred = {
        "diagnosis_status": "deferred",
        "generation": 0,
        "not_before": int(pipeline.clock.now()) - 1000,
    }
    pipeline.put(ticket_id, **{**deferred, **attributes})


def put_waiting(pipeline: InvokedPipeline, ticket_id: str) -> None:
    now = int(pipeline.clock.now())
    pipeline.put(ticket_id, diagnosis_status="pending", generation=1, waiting_since=now - 100, noticed_at=now)


def told(pipeline: InvokedPipeline, delivers: float) -> None:
    """The stream has just delivered what was written then (epoch seconds)."""
    StreamLag(pipeline.diagnose_ticket.stream._table, pipeline.clock).tell(delivers)


def counted(capsys: pytest.CaptureFixture[str], name: str) -> float:
    """The last value of a metric, as the embedded format prints it."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [value] = next(line[name] for line in reversed(lines) if name in line)
    return float(value)


def names(count: int) -> list[str]:
    return [f"t-{number}" for number in range(count)]


def limited(pipeline: InvokedPipeline, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    """Claude's pace is such that a run may bring back no more than so many."""
    pace = pipeline.sweep_tickets.interval_seconds / budget
    monkeypatch.setattr(pipeline.sweep_tickets.capacity, "pace", lambda state: pace)
