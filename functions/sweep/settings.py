"""What the environment tells the sweep function."""

from pydantic import Field

from runtime.settings import Settings


class SweepSettings(Settings):
    """The schedule's interval, in seconds; the bus that is told of outages, "" for none."""

    event_bus: str = ""
    sweep_interval_seconds: int = Field(300, ge=1)
