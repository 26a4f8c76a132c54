"""What a monitor said, whoever it was."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """What an alarm is on; empty where it is not known."""

    subject: str = ""
    resources: tuple[str, ...] = ()
    stack: str = ""
