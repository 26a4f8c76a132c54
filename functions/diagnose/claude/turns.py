"""Waiting for a turn within one invocation, and knowing when that is too long."""

from dataclasses import replace

from capacity.capacity import Capacity
from capacity.state import CapacityState
from diagnose.claude.deadline import Deadline
from diagnose.claude.errors import SharedLimitError
from runtime.clock import Clock

LOOK_SECONDS = 15.0
"""How often an invocation that waits in place looks whether somebody has opened the gate."""


class GateClosedError(Exception):
    """Raised when Claude may not be called for longer than is worth waiting in place."""

    def __init__(self, state: CapacityState, reason: str = "") -> None:
        super().__init__(reason or state.gate_reason or "waiting for a turn")
        self.state = state


def wait_in_place(deadline: Deadline, capacity: Capacity) -> float:
    """How long an invocation may wait for its turn (seconds), so that a call still has what calls take."""
    return max(0.0, deadline.for_call() - capacity.call_seconds())


class Turns:
    """Whether Claude may be called; `state` is the capacity as it was last read, `waited` is in seconds."""

    def __init__(self, capacity: Capacity, clock: Clock, deadline: Deadline, state: CapacityState) -> None:
        self.state = state
        self.waited = 0.0
        self._capacity = capacity
        self._clock = clock
        self._deadline = deadline
        self._refused_until = 0.0

    def wait(self) -> None:
        """Returns when Claude may be called.

        Raises GateClosedError when that is too long to wait in place.
        """
        while self.state.opens_at > (now := self._clock.now()):
            longest = wait_in_place(self._deadline, self._capacity)
            if self.state.opens_at - now > longest:
                raise GateClosedError(self.state)
            turn = self._capacity.take_turn(self.state)
            if turn - now > longest:
                raise GateClosedError(self.state)
            self._wait_until(turn)
            if self.state.gate_until <= self._clock.now():
                return

    def refused(self, error: SharedLimitError) -> None:
        """Takes in that Claude is busy, or was called too often: the gate is closed."""
        self._refused_until = self._capacity.shared_limit(self.state, error.retry_at, str(error))
        self.state = self._with_refusal(self._capacity.last_seen)  # which that has just written

    def look(self) -> None:
        """Reads the capacity afresh, before one more call in the same invocation."""
        self.state = self._with_refusal(self._capacity.read())

    def _wait_until(self, turn: float) -> None:
        """Until then, or until somebody opens the gate by hand; for a mere turn nobody needs to look."""
        while (left := turn - self._clock.now()) > 0:
            is_closed = self.state.gate_until > self._clock.now()
            sleeps = min(left, LOOK_SECONDS) if is_closed else left
            self._clock.sleep(sleeps)
            self.waited += sleeps
            self.state = self._with_refusal(self._capacity.after_wait())
            if self.state.opens_at <= self._clock.now():
                return

    def _with_refusal(self, state: CapacityState) -> CapacityState:
        """The state, in which a refusal met here counts even where it could not be written down."""
        return replace(state, gate_until=max(state.gate_until, self._refused_until))
