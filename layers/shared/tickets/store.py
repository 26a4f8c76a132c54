"""The tickets' table: every move between statuses is one conditional update here (one is two)."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase, Key

from runtime.clock import Clock, SystemClock
from runtime.items import storable
from runtime.unreadable import unreadable_in
from tickets import states
from tickets.attributes import PIPELINE_ATTRIBUTES, invalid_values
from tickets.claim import Claim
from tickets.conditions import (
    is_erased_and_tells_of,
    is_held_by,
    is_of_generation,
    stands_before,
    wants_diagnosis,
)
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus, Move, Status
from tickets.table import WRITE_ATTEMPTS, ItemTooLargeError, MoveRefusedError, TicketTable

SERIES = (
    "attempts",
    "restarts",
    "attempt_seconds",
    "troubles",
    "trouble_seconds",
    "trouble_wait",
    "waiting_since",
)
"""What is kept from a ticket's first claim to its outcome."""

HISTORY_LENGTH = 3


class TicketStore:
    """Reads and moves tickets. A move whose condition fails raises MoveRefusedError and changes nothing."""

    def __init__(self, table: TicketTable, clock: Clock | None = None) -> None:
        self._table = table
        self._clock = clock or SystemClock()

    def get(self, ticket_id: str) -> dict[str, Any] | None:
        """The ticket as it is now, strongly consistent; None when there is none."""
        return self._table.get(ticket_id)

    def remove_invalid(self, ticket_id: str, attributes: Mapping[str, Any]) -> None:
        """Removes attributes, if they still have the values given here, or one that cannot be read."""
        conditions = [
            Attr(name).exists() if any(unreadable_in(value)) else Attr(name).eq(value)
            for name, value in attributes.items()
        ]
        self._table.update(ticket_id, {}, remove=attributes, condition=reduce(and_, conditions))

    def respell(self, ticket_id: str, written: str) -> None:
        """Writes a misspelt `status` as it is meant, if it still stands there."""
        meant = states.meant_by(written)
        self._table.update(ticket_id, {"status": meant}, condition=Attr("status").eq(written))

    def claim(self, ticket_id: str, event_id: str, lease_seconds: float, restarts: int = 0) -> Claim:
        """absent, pending -> running.

        A retried event passes its own earlier claim only when its lease is over. `restarts`: how many runs of
        this incident were dropped because the ticket was overwritten.
        """
        now = self._clock.now()
        token = uuid.uuid4().hex
        own_earlier_claim = (
            Attr("diagnosis_status").eq(DiagnosisStatus.RUNNING)
            & Attr("claim_event").eq(event_id)
            & Attr("lease_until").lt(storable(now))
        )
        counted = {"restarts": restarts} if restarts else {}
        update = {
            "diagnosis_status": states.CLAIM.target,
            "claim_token": token,
            "claim_event": event_id,
            "lease_until": now + lease_seconds,
        }
        try:
            item = self._table.update(
                ticket_id,
                update,
                remove=("noticed_at", "not_before", "deferred_for", "deferred_reason"),
                condition=(stands_before(states.CLAIM) | own_earlier_claim) & wants_diagnosis(),
                initial={"generation": 0, "waiting_since": now, **counted},
                add={"attempts": 1},
            )
        except MoveRefusedError as refused:
            if refused.item.get("claim_token") != token:
                raise
            item = dict(refused.item)  # the claim was written; only its answer was lost on the way
        return Claim(ticket_id, token, item)

    def park(self, ticket_id: str, not_before: float, deferral: Mapping[str, Any]) -> None:
        """absent, pending -> deferred, unclaimed: Claude may not be called until then (epoch seconds)."""
        self._table.update(
            ticket_id,
            {"diagnosis_status": states.PARK.target, "not_before": not_before, **deferral},
            remove=("noticed_at",),
            condition=stands_before(states.PARK) & wants_diagnosis(),
            initial={"generation": 0, "waiting_since": self._clock.now()},
        )

    def release(self, claim: Claim, attempt_seconds: float | None) -> None:
        """Ends the claim's lease now, so that a retry of the same event may claim again.

        `attempt_seconds` is what the attempt took; None says that it is not to count.
        """
        update: dict[str, Any] = {"lease_until": 0, "attempt_seconds": attempt_seconds}
        if attempt_seconds is None:
            update = {"lease_until": 0, "attempts": claim.attempts - 1}
        self._table.update(claim.ticket_id, update, condition=is_held_by(claim))

    def complete(self, claim: Claim, findings: Mapping[str, Any]) -> None:
        """running -> done, with the diagnosis.

        `status` open or acknowledged -> diagnosed in the same write, unless a person set it during the run.
        """
        self._finish(claim, states.COMPLETE, findings, remove=("diagnosis_error",))

    def fail(self, claim: Claim, findings: Mapping[str, Any]) -> None:
        """running -> failed, with the reason; the ticket leaves the index of similar diagnosed tickets."""
        self._finish(claim, states.FAIL, findings, remove=("similar_key", "diagnosed_at", "diagnosis_record"))

    def defer(self, claim: Claim, not_before: float, deferral: Mapping[str, Any]) -> None:
        """running -> deferred until `not_before` (epoch seconds).

        A request of a person's stays on the ticket.
        """
        update = {"not_before": not_before, "attempts": 0, **deferral}
        self._finish(claim, states.DEFER, update, remove=("attempt_seconds",))

    def rearm(self, ticket_id: str, generation: int) -> None:
        """deferred -> pending, when it is still of this generation."""
        self._to_pending(ticket_id, generation, states.REARM, is_of_generation(generation))

    def redrive(self, ticket_id: str, generation: int) -> None:
        """failed -> pending, when it is still of this generation; attempts and faults start again.

        Where the fresh diagnosis failed that a person had asked for, this asks again; nothing else would.
        """
        condition = Attr("generation").eq(generation)
        try:
            self._to_pending(ticket_id, generation, states.REDRIVE, condition, SERIES)
        except MoveRefusedError as refused:
            if refused.item.get("status") != Status.DIAGNOSED:
                raise
            asked = {"rediagnose": "redriven from the dead-letter queue"}
            diagnosed = Attr("status").eq(Status.DIAGNOSED)
            self._to_pending(ticket_id, generation, states.REDRIVE, condition, SERIES, asked, diagnosed)

    def recover_abandoned(self, ticket_id: str, generation: int) -> None:
        """running -> pending, when its lease is over, or it has none."""
        running = Attr("diagnosis_status").eq(DiagnosisStatus.RUNNING)
        lease = Attr("lease_until")
        condition = running & (lease.lt(storable(self._clock.now())) | lease.not_exists())
        self._to_pending(ticket_id, generation, states.RECOVER, condition & is_of_generation(generation))

    def recover_forgotten(self, ticket_id: str, generation: int, noticed_before: float) -> None:
        """absent or pending -> pending, when it was noticed before `noticed_before` (epoch seconds).

        A pending ticket goes by way of deferred, in a write of its own, so that the stream's filter sees a
        transition. After a crash between the two it is deferred and overdue, and the next sweep re-arms it.
        """
        forgotten = Attr("noticed_at").lt(storable(noticed_before)) & is_of_generation(generation)
        pending = Attr("diagnosis_status").eq(DiagnosisStatus.PENDING)
        try:
            self._table.update(
                ticket_id,
                {"diagnosis_status": states.PARK.target},
                condition=forgotten & pending & wants_diagnosis(),
            )
        except MoveRefusedError as refused:
            if "diagnosis_status" in refused.item or not refused.item:
                raise
            absent = Attr("diagnosis_status").not_exists()
            self._to_pending(ticket_id, generation, states.RECOVER, forgotten & absent)
        else:
            self._to_pending(ticket_id, generation, states.REARM, is_of_generation(generation))

    def recover_unknown(self, ticket_id: str, generation: int, status: str) -> None:
        """A status that is none of the pipeline's -> pending."""
        stands = Attr("diagnosis_status").eq(status)
        self._to_pending(ticket_id, generation, states.RECOVER, is_of_generation(generation), stands=stands)

    def mark_waiting(self, ticket_id: str) -> None:
        """Stamps a ticket that the pipeline has not met with the time at which sweep first saw it."""
        waiting = Attr("diagnosis_status").not_exists() | Attr("diagnosis_status").eq(DiagnosisStatus.PENDING)
        self._table.update(
            ticket_id, {"noticed_at": self._clock.now()}, condition=waiting & Attr("noticed_at").not_exists()
        )

    def rediagnose(self, item: Mapping[str, Any]) -> None:
        """done, failed -> pending, because a person wrote `rediagnose`.

        The old diagnosis goes into the history.
        """
        self._diagnose_again(item, Attr("rediagnose").exists())

    def reopen(self, item: Mapping[str, Any]) -> None:
        """done, failed -> pending, because a resolved ticket was opened again; the history as above."""
        self._diagnose_again(item, Attr("status").is_in(list(AWAITING_DIAGNOSIS)))

    def withdraw(self, item: Mapping[str, Any]) -> None:
        """pending, deferred -> done, when a person has taken back the request for a fresh diagnosis.

        The former diagnosis, which the request had put into the history, stands again.
        """
        history = list(item.get("diagnosis_history", ()))
        former = history.pop() if history else {}
        update = {name: former[name] for name in ("diagnosis",) if name in former}
        self._table.update(
            str(item["ticket_id"]),
            {"diagnosis_status": states.WITHDRAW.target, "diagnosis_history": history, **update},
            remove=(
                "not_before",
                "deferred_for",
                "deferred_reason",
                "noticed_at",
                "diagnosis_error",
                *SERIES,
            ),
            condition=stands_before(states.WITHDRAW)
            & is_of_generation(int(item.get("generation", 0)))
            & Attr("status").eq(Status.DIAGNOSED)
            & Attr("rediagnose").not_exists(),
        )

    def restore(self, ticket_id: str, erased: Mapping[str, Any], written: Any) -> None:
        """Puts back what a producer's overwrite erased, unless the pipeline has met the ticket again.

        `written` is the overwrite's status: it goes back to diagnosed unless a person has moved it since.
        """
        update = _of_the_pipeline(erased)
        condition = Attr("diagnosis_status").not_exists() & Attr("status").is_in(list(AWAITING_DIAGNOSIS))
        if erased.get("status") == Status.DIAGNOSED:
            untouched = condition & Attr("status").eq(written)
            try:
                self._table.update(ticket_id, {**update, "status": Status.DIAGNOSED}, condition=untouched)
            except MoveRefusedError as refused:
                if refused.item.get("status") == written:
                    raise
            else:
                return
        self._table.update(ticket_id, update, condition=condition)

    def begin_anew(self, ticket_id: str, erased: Mapping[str, Any]) -> None:
        """Another incident came under a known id: the former one's diagnosis goes into the history.

        The ticket stays absent; the generation goes on, so that no late message of the former incident does
        anything here.
        """
        known = _of_the_pipeline(erased)
        update = {"generation": int(known.get("generation", 0)) + 1}
        condition = Attr("diagnosis_status").not_exists() & wants_diagnosis()
        self._with_history(
            known, lambda history: self._table.update(ticket_id, {**update, **history}, condition=condition)
        )

    def _diagnose_again(self, item: Mapping[str, Any], wanted: ConditionBase) -> None:
        ticket_id, generation = str(item["ticket_id"]), int(item.get("generation", 0))
        condition = is_of_generation(generation) & wanted
        self._with_history(
            item,
            lambda history: self._to_pending(
                ticket_id, generation, states.REDIAGNOSE, condition, SERIES, history
            ),
        )

    def _with_history(self, item: Mapping[str, Any], write: Callable[[Mapping[str, Any]], Any]) -> None:
        """Writes with the history, of which the item's own diagnosis becomes part, if there is room."""
        history = list(item.get("diagnosis_history", ()))
        if item.get("diagnosis_status") == DiagnosisStatus.DONE:
            kept = ("diagnosed_at", "diagnosis_model", "prompt_version", "diagnosis", "rediagnose")
            history = [*history, {name: item[name] for name in kept if name in item}][-HISTORY_LENGTH:]
        while True:
            try:
                write({"diagnosis_history": history} if history else {})
            except ItemTooLargeError:  # even with all that can be cut: the oldest diagnosis has to go
                if not history:
                    raise
                history = history[1:]
            else:
                return

    def similar_to(self, similar_key: str, ticket_id: str, limit: int = 3) -> list[dict[str, Any]]:
        """Up to `limit` other diagnosed tickets with this key, newest first, as the index projects them."""
        found = self._table.table.query(
            IndexName="by-similar",
            KeyConditionExpression=Key("similar_key").eq(similar_key),
            FilterExpression=Attr("ticket_id").ne(ticket_id) & Attr("diagnosis_record").exists(),
            ScanIndexForward=False,
            Limit=limit + 10,
        )
        return found["Items"][:limit]

    def page(self, status: Status, after: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        """One page of the tickets in `status` with what sweep needs, and where the next page starts.

        None when there is no next page.
        """
        start: Any = {"ExclusiveStartKey": after} if after else {}
        found = self._table.table.query(
            IndexName="by-status", KeyConditionExpression=Key("status").eq(status.value), **start
        )
        return found["Items"], found.get("LastEvaluatedKey")

    def page_of_requests(self, after: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        """One page of the tickets on which a person's `rediagnose` is open."""
        start: Any = {"ExclusiveStartKey": after} if after else {}
        found = self._table.table.scan(IndexName="by-rediagnose", **start)
        return found["Items"], found.get("LastEvaluatedKey")

    def page_of_odd_statuses(self, after: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        """One page of the tickets whose `status` is none that is known, or whose request was withdrawn."""
        start: Any = {"ExclusiveStartKey": after} if after else {}
        unknown = ~Attr("status").is_in(list(Status))
        withdrawn = (
            Attr("status").eq(Status.DIAGNOSED)
            & Attr("diagnosis_status").is_in(list(states.WITHDRAW.sources))
            & Attr("rediagnose").not_exists()
        )
        found = self._table.table.scan(IndexName="by-status", FilterExpression=unknown | withdrawn, **start)
        return found["Items"], found.get("LastEvaluatedKey")

    def _to_pending(
        self,
        ticket_id: str,
        generation: int,
        move: Move,
        condition: ConditionBase,
        remove: Iterable[str] = (),
        update: Mapping[str, Any] | None = None,
        wanted: ConditionBase | None = None,
        stands: ConditionBase | None = None,
    ) -> None:
        self._table.update(
            ticket_id,
            {
                "diagnosis_status": move.target,
                "generation": generation + 1,
                "noticed_at": self._clock.now(),
                **(update or {}),
            },
            remove=("not_before", "deferred_for", "deferred_reason", *remove),
            condition=(stands or stands_before(move)) & condition & (wanted or wants_diagnosis()),
        )

    def _finish(self, claim: Claim, move: Move, update: Mapping[str, Any], remove: Iterable[str]) -> None:
        """Ends the claim, going round again while a person writes between the look and the write."""
        seen = claim.item
        puts_off = move is states.DEFER
        served = None if puts_off else claim.item.get("rediagnose")
        keep = {
            "claim_token": claim.token,
            "generation": claim.generation,
            "diagnosis_status": move.target,
        }
        for _ in range(WRITE_ATTEMPTS):
            is_there = "diagnosis_status" in seen
            condition = is_held_by(claim) if is_there else is_erased_and_tells_of(seen)
            changes = {**keep, **update}
            removed = ["lease_until", *remove]
            if not puts_off:
                removed += SERIES
            theirs = seen.get("status") != claim.item.get("status") and is_there
            if move is states.COMPLETE and seen.get("status") in AWAITING_DIAGNOSIS and not theirs:
                changes["status"] = Status.DIAGNOSED
                condition &= Attr("status").eq(seen["status"])
            if served is not None and seen.get("rediagnose") == served:
                removed.append("rediagnose")
                condition &= Attr("rediagnose").eq(served)
            try:
                self._table.update(claim.ticket_id, changes, remove=removed, condition=condition)
            except MoveRefusedError as refused:
                seen = refused.item
                if seen.get("claim_token") == claim.token and seen.get("diagnosis_status") == move.target:
                    return  # it was written; only its answer was lost on the way
                ours = seen.get("claim_token") == claim.token and seen.get("diagnosis_status") == "running"
                erased = bool(seen) and "diagnosis_status" not in seen
                if not (ours or (erased and claim.still_holds_for(seen))):
                    raise
            else:
                return
        raise MoveRefusedError(seen)


def _of_the_pipeline(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the pipeline wrote of an item."""
    invalid = invalid_values(item)
    return {name: item[name] for name in item.keys() & PIPELINE_ATTRIBUTES if name not in invalid}
