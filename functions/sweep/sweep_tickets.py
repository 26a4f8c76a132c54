"""The use case: find the tickets that nothing is working on, and make them pending again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from capacity.capacity import Capacity
from capacity.state import CapacityState, Gate
from runtime.clock import Clock
from runtime.observability import logger
from sweep.cursors import Cursors
from tickets.attributes import invalid_values
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus
from tickets.store import TicketStore
from tickets.table import ItemTooLargeError, MoveRefusedError

OVERDUE_SECONDS = 120.0
"""A deferred ticket's own message gets this much time before sweep steps in."""
FORGOTTEN_MARGIN_SECONDS = 3600.0
"""Beyond the mapping's maximum record age: until then a ticket may just be waiting its turn in the stream."""

Reader = Callable[[Any], tuple[list[dict[str, Any]], Any]]
Action = Literal[
    "remove_invalid", "rediagnose", "recover_abandoned", "rearm", "mark_waiting", "recover_forgotten"
]


@dataclass
class Report:
    """What a run did and saw: moves by kind, tickets that could not be moved, the longest wait (seconds)."""

    moved: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    oldest_waiting_seconds: float = 0.0
    spend_cap_reached: bool = False


@dataclass(frozen=True)
class SweepTickets:
    """The collaborators of the use case.

    `interval_seconds` is the schedule's, `record_age_seconds` the mapping's.
    """

    store: TicketStore
    capacity: Capacity
    cursors: Cursors
    clock: Clock
    interval_seconds: float
    record_age_seconds: float

    def sweep(self, time_is_left: Callable[[], bool], *, open_gate: bool = False) -> Report:
        """One run over as many pages as time and the re-arm budget allow; the next run goes on from there.

        `open_gate`: a person has mended what closed the gate, so tickets put off for it need not wait any
        longer.
        """
        if open_gate:
            self.capacity.open()
        state = self.capacity.read()
        report = Report(spend_cap_reached=state.gate == Gate.SPEND and state.gate_until > self.clock.now())
        budget = self._budget(state)
        for name, read in self._readers().items():
            budget = self._read_on(name, read, budget, report, time_is_left, early=open_gate)
        return report

    def _readers(self) -> dict[str, Reader]:
        pages = {status.value: partial(self.store.page, status) for status in AWAITING_DIAGNOSIS}
        return {"requests": self.store.page_of_requests, **pages}

    def _read_on(
        self,
        name: str,
        read: Reader,
        budget: int,
        report: Report,
        time_is_left: Callable[[], bool],
        *,
        early: bool,
    ) -> int:
        """Goes on where the last run stopped, to the end.

        The next run starts after the page that the budget cut short, so that every page has its turn.
        """
        after = self.cursors.read(name)
        cut_short, resume = False, None
        while time_is_left():
            items, after = read(after)
            budget, whole = self._page(items, budget, report, early=early)
            if not whole and not cut_short:
                cut_short, resume = True, after
            if after is None:
                break
        self.cursors.write(name, resume if cut_short else after)
        return budget

    def _page(
        self, items: list[dict[str, Any]], budget: int, report: Report, *, early: bool
    ) -> tuple[int, bool]:
        """What is left of the budget, and whether it was enough for every move that was due."""
        whole = True
        for item in items:
            now = self.clock.now()
            action = what_is_due(item, now, self.record_age_seconds, early=early)
            if action != "remove_invalid" and is_unfinished(item):
                waiting_since = item.get("waiting_since", item.get("noticed_at", now))
                report.oldest_waiting_seconds = max(report.oldest_waiting_seconds, now - float(waiting_since))
            if action in ("remove_invalid", "mark_waiting"):
                self._move(action, item, report)
            elif action and budget <= 0:
                whole = False
            elif action and self._move(action, item, report):
                budget -= 1
        return budget, whole

    def _move(self, action: Action, item: Mapping[str, Any], report: Report) -> bool:
        """Makes one move; a ticket that has moved on meanwhile, or that fails, does not stop the others."""
        ticket_id = str(item["ticket_id"])
        generation = 0 if action == "remove_invalid" else int(item.get("generation", 0))
        try:
            match action:
                case "remove_invalid":
                    self.store.remove_invalid(ticket_id, invalid_values(item))
                case "mark_waiting":
                    self.store.mark_waiting(ticket_id)
                case "rearm":
                    self.store.rearm(ticket_id, generation)
                case "recover_abandoned":
                    self.store.recover_abandoned(ticket_id, generation)
                case "recover_forgotten":
                    noticed_before = self.clock.now() - self.record_age_seconds - FORGOTTEN_MARGIN_SECONDS
                    self.store.recover_forgotten(ticket_id, generation, noticed_before)
                case "rediagnose":
                    self.store.rediagnose(self.store.get(ticket_id) or item)
        except MoveRefusedError as refused:
            logger.info("left alone", ticket_id=ticket_id, action=action, reason=str(refused))
            return False
        except (ClientError, BotoCoreError, ItemTooLargeError):
            logger.exception("could not be moved", ticket_id=ticket_id, action=action)
            report.errors += 1
            return False
        logger.info("moved", ticket_id=ticket_id, action=action)
        report.moved[action] = report.moved.get(action, 0) + 1
        return True

    def _budget(self, state: CapacityState) -> int:
        """How many tickets to re-arm.

        None behind a closed gate, else what is diagnosed until the next run.
        """
        if state.gate_until > self.clock.now():
            return 0
        return max(1, int(self.interval_seconds / self.capacity.pace(state)))


def is_unfinished(item: Mapping[str, Any]) -> bool:
    """Whether the pipeline still owes this ticket a diagnosis."""
    finished = item.get("diagnosis_status") in (DiagnosisStatus.DONE, DiagnosisStatus.FAILED)
    return "rediagnose" in item or not finished


def what_is_due(
    item: Mapping[str, Any], now: float, record_age_seconds: float, *, early: bool
) -> Action | None:
    """What sweep should do about a ticket as the index shows it; the move itself checks again."""
    if invalid_values(item):
        return "remove_invalid"
    match item.get("diagnosis_status"):
        case DiagnosisStatus.RUNNING:
            return "recover_abandoned" if float(item.get("lease_until", 0)) < now else None
        case DiagnosisStatus.DEFERRED:
            overdue = float(item.get("not_before", 0)) + OVERDUE_SECONDS < now
            return "rearm" if overdue or (early and item.get("deferred_for") == "gate") else None
        case DiagnosisStatus.DONE | DiagnosisStatus.FAILED:
            return "rediagnose" if "rediagnose" in item else None
        case None | DiagnosisStatus.PENDING:
            noticed_at = item.get("noticed_at")
            if noticed_at is None:
                return "mark_waiting"
            forgotten = float(noticed_at) + record_age_seconds + FORGOTTEN_MARGIN_SECONDS < now
            return "recover_forgotten" if forgotten else None
    return None
