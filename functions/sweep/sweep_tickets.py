"""The use case: find the tickets that nothing is working on, and make them pending again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from capacity.capacity import Capacity
from capacity.state import CapacityState, Gate
from events.bus import EventRefusedError
from runtime.clock import Clock
from runtime.observability import logger
from sweep.cursors import Cursors
from sweep.due import Action, Revival, is_unfinished, what_is_due
from sweep.outage import Outages
from sweep.report import Report
from tickets.attributes import invalid_values
from tickets.late_members import is_lost, may_ask_again
from tickets.members import Members, is_to_be_detached
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus, Status, is_misspelt, meant_by
from tickets.stream_lag import WORTH_TELLING_SECONDS, Lag, StreamLag
from tickets.table import ItemTooLargeError, MoveRefusedError
from tickets.transactions import ConflictError
from tickets.urgency import bring_back, is_in_trouble

KEEP_FAILING_TROUBLES = 3
"""From so many troubles on a person should look at a ticket."""

Reader = Callable[[Any], tuple[list[dict[str, Any]], Any]]
StatusAction = Literal["respell", "withdraw", "ask_again"]
Due = dict[str, tuple[Revival, Mapping[str, Any]]]
"""By ticket: the move that is due, and the ticket as the index shows it."""


@dataclass(frozen=True)
class SweepTickets:
    """The collaborators of the use case; `interval_seconds` is the schedule's."""

    queries: TicketQueries
    recovery: Recovery
    requests: Requests
    repairs: Repairs
    capacity: Capacity
    cursors: Cursors
    outages: Outages
    stream: StreamLag
    clock: Clock
    interval_seconds: float
    members: Members
    cooldown_seconds: float = 3600.0

    def sweep(self, time_is_left: Callable[[], bool], *, open_gate: bool = False) -> Report:
        """One run: repairs as it reads, then brings back the most urgent tickets, as many as capacity allows.

        Where time runs out, the next run goes on. `open_gate`: a person has mended what closed the gate.
        """
        if open_gate:
            self.capacity.open()
        state = self.capacity.read()
        closed = state.gate_until > self.clock.now()
        report = Report(gate_closed=closed, spend_cap_reached=closed and state.gate == Gate.SPEND)
        due: Due = {}
        after, lag = self.cursors.read(), cache(self.stream.read)
        look = partial(self._look_at, due=due, lag=lag, report=report)
        for name, read in self._readers().items():
            try:
                after[name] = self._read_on(read, after.get(name), look, time_is_left)
            except (ClientError, BotoCoreError):
                logger.exception("an index could not be read", index=name)
                report.errors += 1
        after["odd"] = self._repair_statuses(after.get("odd"), report)
        self.cursors.write(after)
        others_wait = report.in_stream > 0 and lag().is_behind(self.clock.now())
        self._bring_back(due, state, report, others_wait=others_wait)
        self._tell_of_outages(state, report)
        return report

    def _tell_of_outages(self, state: CapacityState, report: Report) -> None:
        """Last: whether people are told must not keep a ticket from coming back."""
        try:
            if told := self.outages.look(state, report.waiting):
                logger.info("told", what=told, waiting=report.waiting)
        except (ClientError, BotoCoreError, EventRefusedError):
            logger.exception("an outage could not be told")
            report.errors += 1

    def _repair_statuses(self, after: Any, report: Report) -> Any:
        """Respells what is meant, counts what is not understood, ends what was asked for no longer.

        It detaches what the stream has not, and asks once more where nobody else does. One page a run; where
        the next one goes on.
        """
        try:
            items, following = self.queries.page_of_odd_statuses(after)
        except (ClientError, BotoCoreError):
            logger.exception("the statuses could not be read")
            report.errors += 1
            return after
        for item in items:
            if is_to_be_detached(item):
                self._move("detach", item, report)
            elif may_ask_again(item):
                if is_lost(item, self.clock.now(), self.cooldown_seconds):
                    self._move("ask_again", item, report)
            elif is_misspelt(item["status"]):
                report.respelt += self._move("respell", item, report)
            elif meant_by(item["status"]) == Status.DIAGNOSED:
                self._move("withdraw", item, report)
            elif meant_by(item["status"]) is None:
                report.not_understood += 1
                logger.warning("the status is not understood", ticket_id=item["ticket_id"])
        return following

    def _readers(self) -> dict[str, Reader]:
        pages = {status.value: partial(self.queries.page, status) for status in AWAITING_DIAGNOSIS}
        return {"requests": self.queries.page_of_requests, **pages}

    def _read_on(
        self,
        read: Reader,
        after: Any,
        look: Callable[[Mapping[str, Any]], None],
        time_is_left: Callable[[], bool],
    ) -> Any:
        """Reads on to the end, or as far as time allows; where the next run starts, None at the beginning."""
        while time_is_left():
            items, following = read(after)
            for item in items:
                if not time_is_left():
                    return after  # the page is read again: what is repaired already is left alone
                look(item)
            after = following
            if after is None:
                break
        return after

    def _look_at(self, item: Mapping[str, Any], due: Due, lag: Callable[[], Lag], report: Report) -> None:
        """Repairs what can be repaired, counts, and notes what is due.

        A ticket that still waits its turn in the stream is not written to.
        """
        now = self.clock.now()
        action = what_is_due(item, now)
        match action:
            case "remove_invalid" | "detach":
                self._move(action, item, report)
                return
        if is_unfinished(item):
            since = item.get("waiting_since", item.get("noticed_at"))
            waits = now - (lag().delivers if since is None else float(since))
            report.by_status[str(item.get("diagnosis_status", DiagnosisStatus.PENDING))] += 1
            report.waiting += item.get("diagnosis_status") != DiagnosisStatus.RUNNING
            report.oldest_waiting_seconds = max(report.oldest_waiting_seconds, waits)
            troubles = int(item.get("troubles", 0))
            unclaimed = item.get("diagnosis_status") in (None, DiagnosisStatus.PENDING)
            report.in_stream += unclaimed and not troubles and waits >= WORTH_TELLING_SECONDS
            report.in_trouble += troubles > 0
            report.keep_failing += troubles >= KEEP_FAILING_TROUBLES
        if action == "mark_waiting":
            if not lag().drains_a_backlog:
                self._move(action, item, report)
        elif action == "recover_forgotten":
            if what_is_due(item, lag().delivers):
                due[str(item["ticket_id"])] = action, item
        elif action:
            due[str(item["ticket_id"])] = action, item

    def _bring_back(self, due: Due, state: CapacityState, report: Report, *, others_wait: bool) -> None:
        """The most urgent first; those in trouble only while no others wait to be claimed."""
        items = [item for _, item in due.values() if not (others_wait and is_in_trouble(item))]
        can_open = not all(map(is_in_trouble, items))
        budget = self.capacity.budget(state, self.interval_seconds, can_open=can_open)
        bring_back(
            items,
            budget,
            self.interval_seconds,
            lambda item: self._move(due[str(item["ticket_id"])][0], item, report),
        )

    def _move(self, action: Action | StatusAction, item: Mapping[str, Any], report: Report) -> bool:
        """Makes one move; a ticket that has moved on meanwhile, or that fails, does not stop the others."""
        ticket_id = str(item["ticket_id"])
        try:
            self._make(action, ticket_id, item)
        except (MoveRefusedError, ConflictError) as refused:
            logger.info("left alone", ticket_id=ticket_id, action=action, reason=str(refused))
            return False
        except (ClientError, BotoCoreError, ItemTooLargeError):
            logger.exception("could not be moved", ticket_id=ticket_id, action=action)
            report.errors += 1
            return False
        logger.info("moved", ticket_id=ticket_id, action=action)
        report.moved[action] = report.moved.get(action, 0) + 1
        return True

    def _make(self, action: Action | StatusAction, ticket_id: str, item: Mapping[str, Any]) -> None:
        match action:
            case "remove_invalid":
                self.repairs.remove_invalid(ticket_id, invalid_values(item))
            case "respell":
                self.repairs.respell(ticket_id, str(item["status"]))
            case "withdraw":
                self.requests.withdraw(self.queries.get(ticket_id) or item)
            case "detach":
                self.members.detach(ticket_id)
            case "ask_again":
                self.members.ask_again(item)
            case "mark_waiting":
                self.recovery.mark_waiting(ticket_id)
            case "rediagnose":
                self.requests.rediagnose(self.queries.get(ticket_id) or item)
            case _:
                self.recovery.bring_back(item)
