"""A violation that flaps a thousand times: one ticket, and no more diagnoses than the cooldown allows."""

from typing import Any, cast

from diagnose.before_claim import BeforeClaim
from runtime.clock import iso
from tests.support.in_memory_table import InMemoryTicketTable, Item
from tests.support.monitors import ALARM, OK, SHOP, Monitored
from tickets.members import Members
from tickets.queries import TicketQueries
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.stream_record import StreamRecord
from tickets.table import MoveRefusedError, TicketTable
from tickets.transactions import Kept, Tables

COOLDOWN_SECONDS = 3600.0
FLAPS = 1000
EVERY_SECONDS = 60.0


class Diagnosed:
    """Tickets that are diagnosed at once, each time that the stream wakes diagnose and it claims."""

    def __init__(self, monitored: Monitored) -> None:
        self.monitored = monitored
        self.diagnoses = 0
        self._table = InMemoryTicketTable()
        table = cast("TicketTable", self._table)
        requests, clock = Requests(table, monitored.clock), monitored.clock
        members = Members(cast("Tables", monitored.tables), clock)
        self._before_claim = BeforeClaim(
            TicketQueries(table), requests, Repairs(table), clock, members, COOLDOWN_SECONDS
        )

    def says(self, state: Any, key: str, at: float) -> None:
        before = dict(self.monitored.tables.tickets)
        self.monitored.says(state, key, at, place=SHOP)
        for ticket_id, new in self.monitored.tables.tickets.items():
            if new != before.get(ticket_id):
                self._wake(ticket_id, before.get(ticket_id), new)

    def _wake(self, ticket_id: str, old: Item | None, new: Item) -> None:
        if new["status"] != "open" or new.get("diagnosis_status") not in (None, "done", "pending"):
            return
        self._table.items[ticket_id] = new
        if old is None or old.get("status") != "open":
            try:
                settled = self._before_claim.settle(StreamRecord("event", ticket_id, old, new))
            except MoveRefusedError:
                settled = "refused"
            if settled is None or settled.startswith("pending"):
                self._diagnose(ticket_id)

    def _diagnose(self, ticket_id: str) -> None:
        self.diagnoses += 1
        item = self._table.items[ticket_id]
        found = {"diagnosis_status": "done", "status": "diagnosed", "diagnosis_record": {}}
        at = {"diagnosed_at": iso(self.monitored.clock.now())}
        self.monitored.tables.items[Kept.TICKETS, ticket_id] = {**item, **found, **at}


def test_a_thousand_flaps_are_one_ticket_and_one_diagnosis_a_cooldown() -> None:
    diagnosed = Diagnosed(Monitored())
    for number in range(FLAPS):
        diagnosed.says(ALARM, "v", EVERY_SECONDS * number)
        diagnosed.says(OK, "v", EVERY_SECONDS * (number + 0.5))

    [ticket] = diagnosed.monitored.tickets()
    assert (ticket["status"], ticket["occurrence_count"]) == ("resolved", FLAPS)
    assert 2 <= diagnosed.diagnoses <= FLAPS * EVERY_SECONDS / COOLDOWN_SECONDS + 1
    assert len(ticket["diagnosis_history"]) == 3, "its history is kept"


def test_so_is_a_storm_that_flaps() -> None:
    diagnosed, keys = Diagnosed(Monitored()), [f"alarm-{number}" for number in range(10)]
    rounds = 60
    for number in range(rounds):
        for state, after in ((ALARM, 0.0), (OK, 30.0)):
            for place, key in enumerate(keys):
                diagnosed.says(state, key, EVERY_SECONDS * number + after + place)

    tickets = diagnosed.monitored.tables.tickets.values()
    assert len(tickets) == len(keys)
    assert sorted(ticket["incident_id"] for ticket in tickets if "incident_id" in ticket) == [
        diagnosed.monitored.ticket("alarm-0")["ticket_id"]
    ] * (len(keys) - 1)
    assert {ticket["status"] for ticket in tickets} == {"resolved"}
    assert diagnosed.diagnoses <= rounds * EVERY_SECONDS / COOLDOWN_SECONDS + 1
