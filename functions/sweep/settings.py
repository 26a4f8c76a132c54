"""What the environment tells the sweep function."""

from pydantic import Field

from runtime.settings import Settings


class SweepSettings(Settings):
    """The schedule's interval and the stream mapping's maximum record age, in seconds."""

    sweep_interval_seconds: int = Field(300, ge=1)
    max_record_age_seconds: int = Field(79_200, ge=60)
