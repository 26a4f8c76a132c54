"""What a page of the board costs, from the event to the answer: processor time, and bytes of the answer.

The function's own code and boto3 are measured whole. DynamoDB is not there: its answers are canned, in pages
of 1 MB as it gives them. Bar: 300 ms for the list of 1,000 tickets. Written to docs/benchmarks.md.
"""

import io
import json
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

from boto3.dynamodb.types import TypeSerializer
from botocore.awsrequest import AWSResponse

import board.app
import board.wiring
from board.board import Board
from board.tickets import Tickets
from local.aws.function import LambdaContext
from runtime.clock import SystemClock
from runtime.items import open_dynamodb, storable
from tests.benchmarks.page import machine, table, write_section
from tests.support.drawn_pages import ENDPOINT, WIDE, whole_ticket
from tickets.people import People
from tickets.queries import TicketQueries
from tickets.table import TicketTable

MILLISECONDS = 300
LAMBDAS_LIMIT = 6 * 1024 * 1024
"""Bytes of an answer. Source: Lambda's quotas."""
PAGE_BYTES = 1024 * 1024
"""Of the answer to a query. Source: DynamoDB, Query."""
ROUNDS = 5
"""Of which the quickest counts: whatever else the machine does only adds to the others."""
TITLE = "The board"
INTRODUCTION = """\
Written by `make bench ONLY=board`. Processor time from the widget's event to its answer, with boto3 and the
reading of what DynamoDB answers, and the answer as Lambda carries it, of 6,144 KB at the most; bar: {bar} ms
for a list of 1,000 tickets. {machine}."""
KEYS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
CONTEXT = LambdaContext("board", 1024, ENDPOINT, "req-1", 0.0)
SUMMARY = {
    "cause": "The connection pool was cut from 40 to 10 by a parameter, so requests wait for a connection. "
    * 3,
    "action": "Put the parameter back to 40 and restart the tasks one after the other. " * 3,
    "headline": "ledger-api waits for connections since its pool was cut to 10: put it back to 40.",
    "verdict": "action_required",
    "confidence": "medium",
}
LISTED = ("status", "diagnosis_status", "severity", "subject", "component", "invariant_name")


def listed(count: int) -> Iterator[dict[str, Any]]:
    """Diagnosed tickets as an index shows them; of twenty one is an incident and the others its members."""
    whole = whole_ticket()
    for at in range(count):
        yield {
            **{name: whole[name] for name in LISTED},
            "ticket_id": f"tkt-20261120-{at:06}",
            "first_seen_at": f"2026-11-{1 + at % 28:02}T{at % 24:02}:{at % 60:02}:00Z",
            "member_since": f"2026-11-{1 + at % 28:02}T{at % 24:02}:{at % 60:02}:00Z",
            "diagnosis_summary": SUMMARY,
            **({"incident_id": f"tkt-20261120-{at // 20 * 20:06}"} if at % 20 else {}),
        }


class Canned:
    """DynamoDB's answers: to a query for those that are diagnosed, for members, and for one ticket."""

    def __init__(self, tickets: int, members: int) -> None:
        self._of = {"diagnosed": _pages(listed(tickets)), "T-1": _pages(listed(members))}
        self._ticket = json.dumps({"Item": _typed(whole_ticket())}).encode()

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        asked = json.loads(request.body)
        if request.headers["X-Amz-Target"].decode().endswith(".GetItem"):
            return _response(self._ticket)
        [value] = asked["ExpressionAttributeValues"].values()
        page = int(asked.get("ExclusiveStartKey", {"page": {"N": "0"}})["page"]["N"])
        return _response(self._of.get(value["S"], [b'{"Items": []}'])[page])


class _Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def _response(body: bytes) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse("", 200, headers, _Raw(body))


def _typed(item: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in storable(item).items()}


def _pages(items: Iterator[dict[str, Any]]) -> list[bytes]:
    pages: list[list[str]] = [[]]
    for item in items:
        written = json.dumps(_typed(item))
        if sum(map(len, pages[-1])) + len(written) > PAGE_BYTES:
            pages.append([])
        pages[-1].append(written)
    last = len(pages) - 1
    nexts = [f', "LastEvaluatedKey": {{"page": {{"N": "{at + 1}"}}}}' for at in range(last)]
    return [
        f'{{"Items": [{",".join(page)}]{following}}}'.encode()
        for page, following in zip(pages, [*nexts, ""], strict=True)
    ]


def measured(event: dict[str, Any], tickets: int = 0, members: int = 0) -> tuple[float, int]:
    """Milliseconds of processor time of the quickest round, and bytes of the answer in JSON."""
    resource = open_dynamodb()
    answers: Any = Canned(tickets, members)
    resource.meta.client.meta.events.register("before-send.dynamodb", answers)
    own = TicketTable(resource.Table("tickets"))
    clock = SystemClock()
    built = Board(Tickets(TicketQueries(own)), People(own, clock), clock, "us-east-1", "tickets")
    took = []
    with mock.patch.object(board.app, "board", return_value=built):
        for _ in range(ROUNDS):
            started = time.process_time()
            answer = board.app.handler({"widgetContext": WIDE, **event}, CONTEXT)
            took.append((time.process_time() - started) * 1e3)
    assert "trouble" not in answer
    return min(took), len(json.dumps(answer))


ONE = {"view": "ticket", "ticket_id": "T-1"}
CASES: Sequence[tuple[str, dict[str, Any], dict[str, int]]] = (
    ("list, 100 tickets", {}, {"tickets": 100}),
    ("list, 1,000 tickets", {}, {"tickets": 1000}),
    ("list, 1,000 tickets, one severity", {"severity": "critical"}, {"tickets": 1000}),
    ("list, 5,000 tickets and more", {}, {"tickets": 5200}),
    ("a ticket", ONE, {}),
    ("an incident of 500", ONE, {"members": 500}),
    ("its report", {**ONE, "view": "report"}, {"members": 500}),
)


def bench_board() -> None:
    with mock.patch.dict(os.environ, KEYS):
        found = {name: measured(event, **there) for name, event, there in CASES}
    rows = [[name, f"{took:.0f}", f"{size / 1024:.0f}"] for name, (took, size) in found.items()]
    report = "\n\n".join(
        [
            INTRODUCTION.format(bar=MILLISECONDS, machine=machine()),
            table(["", "ms", "KB"], rows),
        ]
    )
    print(f"\n{report}")
    write_section(TITLE, report)

    assert max(took for name, (took, _) in found.items() if "1,000" in name) <= MILLISECONDS
    assert max(size for _, size in found.values()) <= LAMBDAS_LIMIT
