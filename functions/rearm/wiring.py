"""The use case with its real collaborators, built at the first event and kept."""

from functools import cache

import boto3

from capacity.capacity import Capacity
from rearm.rearm_ticket import RearmTicket
from rearm.settings import RearmSettings
from runtime.aws import CALLS
from runtime.clock import Clock, SystemClock
from runtime.items import open_dynamodb
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.table import TicketTable
from tickets.wake_up import WakeUpQueue


@cache
def rearm_ticket() -> RearmTicket:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    return build(RearmSettings.from_environment(), SystemClock())


def build(settings: RearmSettings, clock: Clock) -> RearmTicket:
    """The use case on AWS as `settings` name it."""
    dynamodb = open_dynamodb()
    queues = cache(lambda: boto3.client("sqs", config=CALLS))  # most invocations send no message
    tickets = TicketTable(dynamodb.Table(settings.tickets_table))
    return RearmTicket(
        queries=TicketQueries(tickets),
        recovery=Recovery(tickets, clock),
        capacity=Capacity(dynamodb.Table(settings.state_table), clock, settings.concurrency),
        retry_queue=WakeUpQueue(queues, settings.retry_queue_url),
        clock=clock,
        interval_seconds=settings.sweep_interval_seconds,
    )
