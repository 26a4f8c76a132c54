"""How fast the local stack polls and retries; nothing here is a setting of the template."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Intervals:
    """Seconds between polls and attempts, small enough that nobody waits for the emulator."""

    poll_seconds: float = 0.03
    idle_poll_seconds: float = 0.15
    """What an empty source slows down to: the emulator runs in this process and remembers every poll."""
    throttle_seconds: float = 0.02
    retry_seconds: float = 0.1
    """Before the first retry of a failed invocation; doubles."""
    schedule_seconds: float | None = None
    """Between runs of every schedule; None keeps the template's rate."""
    visibility_seconds: int | None = None
    """How long a message that a function has failed stays hidden; None keeps the queue's own time-out."""
    shards: int = 4

    def after_empty(self, polls: int) -> float:
        """The pause after so many empty polls in a row."""
        return min(self.idle_poll_seconds, self.poll_seconds * 1.2 ** max(0, polls - 10))
