"""What people ask for: a fresh diagnosis, by a request or by reopening the ticket, or no longer."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from runtime.clock import Clock
from tickets import states
from tickets.attributes import DEFERRAL, SERIES
from tickets.conditions import is_of_generation, stands_before, wants_diagnosis
from tickets.history import write_with_history
from tickets.pending import make_pending
from tickets.states import AWAITING_DIAGNOSIS, Move, Status
from tickets.table import TicketTable


class Requests:
    """The moves that answer a person. A refused one raises MoveRefusedError and changes nothing."""

    def __init__(self, table: TicketTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def rediagnose(self, item: Mapping[str, Any]) -> None:
        """done, failed, set_aside -> pending, because a person wrote `rediagnose`.

        The old diagnosis goes into the history.
        """
        self._diagnose_again(item, states.REDIAGNOSE, Attr("rediagnose").exists())

    def reopen(self, item: Mapping[str, Any]) -> None:
        """done, failed -> pending, because a resolved ticket was opened again; the history as above."""
        self._diagnose_again(item, states.REOPEN, Attr("status").is_in(list(AWAITING_DIAGNOSIS)))

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
            remove=(*DEFERRAL, "noticed_at", "diagnosis_error", *SERIES),
            condition=stands_before(states.WITHDRAW)
            & is_of_generation(int(item.get("generation", 0)))
            & Attr("status").eq(Status.DIAGNOSED)
            & Attr("rediagnose").not_exists(),
        )

    def _diagnose_again(self, item: Mapping[str, Any], move: Move, asked: ConditionBase) -> None:
        ticket_id, generation = str(item["ticket_id"]), int(item.get("generation", 0))
        stands = stands_before(move) & is_of_generation(generation)
        condition = stands & asked & wants_diagnosis()

        def write(history: Mapping[str, Any]) -> None:
            now = self._clock.now()
            removed = (*SERIES, "set_aside_for")
            make_pending(self._table, ticket_id, generation, now, condition, remove=removed, update=history)

        write_with_history(item, write)
