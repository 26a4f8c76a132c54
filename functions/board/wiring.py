"""The board with its real collaborators, built at the first event and kept."""

from functools import cache

from board.board import Board
from board.settings import BoardSettings
from board.tickets import Tickets
from runtime.clock import SystemClock
from runtime.items import open_dynamodb
from tickets.people import People
from tickets.queries import TicketQueries
from tickets.table import TicketTable


@cache
def board() -> Board:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    settings = BoardSettings.from_environment()
    table = TicketTable(open_dynamodb().Table(settings.tickets_table))
    clock = SystemClock()
    return Board(
        tickets=Tickets(TicketQueries(table)),
        people=People(table, clock),
        clock=clock,
        region=settings.aws_region,
        table=settings.tickets_table,
    )
