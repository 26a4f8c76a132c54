"""All that may be read and done of tickets, over one table; each use case has only its own part of it."""

from runtime.clock import Clock
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.runs import Runs
from tickets.table import TicketTable


class TicketStore:
    """The parts, for tests of what they do together."""

    def __init__(self, table: TicketTable, clock: Clock) -> None:
        self.queries = TicketQueries(table)
        self.runs = Runs(table, clock)
        self.recovery = Recovery(table, clock)
        self.requests = Requests(table, clock)
        self.repairs = Repairs(table)
