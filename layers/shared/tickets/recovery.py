"""The ways back to pending: of tickets that wait, that failed, and that nothing is working on."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from boto3.dynamodb.conditions import Attr

from runtime.clock import Clock
from tickets import states
from tickets.attributes import SERIES
from tickets.conditions import stands_as, stands_before, wants_diagnosis
from tickets.pending import make_pending
from tickets.states import DiagnosisStatus, Status
from tickets.table import MoveRefusedError, TicketTable


class Recovery:
    """The moves that bring tickets back.

    One whose condition fails raises MoveRefusedError and changes nothing.
    """

    def __init__(self, table: TicketTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def bring_back(self, item: Mapping[str, Any]) -> None:
        """-> pending, when the ticket is unfinished and still stands as this item of an index shows it.

        A pending ticket goes by way of deferred, in a write of its own, so that the stream's filter sees a
        transition. After a crash between the two it is deferred and due, and the next sweep brings it back.
        """
        ticket_id = str(item["ticket_id"])
        if item.get("diagnosis_status") == DiagnosisStatus.PENDING:
            by_way_of = {"diagnosis_status": states.PARK.target}
            self._table.update(ticket_id, by_way_of, condition=stands_as(item) & wants_diagnosis())
            item = {**item, **by_way_of}
        unfinished = stands_as(item) & ~stands_before(states.REDIAGNOSE)  # nor set aside
        generation, now = int(item.get("generation", 0)), self._clock.now()
        make_pending(self._table, ticket_id, generation, now, unfinished & wants_diagnosis())

    def redrive(self, ticket_id: str, generation: int) -> None:
        """failed -> pending, when it is still of this generation; attempts and faults start again.

        Where the fresh diagnosis failed that a person had asked for, this asks again; nothing else would.
        """
        stands = stands_before(states.REDRIVE) & Attr("generation").eq(generation)
        pending = partial(make_pending, self._table, ticket_id, generation, self._clock.now(), remove=SERIES)
        try:
            pending(stands & wants_diagnosis())
        except MoveRefusedError as refused:
            if refused.item.get("status") != Status.DIAGNOSED:
                raise
            asked = {"rediagnose": "redriven from the dead-letter queue"}
            diagnosed = Attr("status").eq(Status.DIAGNOSED)
            pending(stands & diagnosed, update=asked)

    def mark_waiting(self, ticket_id: str) -> None:
        """Stamps a ticket that the pipeline has not met with the time at which sweep first saw it."""
        waits = stands_before(states.CLAIM) & Attr("noticed_at").not_exists()
        self._table.update(ticket_id, {"noticed_at": self._clock.now()}, condition=waits)
