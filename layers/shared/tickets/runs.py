"""Runs: one invocation claims a ticket and ends that diagnosed, failed or deferred."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from runtime.clock import Clock
from runtime.items import storable
from tickets import states
from tickets.attributes import DEFERRAL, SERIES
from tickets.claim import Claim
from tickets.conditions import is_erased_and_tells_of, is_held_by, stands_before, wants_diagnosis
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus, Move, Status
from tickets.table import WRITE_ATTEMPTS, MoveRefusedError, TicketTable

OF_A_DIAGNOSIS = (
    "similar_key",
    "diagnosed_at",
    "diagnosis_record",
    "diagnosis_summary",
    "diagnosis_charts",
    "diagnosis_feedback",
)
"""What a ticket that failed has no longer, and with it its place in the index of similar tickets."""


class Runs:
    """The moves of a run, each one conditional write.

    One whose condition fails raises MoveRefusedError and changes nothing.
    """

    def __init__(self, table: TicketTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def claim(
        self,
        ticket_id: str,
        event_id: str,
        lease_seconds: float,
        restarts: int = 0,
        standing: ConditionBase | None = None,
    ) -> Claim:
        """absent, pending -> running; `standing` is what else must hold of how the ticket stands.

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
        waits = _stands(states.CLAIM, standing)
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
                remove=("noticed_at", "joined_at", "joined_since", *DEFERRAL),
                condition=(waits | own_earlier_claim) & wants_diagnosis(),
                initial={"generation": 0, "waiting_since": now, **counted},
                add={"attempts": 1},
            )
        except MoveRefusedError as refused:
            if refused.item.get("claim_token") != token:
                raise
            item = dict(refused.item)  # the claim was written; only its answer was lost on the way
        return Claim(ticket_id, token, item)

    def park(
        self,
        ticket_id: str,
        not_before: float,
        deferral: Mapping[str, Any],
        standing: ConditionBase | None = None,
    ) -> None:
        """absent, pending -> deferred, unclaimed: Claude may not be called until then (epoch seconds).

        `standing` is what else must hold of how the ticket stands.
        """
        self._table.update(
            ticket_id,
            {"diagnosis_status": states.PARK.target, "not_before": not_before, **deferral},
            remove=("noticed_at",),
            condition=_stands(states.PARK, standing) & wants_diagnosis(),
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
        self._finish(claim, states.COMPLETE, findings, remove=("diagnosis_error", "diagnosis_feedback"))

    def fail(self, claim: Claim, findings: Mapping[str, Any]) -> None:
        """running -> failed, with the reason; the ticket leaves the index of similar diagnosed tickets."""
        self._finish(claim, states.FAIL, findings, remove=OF_A_DIAGNOSIS)

    def defer(self, claim: Claim, not_before: float, deferral: Mapping[str, Any]) -> None:
        """running -> deferred until `not_before` (epoch seconds).

        A request of a person's stays on the ticket.
        """
        update = {"not_before": not_before, "attempts": 0, **deferral}
        self._finish(claim, states.DEFER, update, remove=("attempt_seconds",))

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


def _stands(move: Move, standing: ConditionBase | None) -> ConditionBase:
    return stands_before(move) if standing is None else stands_before(move) & standing
