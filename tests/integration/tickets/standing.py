"""Tickets in each diagnosis_status, and every move of the store with where it may start and end."""

from collections.abc import Callable, Mapping
from typing import Any

from runtime.items import storable
from tests.support.ticket_store import TicketStore
from tickets.claim import Claim

Item = dict[str, Any]
Move = Callable[[TicketStore, Item], Any]

NOW = 1_800_000_000.0
TOKEN = "the token of the claim"
EVENT = "event-1"
GENERATION = 2
LEASE = 360.0
LONG_AGO = NOW - 100_000.0

TICKET = {
    "ticket_id": "T-1",
    "status": "open",
    "invariant_name": "store_up",
    "message": "store 4 is down",
    "occurrence_count": 3,
}
RUN = {"generation": GENERATION, "attempts": 1, "waiting_since": NOW - 90}
CLAIMED = {"claim_token": TOKEN, "claim_event": EVENT}
FOUND = {
    "diagnosis": "# Disk latency",
    "diagnosis_record": {"primary": {"diagnosis": "disk latency"}},
    "diagnosis_summary": {"cause": "disk latency"},
    "diagnosis_notes": [],
    "diagnosed_at": "2027-01-15T08:00:00.000Z",
    "diagnosis_model": "claude-test",
    "prompt_version": "p1",
    "similar_key": "store_up",
}
ERROR = {"diagnosis": "# Diagnosis error", "diagnosis_error": {"kind": "refusal", "message": "no"}}
ASKED = {"rediagnose": "the disk was replaced"}

STANDS: Mapping[str | None, Item] = {
    None: {"noticed_at": LONG_AGO},
    "pending": {**RUN, "diagnosis_status": "pending", "noticed_at": LONG_AGO},
    "running": {**RUN, **CLAIMED, "diagnosis_status": "running", "lease_until": NOW - 1},
    "deferred": {
        **RUN,
        **CLAIMED,
        "diagnosis_status": "deferred",
        "not_before": NOW - 1,
        "deferred_for": "gate",
        "deferred_reason": "busy",
    },
    "done": {**FOUND, **CLAIMED, "diagnosis_status": "done", "generation": GENERATION},
    "failed": {**ERROR, **CLAIMED, "diagnosis_status": "failed", "generation": GENERATION},
    "set_aside": {"diagnosis_status": "set_aside", "set_aside_for": "severity", "generation": GENERATION},
}
"""A ticket in each diagnosis_status, ready for every move that may start there."""


def held(item: Item) -> Claim:
    return Claim("T-1", TOKEN, {**TICKET, **RUN, **CLAIMED, "status": item.get("status", "open")})


MOVES: Mapping[str, Move] = {
    "claim": lambda store, item: store.runs.claim("T-1", "event-2", LEASE),
    "release": lambda store, item: store.runs.release(held(item), 5.0),
    "complete": lambda store, item: store.runs.complete(held(item), FOUND),
    "fail": lambda store, item: store.runs.fail(held(item), ERROR),
    "defer": lambda store, item: store.runs.defer(held(item), NOW + 60, {"deferred_for": "gate"}),
    "park": lambda store, item: store.runs.park("T-1", NOW + 60, {"deferred_for": "gate"}),
    "bring_back": lambda store, item: store.recovery.bring_back(storable({"ticket_id": "T-1", **item})),
    "redrive": lambda store, item: store.recovery.redrive("T-1", GENERATION),
    "mark_waiting": lambda store, item: store.recovery.mark_waiting("T-1"),
    "rediagnose": lambda store, item: store.requests.rediagnose({**TICKET, **item}),
    "restore": lambda store, item: store.repairs.restore("T-1", STANDS["done"], "open"),
}
LANDS: Mapping[str, Mapping[str | None, str | None]] = {
    "claim": {None: "running", "pending": "running"},
    "release": {"running": "running"},
    "complete": {"running": "done", None: "done"},
    "fail": {"running": "failed", None: "failed"},
    "defer": {"running": "deferred", None: "deferred"},
    "park": {None: "deferred", "pending": "deferred"},
    "bring_back": dict.fromkeys((None, "pending", "running", "deferred"), "pending"),
    "redrive": {"failed": "pending"},
    "mark_waiting": {None: None, "pending": "pending"},
    "rediagnose": {"done": "pending", "failed": "pending", "set_aside": "pending"},
    "restore": {None: "done"},
}
"""Where each move may start and where it ends; an ending also starts where a producer has erased the run."""

RAISING = ("bring_back", "redrive", "rediagnose")
REPEATED = [("complete", "done"), ("fail", "failed"), ("defer", "deferred")]
"""An ending that the same claim has already written: no refusal, and no second time."""
ALLOWED = [(move, start) for move, lands in LANDS.items() for start in lands]
REFUSED = [
    (move, start)
    for move in MOVES
    for start in STANDS
    if start not in LANDS[move] and (move, start) not in REPEATED
]


def standing(start: str | None, move: str) -> Item:
    """A ticket in `start` with what `move` looks for beside the status."""
    item = {**TICKET, **STANDS[start]}
    if move == "mark_waiting":
        item.pop("noticed_at", None)
    return {**item, **ASKED} if move == "rediagnose" else item
