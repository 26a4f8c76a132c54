"""How much of the invocation is left, and what that leaves for each step (all in seconds)."""

from collections.abc import Callable

LEASE_MARGIN_SECONDS = 60.0
"""A claim outlives its invocation by this, so that nobody takes over while it may still be alive."""
CALL_MARGIN_SECONDS = 20.0
"""What must remain after Claude's answer to write it down."""
WRITE_MARGIN_SECONDS = 2.0


class Deadline:
    """Counts down to the invocation's time-out."""

    def __init__(self, remaining_seconds: Callable[[], float]) -> None:
        self._remaining = remaining_seconds

    def for_lease(self) -> float:
        return self._remaining() + LEASE_MARGIN_SECONDS

    def for_call(self) -> float:
        return self._remaining() - CALL_MARGIN_SECONDS

    def for_writing(self) -> float:
        return self._remaining() - WRITE_MARGIN_SECONDS
