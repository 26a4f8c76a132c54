"""How a ticket becomes pending: as intake opens it, and by the write that every way back ends in."""

from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from tickets.attributes import DEFERRAL
from tickets.states import OPEN, DiagnosisStatus
from tickets.table import TicketTable


def opened_pending(now: float) -> dict[str, Any]:
    """What stands on a ticket that is written anew to be diagnosed; `now` in epoch seconds.

    By these it can be told from one that a producer has overwritten: docs/decisions/0024.
    """
    return {
        "diagnosis_status": OPEN.target,
        "generation": 0,
        "noticed_at": now,
        "waiting_since": now,
    }


def waits_anew(ticket: Mapping[str, Any], now: float) -> dict[str, Any]:
    """What is written on one that is opened again before it was claimed: it waits since now."""
    is_pending = ticket.get("diagnosis_status") == DiagnosisStatus.PENDING
    return {"noticed_at": now, "waiting_since": now} if is_pending else {}


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
