"""The collaborators, built at the first event and kept."""

from functools import cache

from runtime.clock import SystemClock
from runtime.items import open_dynamodb
from runtime.settings import Settings
from tickets.people import People
from tickets.table import TicketTable


@cache
def people() -> People:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    settings = Settings.from_environment()
    return People(TicketTable(open_dynamodb().Table(settings.tickets_table)), SystemClock())
