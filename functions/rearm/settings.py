"""What the environment tells the rearm function."""

from runtime.settings import Settings


class RearmSettings(Settings):
    """The queue that messages which come too early are sent to again."""

    retry_queue_url: str
