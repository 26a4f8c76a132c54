"""The write that every way back to pending ends in."""

from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from tickets.attributes import DEFERRAL
from tickets.states import DiagnosisStatus
from tickets.table import TicketTable


def make_pending(
    table: TicketTable,
    ticket_id: str,
    generation: int,
    now: float,
    condition: ConditionBase,
    *,
    remove: Iterable[str] = (),
    update: Mapping[str, Any] | None = None,
) -> None:
    """-> pending, of the next generation: a write that changes nothing has no record in the stream.

    `now` (epoch seconds) is when sweep begins to count how long the ticket waits to be claimed.
    """
    table.update(
        ticket_id,
        {
            "diagnosis_status": DiagnosisStatus.PENDING,
            "generation": generation + 1,
            "noticed_at": now,
            **(update or {}),
        },
        remove=(*DEFERRAL, *remove),
        condition=condition,
    )
