"""Which ticket a record of the stream wakes: its own or, when the stream is late, the severest that waits."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import BotoCoreError, ClientError

from diagnose.backlog import Backlog
from runtime.clock import Clock
from runtime.observability import logger
from tickets.attributes import invalid_values
from tickets.conditions import stands_as
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus
from tickets.stream_lag import WORTH_TELLING_SECONDS
from tickets.stream_record import StreamRecord
from tickets.table import MoveRefusedError

Begun = TypeVar("Begun")
LATE_SECONDS = WORTH_TELLING_SECONDS
BROUGHT_BACK_LATE_SECONDS = 600.0
"""Who was brought back came with others, the severest first: for two sweeps they are in order."""


@dataclass(frozen=True)
class Wake:
    """A ticket that is to be begun, and how it must stand for that beyond what its move asks."""

    ticket_id: str
    standing: ConditionBase | None = None
    restarts: int = 0


@dataclass(frozen=True)
class SeverestFirst:
    """A record wakes one ticket, not always its own; as many records come as tickets wait, so all are woken.

    Only pending tickets that bear a generation are woken by others' records. The pipeline wrote both, and a
    producer's overwrite erases them: such a ticket has not been overwritten since. Their claim asks for that.
    """

    backlog: Backlog
    clock: Clock

    def begin(self, record: StreamRecord, begin: Callable[[Wake], Begun], *, ahead: bool = True) -> Begun:
        """What `begin` makes of the first that does not refuse. Raises MoveRefusedError when there is none.

        1. Where it is late and its own ticket may be passed over, and others may go `ahead`: one more urgent.
        2. Its own ticket.
        3. Where that was woken by another record, or may be passed over: any that waits. So a ticket that was
           passed over has the record of the one that went ahead of it.
        """
        may_pass = self._may_be_passed_over(record)
        refused = MoveRefusedError({"diagnosis_status": "woken already"})
        if not self.backlog.went_ahead(record):
            more_urgent = self.backlog.before(record.new or {}) if ahead and may_pass else ()
            begun = self._first(more_urgent, record, begin)
            if begun is not None:
                return begun
            self.backlog.forget(record.ticket_id)
            try:
                return begin(_own(record))
            except MoveRefusedError as error:
                if not (may_pass or _is_of_another_record(error.item, record)):
                    raise
                refused = error
        begun = self._first(self.backlog.all(), record, begin)
        if begun is None:
            raise refused
        return begun

    def _may_be_passed_over(self, record: StreamRecord) -> bool:
        """Only what other records find again: pending, of a generation, in a status that the list shows."""
        new = record.new or {}
        is_listed = record.is_of_pending and "generation" in new and new.get("status") in AWAITING_DIAGNOSIS
        if not is_listed or invalid_values(new) or record.written_at is None:
            return False
        late = BROUGHT_BACK_LATE_SECONDS if new["generation"] else LATE_SECONDS
        return self.clock.now() - record.written_at >= late

    def _first(
        self, tickets: Iterable[Mapping[str, Any]], record: StreamRecord, begin: Callable[[Wake], Begun]
    ) -> Begun | None:
        """The first that still stands as the index shows it, begun; None when there is none.

        Whatever else keeps it from being claimed is left to its own record, and to sweep.
        """
        for item in tickets:
            ticket_id = str(item["ticket_id"])
            try:
                begun = begin(Wake(ticket_id, stands_as(item)))
            except MoveRefusedError:
                continue
            except (ClientError, BotoCoreError):
                logger.warning("could not be woken ahead of its record", ahead=ticket_id, exc_info=True)
                return None
            if ticket_id != record.ticket_id:
                self.backlog.goes_ahead(item)
                logger.append_keys(ticket_id=ticket_id, woken_by=record.ticket_id)
            return begun
        return None


def _own(record: StreamRecord) -> Wake:
    """A record of a pending ticket does not wake it once that is erased: the overwrite's own record does."""
    pending = Attr("diagnosis_status").eq(DiagnosisStatus.PENDING) if record.is_of_pending else None
    return Wake(record.ticket_id, pending, record.restarts)


def _is_of_another_record(item: Mapping[str, Any], record: StreamRecord) -> bool:
    return bool(item.get("claim_event", record.event_id) != record.event_id)
