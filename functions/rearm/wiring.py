"""The real collaborators, built once per execution environment, at the first event."""

from functools import cache

import boto3

from capacity.capacity import Capacity
from rearm.rearm_ticket import Rearming
from runtime.clock import SystemClock
from runtime.settings import Settings
from tickets.store import TicketStore
from tickets.table import TicketTable
from tickets.wake_up import WakeUpQueue


@cache
def rearming() -> Rearming:
    """Raises SettingsError when the environment is incomplete."""
    settings = Settings.from_environment()
    clock = SystemClock()
    dynamodb = boto3.resource("dynamodb")
    return Rearming(
        store=TicketStore(TicketTable(dynamodb.Table(settings.tickets_table)), clock),
        capacity=Capacity(dynamodb.Table(settings.state_table), clock, settings.concurrency),
        retry_queue=WakeUpQueue(boto3.client("sqs"), settings.retry_queue_url),
        clock=clock,
    )
