"""A clock that moves only when it is told to, or slept on."""


class FakeClock:
    """Epoch seconds; sleeping takes no real time."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += max(0.0, seconds)

    def advance(self, seconds: float) -> None:
        """Moves time on (or back, as a machine's clock may jump)."""
        self._now += seconds
