"""The use case with its real collaborators, built at the first event and kept."""

from functools import cache

import boto3

from events.bus import EventBus
from notify.notes import OutageNotes, TicketNotes
from notify.notify_people import Here, NotifyPeople
from notify.settings import NotifySettings
from notify.telling import NotifyFrom
from notify.topics import Topics
from runtime.aws import CALLS
from runtime.clock import Clock, SystemClock
from runtime.items import open_dynamodb
from tickets.table import TicketTable


@cache
def notify_people() -> NotifyPeople:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    return build(NotifySettings.from_environment(), SystemClock())


def build(settings: NotifySettings, clock: Clock) -> NotifyPeople:
    """The use case on AWS as `settings` name it."""
    dynamodb = open_dynamodb()
    return NotifyPeople(
        bus=EventBus(cache(lambda: boto3.client("events", config=CALLS)), settings.event_bus),
        topics=Topics(
            boto3.client("sns", config=CALLS),
            mail=settings.message_topic,
            slack=settings.chat_topic,
            teams=settings.teams_topic,
        ),
        tickets=TicketNotes(TicketTable(dynamodb.Table(settings.tickets_table))),
        outages=OutageNotes(dynamodb.Table(settings.state_table)),
        notify_from=NotifyFrom(settings.notify_from_severity, settings.notify_from_verdict),
        here=Here(settings.stack_name, settings.aws_region, settings.tickets_table),
        clock=clock,
    )
