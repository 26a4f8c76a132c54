"""What the environment tells the webhook function."""

from runtime.settings import Settings


class WebhookSettings(Settings):
    """The secret of the door, and the bus that events are put on."""

    webhook_secret_id: str
    event_bus: str
