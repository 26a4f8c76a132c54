"""The use case with its real collaborators, built at the first event and kept."""

from functools import cache

import boto3

from capacity.capacity import Capacity
from events.bus import EventBus
from runtime.aws import CALLS
from runtime.clock import Clock, SystemClock
from runtime.items import open_dynamodb
from sweep.cursors import Cursors
from sweep.outage import Outages
from sweep.settings import SweepSettings
from sweep.sweep_tickets import SweepTickets
from tickets.members import Members
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.stream_lag import StreamLag
from tickets.table import TicketTable
from tickets.transactions import Kept, Tables


@cache
def sweep_tickets() -> SweepTickets:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    return build(SweepSettings.from_environment(), SystemClock())


def build(settings: SweepSettings, clock: Clock) -> SweepTickets:
    """The use case on AWS as `settings` name it."""
    dynamodb = open_dynamodb()
    tickets = TicketTable(dynamodb.Table(settings.tickets_table))
    state_table = dynamodb.Table(settings.state_table)
    return SweepTickets(
        queries=TicketQueries(tickets),
        recovery=Recovery(tickets, clock),
        requests=Requests(tickets, clock),
        repairs=Repairs(tickets),
        capacity=Capacity(state_table, clock, settings.concurrency),
        cursors=Cursors(state_table),
        outages=Outages(state_table, _bus(settings.event_bus), clock),
        stream=StreamLag(state_table, clock),
        clock=clock,
        interval_seconds=settings.sweep_interval_seconds,
        members=Members(Tables(dynamodb, {Kept.TICKETS: settings.tickets_table}), clock),
        cooldown_seconds=settings.reopen_cooldown_seconds,
    )


def _bus(name: str) -> EventBus | None:
    events = cache(lambda: boto3.client("events", config=CALLS))  # most runs have nothing to tell
    return EventBus(events, name) if name else None
