"""A stalled AWS call ends by itself, well within what an invocation keeps for it."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import boto3
import pytest
from botocore.config import Config

from diagnose.claude.deadline import CALL_MARGIN_SECONDS
from diagnose.evidence.gathering import SOURCE_SECONDS, gather
from diagnose.evidence.sources.similar import SimilarTickets
from local.aws.template import ROOT
from runtime.aws import CALLS, QUICK_CALL_SECONDS, QUICK_CALLS
from tests.support.incidents import incident
from tickets.queries import TicketQueries
from tickets.table import TicketTable

LONGEST_BACKOFF_SECONDS = 6.0
"""After one attempt, be it throttled and told to wait. Source: botocore.retries.standard."""


def longest(calls: Config) -> float:
    """What a call takes whose every attempt connects at the last moment and then never hears more."""
    options = vars(calls)
    attempts = options["retries"]["total_max_attempts"]
    each = options["connect_timeout"] + options["read_timeout"]
    return float(attempts * each + (attempts - 1) * LONGEST_BACKOFF_SECONDS)


def test_a_stalled_call_leaves_time_to_write_the_diagnosis() -> None:
    assert vars(CALLS)["retries"]["total_max_attempts"] == 2  # what LONGEST_BACKOFF_SECONDS holds for
    assert longest(CALLS) <= CALL_MARGIN_SECONDS


def test_a_stalled_look_at_the_evidence_ends_while_it_is_waited_for() -> None:
    assert longest(QUICK_CALLS) == QUICK_CALL_SECONDS < SOURCE_SECONDS


def test_every_client_of_the_functions_is_held_to_this() -> None:
    built = [
        call
        for folder in ("functions", "layers/shared")
        for path in (ROOT / folder).rglob("*.py")
        for call in re.findall(r"\b(?:boto3\.(?:client|resource)|made)\(.*", path.read_text("utf-8"))
    ]

    assert len(built) > 3
    assert [call for call in built if "config=" not in call] == []


@pytest.fixture
def stalled() -> Iterator[str]:
    """An AWS that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def take() -> None:
            with suppress(OSError):
                while True:
                    taken.append(listening.accept()[0])

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for connection in taken:
            connection.close()


def test_similar_tickets_that_cannot_be_read_cost_a_line_and_leave_no_thread(
    stalled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    dynamodb = boto3.resource("dynamodb", "us-east-1", endpoint_url=stalled, config=QUICK_CALLS)
    threads, started = threading.active_count(), time.monotonic()

    source = SimilarTickets(TicketQueries(TicketTable(dynamodb.Table("tickets"))))
    context = gather(incident(), [], [source])

    assert context.gaps == ("could not look: diagnosed tickets of the invariant disk_latency: no answer",)
    assert time.monotonic() - started < SOURCE_SECONDS
    assert threading.active_count() == threads
    dynamodb.meta.client.close()
