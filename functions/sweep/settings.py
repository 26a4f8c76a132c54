"""What the environment tells the sweep function."""

from pydantic import Field

from runtime.settings import Settings


class SweepSettings(Settings):
    """The schedule's interval, and how long an incident must be quiet to be diagnosed once more, in seconds.

    And the bus that is told of outages, "" for none.
    """

    event_bus: str = ""
    sweep_interval_seconds: int = Field(300, ge=1)
    reopen_cooldown_seconds: float = Field(3600.0, ge=0)
