"""The ways back to pending: of tickets that wait, that failed, and that nothing is working on."""

from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from runtime.clock import Clock
from runtime.items import storable
from tickets import states
from tickets.attributes import SERIES
from tickets.conditions import is_of_generation, stands_before, wants_diagnosis
from tickets.pending import make_pending
from tickets.states import DiagnosisStatus, Status
from tickets.table import MoveRefusedError, TicketTable


class Recovery:
    """The moves that bring tickets back, each one conditional write (one is two).

    One whose condition fails raises MoveRefusedError and changes nothing.
    """

    def __init__(self, table: TicketTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def rearm(self, ticket_id: str, generation: int) -> None:
        """deferred -> pending, when it is still of this generation."""
        stands = stands_before(states.REARM) & is_of_generation(generation)
        self._make_pending(ticket_id, generation, stands & wants_diagnosis())

    def redrive(self, ticket_id: str, generation: int) -> None:
        """failed -> pending, when it is still of this generation; attempts and faults start again.

        Where the fresh diagnosis failed that a person had asked for, this asks again; nothing else would.
        """
        stands = stands_before(states.REDRIVE) & Attr("generation").eq(generation)
        try:
            self._make_pending(ticket_id, generation, stands & wants_diagnosis(), remove=SERIES)
        except MoveRefusedError as refused:
            if refused.item.get("status") != Status.DIAGNOSED:
                raise
            asked = {"rediagnose": "redriven from the dead-letter queue"}
            diagnosed = Attr("status").eq(Status.DIAGNOSED)
            self._make_pending(ticket_id, generation, stands & diagnosed, remove=SERIES, update=asked)

    def recover_abandoned(self, ticket_id: str, generation: int) -> None:
        """running -> pending, when its lease is over, or it has none."""
        running = Attr("diagnosis_status").eq(DiagnosisStatus.RUNNING)
        lease = Attr("lease_until")
        abandoned = running & (lease.lt(storable(self._clock.now())) | lease.not_exists())
        stands = stands_before(states.RECOVER) & is_of_generation(generation)
        self._make_pending(ticket_id, generation, stands & abandoned & wants_diagnosis())

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
            stands = stands_before(states.RECOVER) & absent
            self._make_pending(ticket_id, generation, stands & forgotten & wants_diagnosis())
        else:
            self.rearm(ticket_id, generation)

    def recover_unknown(self, ticket_id: str, generation: int, status: str) -> None:
        """A status that is none of the pipeline's -> pending."""
        stands = Attr("diagnosis_status").eq(status) & is_of_generation(generation)
        self._make_pending(ticket_id, generation, stands & wants_diagnosis())

    def mark_waiting(self, ticket_id: str) -> None:
        """Stamps a ticket that the pipeline has not met with the time at which sweep first saw it."""
        waiting = Attr("diagnosis_status").not_exists() | Attr("diagnosis_status").eq(DiagnosisStatus.PENDING)
        self._table.update(
            ticket_id, {"noticed_at": self._clock.now()}, condition=waiting & Attr("noticed_at").not_exists()
        )

    def _make_pending(
        self,
        ticket_id: str,
        generation: int,
        condition: ConditionBase,
        *,
        remove: Iterable[str] = (),
        update: Mapping[str, Any] | None = None,
    ) -> None:
        now = self._clock.now()
        make_pending(self._table, ticket_id, generation, now, condition, remove=remove, update=update)
