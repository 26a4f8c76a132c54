"""The use case with its real collaborators, built at the first event and kept."""

from functools import cache

import boto3

from events.bus import EventBus
from runtime.aws import CALLS
from runtime.clock import Clock, SystemClock
from webhook.receive import Receive
from webhook.secret import DoorSecret
from webhook.settings import WebhookSettings


@cache
def receive() -> Receive:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    return build(WebhookSettings.from_environment(), SystemClock())


def build(settings: WebhookSettings, clock: Clock) -> Receive:
    """The use case on AWS as `settings` name it."""
    secrets = boto3.client("secretsmanager", config=CALLS)
    return Receive(
        secret=DoorSecret(secrets, settings.webhook_secret_id, clock),
        bus=EventBus(cache(lambda: boto3.client("events", config=CALLS)), settings.event_bus),
        clock=clock,
    )
