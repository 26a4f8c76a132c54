"""Simulated time: threads that sleep in it cost no real time, and run one after another in a fixed order."""

import heapq
import threading
from collections.abc import Callable


class VirtualTime:
    """A clock for any number of threads. One runs at a time; when it sleeps, the next to wake runs."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._sequence = 0
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._done = threading.Event()
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Lets the other threads run until this one's time has come."""
        mine = self._enqueue(self._now + max(0.0, seconds))
        self._wake_next()
        mine.wait()

    def spawn(self, body: Callable[[], None]) -> None:
        """Adds a thread, which starts at the present time when its turn comes."""
        start = self._enqueue(self._now)

        def run() -> None:
            start.wait()
            try:
                body()
            except BaseException as error:  # noqa: BLE001 - raised again by `run`
                self._errors.append(error)
            finally:
                self._wake_next()

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def run(self) -> None:
        """Runs every thread to its end; raises the first error of any."""
        self._wake_next()
        self._done.wait()
        if self._errors:
            raise self._errors[0]

    def _enqueue(self, at: float) -> threading.Event:
        self._sequence += 1
        event = threading.Event()
        heapq.heappush(self._sleepers, (at, self._sequence, event))
        return event

    def _wake_next(self) -> None:
        if not self._sleepers or self._errors:
            self._done.set()
            return
        at, _, event = heapq.heappop(self._sleepers)
        self._now = max(self._now, at)
        event.set()
