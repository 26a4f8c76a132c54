"""What the event source mappings are up to: lets one wait for a state instead of sleeping."""

import threading
import time
from collections.abc import Callable


class Activity:
    """Shared by all mappings of a stack; knows when there is nothing left for them to deliver.

    Every record received and every invocation ended begins a new epoch. A source is quiet when a whole poll
    that began in the present epoch brought nothing. The stack is idle when every source is quiet and nothing
    is in flight.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._epoch = 0
        self._in_flight = 0
        self._quiet: dict[str, int] = {}
        self._error: BaseException | None = None

    @property
    def epoch(self) -> int:
        with self._changed:
            return self._epoch

    def add_source(self, source: str) -> None:
        with self._changed:
            self._quiet[source] = -1

    def poll_was_empty(self, source: str, epoch: int) -> None:
        """A poll of `source` that began in `epoch` brought nothing."""
        with self._changed:
            self._quiet[source] = epoch
            self._changed.notify_all()

    def received(self, count: int) -> None:
        """`count` records or messages were taken from a source and are to be delivered."""
        with self._changed:
            self._epoch += 1
            self._in_flight += count
            self._changed.notify_all()

    def disposed(self, count: int) -> None:
        """`count` of them are delivered or given up."""
        with self._changed:
            self._epoch += 1
            self._in_flight -= count
            self._changed.notify_all()

    def failed(self, error: BaseException) -> None:
        """A mapping itself broke: whoever waits is told."""
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until all that was written before this call has been delivered, with all that came of it."""
        with self._changed:
            self._epoch += 1
        return self.wait_until(self._idle, timeout)

    def wait_until(self, predicate: Callable[[], bool], timeout: float) -> bool:
        """Wait for `predicate`, tried after all that happens and every 50 ms; False when time is up."""
        deadline = time.monotonic() + timeout
        while True:
            self._raise_error()
            if predicate():
                return True
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            with self._changed:
                self._changed.wait(min(remaining, 0.05))

    def _idle(self) -> bool:
        with self._changed:
            return self._in_flight == 0 and all(epoch == self._epoch for epoch in self._quiet.values())

    def _raise_error(self) -> None:
        with self._changed:
            if self._error is not None:
                raise RuntimeError("an event source mapping of the local stack broke") from self._error
