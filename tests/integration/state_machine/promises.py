"""What is promised of tickets, held against every write that the stream shows."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from sweep.due import FORGOTTEN_SECONDS, what_is_due
from tests.integration.state_machine.fake_claude import Nature, nature_in
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.states import AWAITING_DIAGNOSIS, MOVES, DiagnosisStatus

Item = Mapping[str, Any]
Kind = Literal["producer", "person", "intake", "diagnose", "rearm", "sweep"]

LONGEST_LEASE_SECONDS = 300.0 + 60.0
LONGEST_WAIT_SECONDS = 28 * 3600.0
"""The longest that a gate stays closed, or a ticket in trouble waits: a day, and room."""
HORIZON_SECONDS = FORGOTTEN_SECONDS + LONGEST_WAIT_SECONDS
LARGEST_SKEW_SECONDS = 60.0
FINISHED = (DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
ENDS = (*FINISHED, DiagnosisStatus.DEFERRED)
FAILS_BY_NATURE = {
    "refusal": Nature.DECLINED,
    "not_the_schema": Nature.GARBLED,
    "truncated": Nature.ENDLESS,
    "prompt_too_long": Nature.HUGE,
    "bad_ticket": Nature.MALFORMED,
}

ASKED_TWICE = (Nature.GARBLED, Nature.ENDLESS)

Generation = tuple[str, int, int]
"""Ticket, how often a producer has written the whole of it, and its generation."""


@dataclass(eq=False)
class Actor:
    """Who writes. A diagnose invocation is known by the claim that it made; it has the record of a ticket."""

    kind: Kind
    token: str = ""
    claimed: Item = field(default_factory=dict)
    generation: Generation | None = None
    record_of: str = ""


@dataclass(frozen=True)
class Write:
    """One write of a ticket: its images before and after, and which other invocations were alive."""

    ticket_id: str
    actor: Actor
    old: Item | None
    new: Item | None
    alive: frozenset[str] = frozenset()


@dataclass
class Life:
    """What has happened to one ticket."""

    item: Item | None = None
    written: int = 0
    events: int = 0
    wakes_itself: int = 0
    erased: list[Item] = field(default_factory=list)


class Promises:
    """Raises AssertionError at the write that breaks one."""

    def __init__(self, dead_letters: AbstractSet[tuple[str, int]]) -> None:
        self.lives: dict[str, Life] = defaultdict(Life)
        self.claims: dict[str, int] = defaultdict(int)
        self._dead_letters = dead_letters
        self._done: set[Generation] = set()
        self._paid: dict[Generation, int] = defaultdict(int)
        self._payable: dict[Generation, int] = defaultdict(int)

    @property
    def items(self) -> dict[str, Item]:
        """The tickets as they are."""
        return {ticket_id: life.item for ticket_id, life in self.lives.items() if life.item is not None}

    def check(self, write: Write, *, wakes: bool) -> None:
        """Holds one write against the promises."""
        life = self.lives[write.ticket_id]
        if write.actor.kind in ("producer", "person"):
            self._take_in(life, write)
        else:
            assert write.old is not None, "a deleted ticket came back"
            assert write.new is not None, "the pipeline deleted a ticket"
            _writes_only_its_own(write.old, write.new)
            self._move(life, write, write.old, write.new)
            life.wakes_itself += wakes and write.actor.kind == "diagnose"
            assert life.wakes_itself <= 2 * life.events, "diagnose wakes itself"
        life.item = write.new

    def paid(self, actor: Actor) -> None:
        """An answer has been paid for: one for each claim, two where the table allows one more try.

        A question about a known cause would be one more; no ticket here has a known cause.
        """
        assert actor.generation is not None, "Claude was asked about a ticket that was not claimed"
        self._paid[actor.generation] += 1
        paid, allowed = self._paid[actor.generation], self._payable[actor.generation]
        assert paid <= allowed, f"{paid} answers paid for in one generation instead of {allowed}"

    def owed(self) -> dict[str, Item]:
        """The tickets that are to be diagnosed and are not finished."""
        return {ticket_id: item for ticket_id, item in self.items.items() if is_owed(item)}

    def check_wake_ups(self, now: float, on_its_way: Callable[[str], bool]) -> None:
        """Every unfinished ticket has a next wake-up in bounded time."""
        for ticket_id, item in self.owed().items():
            lease, not_before = float(item.get("lease_until", 0)), float(item.get("not_before", 0))
            assert lease <= now + LONGEST_LEASE_SECONDS + LARGEST_SKEW_SECONDS, (
                f"{ticket_id} is leased for long"
            )
            assert not_before <= now + LONGEST_WAIT_SECONDS, f"{ticket_id} waits for long"
            seen = dict(item)
            if item.get("diagnosis_status") in (None, "pending"):
                seen.setdefault("noticed_at", now)  # as the next sweep will stamp it
            due = what_is_due(seen, now + HORIZON_SECONDS)
            assert on_its_way(ticket_id) or due not in (None, "mark_waiting"), (
                f"nothing will wake {ticket_id}"
            )

    def _take_in(self, life: Life, write: Write) -> None:
        life.events += 1
        is_bump = write.old and write.new and "diagnosis_status" in write.new
        if write.actor.kind == "producer" and write.new and not is_bump:
            life.written += 1
            if write.old and "diagnosis_status" in write.old:
                life.erased.append(write.old)

    def _move(self, life: Life, write: Write, old: Item, new: Item) -> None:
        before, after, actor = old.get("diagnosis_status"), new.get("diagnosis_status"), write.actor
        assert new.get("generation", 0) >= old.get("generation", 0), "the generation went back"
        if actor.kind == "diagnose" and before is None and any(_restores(new, was) for was in life.erased):
            assert old["status"] in AWAITING_DIAGNOSIS, "restored what a person has finished with"
            assert new["status"] in {old["status"], "diagnosed"}, "a restored ticket changed its status"
            return
        if after == DiagnosisStatus.RUNNING and new["claim_token"] != old.get("claim_token"):
            self._claim(life, write, old, new)
        elif after != before and after in ENDS and actor.token:
            self._end(life, write, old, new)
        else:
            assert after == before or _is_a_move(before, after, actor.kind), (
                f"{actor.kind}: {before} to {after}"
            )
            assert new["status"] == old["status"], f"{actor.kind} changed the status"
            redriven = old["status"] == "diagnosed" and (before, after) == ("failed", "pending")
            assert new.get("rediagnose") == old.get("rediagnose") or redriven, (
                f"{actor.kind} changed a request"
            )
            assert after == before or _wants_diagnosis(old) or redriven or _is_withdrawn(old, after), (
                f"{actor.kind} moved a finished ticket"
            )
            if before == DiagnosisStatus.RUNNING and after == DiagnosisStatus.PENDING:
                assert old["claim_token"] not in write.alive, "a ticket was taken from a live invocation"

    def _claim(self, life: Life, write: Write, old: Item, new: Item) -> None:
        assert write.actor.kind == "diagnose"
        assert _wants_diagnosis(new), "a resolved ticket was claimed"
        actor = write.actor
        is_marked = old.get("diagnosis_status") in ("pending", "running") and "generation" in old
        assert is_marked or actor.record_of == write.ticket_id, "woken ahead, and may have been overwritten"
        actor.token, actor.claimed = new["claim_token"], new
        actor.generation = (write.ticket_id, life.written, int(new["generation"]))
        if (before := old.get("diagnosis_status")) == DiagnosisStatus.RUNNING:
            assert old["claim_token"] not in write.alive, "a ticket was claimed from a live invocation"
        else:
            assert before in (None, "pending"), f"claimed a ticket that was {before}"
            assert actor.generation not in self._payable, "claimed twice in a generation"
        self._payable[actor.generation] += 2 if nature_in(str(new.get("message"))) in ASKED_TWICE else 1
        self.claims[write.ticket_id] += 1

    def _end(self, life: Life, write: Write, old: Item, new: Item) -> None:
        before, after, actor = old.get("diagnosis_status"), new["diagnosis_status"], write.actor
        assert new["claim_token"] == actor.token, "ended by an invocation that did not hold it"
        assert actor.generation is not None
        if before is None:
            assert actor.generation[1] != life.written, "ended a ticket that nobody had claimed"
        else:
            assert (before, old["claim_token"]) == ("running", actor.token), (
                f"ended a ticket that was {before}"
            )
        if new.get("rediagnose") != old.get("rediagnose"):
            assert after in FINISHED, "a request was dropped before it was served"
            assert old["rediagnose"] == actor.claimed["rediagnose"], "a request was dropped that came later"
        left_alone = before is None or old["status"] == actor.claimed["status"]  # by people, during the run
        diagnosed = after == DiagnosisStatus.DONE and old["status"] in AWAITING_DIAGNOSIS and left_alone
        assert new["status"] == ("diagnosed" if diagnosed else old["status"]), "a person's status was undone"
        if after == DiagnosisStatus.DONE:
            assert actor.generation not in self._done, "done twice in a generation"
            self._done.add(actor.generation)
        if after == DiagnosisStatus.FAILED:
            self._fail(write.ticket_id, actor, new)

    def _fail(self, ticket_id: str, actor: Actor, new: Item) -> None:
        kind = new["diagnosis_error"]["kind"]
        assert (ticket_id, new["generation"]) in self._dead_letters, "failed without a dead letter"
        assert nature_in(str(actor.claimed.get("message"))) is FAILS_BY_NATURE.get(kind), f"failed: {kind}"


def is_owed(item: Item) -> bool:
    """Whether the pipeline owes this ticket a diagnosis: one that was set aside is owed none."""
    left_alone = (*FINISHED, DiagnosisStatus.SET_ASIDE)
    return "rediagnose" in item or (
        item.get("status") in AWAITING_DIAGNOSIS and item.get("diagnosis_status") not in left_alone
    )


def _wants_diagnosis(item: Item) -> bool:
    return item.get("status") in AWAITING_DIAGNOSIS or "rediagnose" in item


def _writes_only_its_own(old: Item, new: Item) -> None:
    for name in (old.keys() | new.keys()) - PIPELINE_ATTRIBUTES - {"status"}:
        assert old.get(name) == new.get(name), f"the pipeline wrote {name}"


def _restores(new: Item, erased: Item) -> bool:
    return all(new.get(name) == value for name, value in erased.items() if name in PIPELINE_ATTRIBUTES)


def _is_withdrawn(old: Item, after: object) -> bool:
    """Whether a person has taken back the request for a fresh diagnosis, and the former one stands again."""
    asked_no_more = old["status"] == "diagnosed" and "rediagnose" not in old
    return asked_no_more and old.get("diagnosis_status") in ("pending", "deferred") and after == "done"


def _is_a_move(before: str | None, after: str | None, by: str) -> bool:
    return any(before in move.sources and after == move.target and by in move.by for move in MOVES)
