"""The real collaborators, built once per execution environment, at the first event."""

from functools import cache

import boto3

from capacity.capacity import Capacity
from runtime.clock import SystemClock
from runtime.settings import Settings
from sweep.cursors import Cursors
from sweep.sweep_tickets import Sweeping
from tickets.store import TicketStore
from tickets.table import TicketTable


@cache
def sweeping() -> Sweeping:
    """Raises SettingsError when the environment is incomplete."""
    settings = Settings.from_environment()
    clock = SystemClock()
    dynamodb = boto3.resource("dynamodb")
    state_table = dynamodb.Table(settings.state_table)
    return Sweeping(
        store=TicketStore(TicketTable(dynamodb.Table(settings.tickets_table)), clock),
        capacity=Capacity(state_table, clock, settings.concurrency),
        cursors=Cursors(state_table),
        clock=clock,
        interval_seconds=settings.sweep_interval_seconds,
        record_age_seconds=settings.max_record_age_seconds,
    )
