"""The table in memory behaves as the emulator's does, for every move that the store makes."""

from collections.abc import Callable
from typing import Any, cast

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.support.fake_clock import FakeClock
from tests.support.in_memory_table import InMemoryTicketTable
from tests.support.ticket_store import TicketStore
from tickets.claim import Claim
from tickets.table import MoveRefusedError, TicketTable

# Other tests say what is covered; to follow these line by line would take minutes.
pytestmark = pytest.mark.not_followed

TICKET = {"ticket_id": "t", "status": "open", "invariant_name": "i", "message": "m"}
Step = tuple[str, Any]

steps = st.one_of(
    st.tuples(st.just("claim"), st.sampled_from(["event-1", "event-2"])),
    st.tuples(st.sampled_from(["complete", "fail", "defer", "release"]), st.none()),
    st.tuples(st.just("redrive"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["bring_back", "mark_waiting", "rediagnose", "restore"]), st.none()),
    st.tuples(st.just("advance"), st.sampled_from([10.0, 5000.0])),
    st.tuples(st.just("status"), st.sampled_from(["open", "acknowledged", "resolved"])),
    st.tuples(st.just("ask"), st.sampled_from(["again", "please"])),
)


def play(
    store: TicketStore, put: Callable[[dict[str, Any]], None], clock: FakeClock, script: list[Step]
) -> list[Any]:
    """What each step did: the item after it, or that it was refused. Claim tokens are random, so left out."""
    put(dict(TICKET))
    claim = Claim("t", "none", {})
    seen: list[Any] = []
    moves: dict[str, Callable[[Any], Any]] = {
        "complete": lambda _: store.runs.complete(
            claim, {"diagnosis": "d", "diagnosed_at": "now", "similar_key": "k"}
        ),
        "fail": lambda _: store.runs.fail(claim, {"diagnosis": "e"}),
        "defer": lambda _: store.runs.defer(claim, clock.now() + 60, {"deferred_for": "gate"}),
        "release": lambda _: store.runs.release(claim, 5.0),
        "park": lambda _: store.runs.park("t", clock.now() + 60, {"deferred_for": "gate"}),
        "bring_back": lambda _: store.recovery.bring_back(store.queries.get("t") or {}),
        "redrive": lambda generation: store.recovery.redrive("t", generation),
        "mark_waiting": lambda _: store.recovery.mark_waiting("t"),
        "rediagnose": lambda _: store.requests.rediagnose(store.queries.get("t") or {}),
        "restore": lambda _: store.repairs.restore(
            "t", {"diagnosis_status": "done", "generation": 1}, "open"
        ),
        "advance": clock.advance,
        "status": lambda status: put({**(store.queries.get("t") or {}), "status": status}),
        "ask": lambda text: put({**(store.queries.get("t") or {}), "rediagnose": text}),
    }
    for name, argument in script:
        try:
            if name == "claim":
                claim = store.runs.claim("t", argument, 100.0)
            else:
                moves[name](argument)
        except MoveRefusedError:
            seen.append((name, "refused"))
        item = store.queries.get("t") or {}
        seen.append({key: value for key, value in item.items() if key != "claim_token"})
    return seen


@pytest.fixture(scope="module")
def emulated() -> Any:
    with mock_aws():
        yield boto3.resource("dynamodb", region_name="us-east-1").create_table(
            TableName="tickets",
            KeySchema=[{"AttributeName": "ticket_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "ticket_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(script=st.lists(steps, min_size=3, max_size=12))
def test_the_same_moves_give_the_same_tickets(emulated: Any, script: list[Step]) -> None:
    memory = InMemoryTicketTable()
    clock, other_clock = FakeClock(), FakeClock()

    def put(item: dict[str, Any]) -> None:
        emulated.put_item(Item=item)

    on_emulator = play(TicketStore(TicketTable(emulated), clock), put, clock, script)
    in_memory = play(TicketStore(cast("TicketTable", memory), other_clock), memory.put, other_clock, script)

    assert on_emulator == in_memory
