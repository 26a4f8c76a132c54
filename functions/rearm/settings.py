"""What the environment tells the rearm function."""

from pydantic import Field

from runtime.settings import Settings


class RearmSettings(Settings):
    """The queue that early messages are sent to again, and the interval of the sweeps in seconds."""

    retry_queue_url: str
    sweep_interval_seconds: int = Field(300, ge=1)
