"""What is done about a change of a ticket before it is claimed: repaired, restored, begun or asked anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diagnose.diagnosis import findings
from runtime.clock import Clock
from runtime.observability import logger
from tickets.attributes import invalid_values
from tickets.members import Members
from tickets.moments import moment
from tickets.queries import TicketQueries
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.states import REOPEN, DiagnosisStatus, is_misspelt, meant_by
from tickets.stream_record import StreamRecord
from tickets.table import ItemTooLargeError, MoveRefusedError


@dataclass(frozen=True)
class BeforeClaim:
    """The collaborators; a diagnosis younger than `cooldown_seconds` stands when a ticket is opened again."""

    queries: TicketQueries
    requests: Requests
    repairs: Repairs
    clock: Clock
    members: Members
    cooldown_seconds: float = 3600.0

    def settle(self, record: StreamRecord) -> str | None:
        """What became of the ticket; None when it is to be claimed. Raises MoveRefusedError."""
        new = record.new or {}
        if invalid := invalid_values(new):
            self._remove_invalid(record.ticket_id, invalid)
        if is_misspelt(new.get("status")):
            self._respell(record.ticket_id, new["status"])
        if record.was_erased:
            return self._after_overwrite(record)
        if record.asks_to_be_detached:
            said = self.members.detach(record.ticket_id)
            return self._rediagnose(record.ticket_id) if record.asks_again else said
        if record.asks_again:
            return self._rediagnose(record.ticket_id)
        finished = new.get("diagnosis_status") in REOPEN.sources
        return self._reopen(record.ticket_id) if record.was_opened_again and finished else None

    def _after_overwrite(self, record: StreamRecord) -> str | None:
        """A producer overwrote the whole ticket.

        1. Another incident, or one that was resolved and is over for longer than the cooldown: begun anew.
        2. A run was on it: by now that has ended, here or dropped; the ticket is claimed if it is not done.
        3. Otherwise what the pipeline knew is restored, or diagnosed once more where there is no room for it.
           A ticket that was pending is claimed then: its own record, which came before this one, was ignored.
        """
        old, new = record.old or {}, record.new or {}
        if record.is_another_incident or (record.was_opened_again and not self._is_recent(old)):
            self.repairs.begin_anew(record.ticket_id, old)
            return None
        if old.get("diagnosis_status") == DiagnosisStatus.RUNNING:
            return None
        try:
            self.repairs.restore(record.ticket_id, old, meant_by(new.get("status")))
        except ItemTooLargeError:
            return None
        if old.get("diagnosis_status") == DiagnosisStatus.PENDING:
            return None
        return "restored: a producer had overwritten the whole ticket"

    def _rediagnose(self, ticket_id: str) -> str:
        item = self.queries.get(ticket_id)
        if item is None:
            return "ignored: ticket is deleted"
        self.requests.rediagnose(item)
        return "pending: a person asked for a fresh diagnosis"

    def _reopen(self, ticket_id: str) -> str:
        item = self.queries.get(ticket_id)
        if item is None:
            return "ignored: ticket is deleted"
        if self._is_recent(item):
            return "ignored: opened again, but diagnosed a short while ago"
        self.requests.reopen(item)
        return "pending: the ticket was resolved and is open again"

    def _is_recent(self, item: Mapping[str, Any]) -> bool:
        """Whether its diagnosis is younger than the cooldown."""
        try:
            at = moment(item.get("diagnosed_at"))
        except ValueError:
            return False
        return isinstance(at, datetime) and self.clock.now() - at.timestamp() < self.cooldown_seconds

    def _remove_invalid(self, ticket_id: str, invalid: Mapping[str, Any]) -> None:
        """Once the pipeline's own values stand there, there is nothing left to remove."""
        try:
            self.repairs.remove_invalid(ticket_id, invalid)
        except MoveRefusedError:
            return
        logger.warning("removed what a producer wrote under the names of the pipeline", names=sorted(invalid))

    def _respell(self, ticket_id: str, written: str) -> None:
        """Where another status stands by now, there is nothing to respell."""
        try:
            self.repairs.respell(ticket_id, written)
        except MoveRefusedError:
            return
        findings.count_respelt()
