"""Every call that an invocation makes to AWS or to Claude, and what may happen around one of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.fake_clock import FakeClock

How = Literal["killed before", "killed after", "refused", "answer lost", "sent twice", "overtaken"]
CALL_SECONDS = 0.02


class KilledError(BaseException):
    """Raised out of a call: the process is gone, and none of its handlers may run any more."""


SAME = "the ticket that the invocation is about"


@dataclass(frozen=True)
class Act:
    """What a producer, a person or AWS does. What overtakes a call may concern the `SAME` ticket."""

    name: str
    ticket_id: str
    nature: str = "plain"


@dataclass(frozen=True)
class Disturbance:
    """What happens at one call of an invocation, counted from 1.

    `refused`: AWS does not take the call. `answer lost`: it did, but nobody hears of it. `sent twice`: so it
    was, and botocore sent it again. `overtaken`: `acts` happen first.
    """

    at: int
    how: How
    acts: tuple[Act, ...] = ()


@dataclass
class _Invocation:
    ends_at: float
    disturbance: Disturbance | None
    calls: int = 0
    killed: bool = False
    sent_twice: bool = False


class Calls:
    """Counts the calls of the running invocation, and disturbs the one that it is told to.

    `overtake` performs the acts of others. `skew` is what the clock was set on or back, which no deadline
    minds; `wrote` becomes true with every update.
    """

    def __init__(
        self, clock: FakeClock, overtake: Callable[[tuple[Act, ...]], None] = lambda _: None
    ) -> None:
        self.skew = 0.0
        self.wrote = True
        self._clock = clock
        self._overtake = overtake
        self._running: list[_Invocation] = []

    def watch(self, client: Any) -> None:
        """Has every call of a boto3 client pass here."""
        events = client.meta.events
        events.register("before-call", lambda model, **_: self.before(model.name))
        events.register("after-call", lambda model, **_: self.after(model.name))
        # botocore waits as many seconds as it is told, and sends the same request again
        events.register("needs-retry", lambda operation, **_: 0 if self.is_sent_again() else None)

    @contextmanager
    def invocation(self, seconds: float, disturbance: Disturbance | None) -> Iterator[Callable[[], float]]:
        """One invocation that is killed after `seconds`; gives a function for what is left of them."""
        running = _Invocation(self._uptime() + seconds, disturbance)
        self._running.append(running)
        try:
            yield lambda: running.ends_at - self._uptime()
        finally:
            self._running.remove(running)

    def before(self, name: str) -> None:
        running = self._caller()
        if running is not None:
            self._disturb_before(running, name)
        self.wrote = self.wrote or name == "UpdateItem"

    def after(self, name: str) -> None:
        running = self._caller()
        if running is None:
            return
        self._die_in_time(running)
        match self._due(running):
            case Disturbance(how="killed after"):
                self._kill(running)
            case Disturbance(how="answer lost"):
                raise ReadTimeoutError(endpoint_url=name)

    def _disturb_before(self, running: _Invocation, name: str) -> None:
        self._clock.advance(CALL_SECONDS)
        self._die_in_time(running)
        running.calls += 1
        match self._due(running):
            case Disturbance(how="killed before"):
                self._kill(running)
            case Disturbance(how="refused"):
                raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "simulated"}}, name)
            case Disturbance(how="overtaken", acts=acts):
                self._overtake(acts)
                self._die_in_time(running)

    def die(self) -> None:
        """The running invocation comes to its end here and now."""
        if running := self._caller():
            self._kill(running)

    def is_sent_again(self) -> bool:
        """Whether the call, which has been answered, is to be made once more before anybody hears of it."""
        running = self._caller()
        due = self._due(running) if running else None
        if running is None or running.sent_twice or due is None:
            return False
        running.sent_twice = due.how == "sent twice"
        return running.sent_twice

    def _caller(self) -> _Invocation | None:
        return self._running[-1] if self._running else None

    def _due(self, running: _Invocation) -> Disturbance | None:
        disturbance = running.disturbance
        return disturbance if disturbance and disturbance.at == running.calls else None

    def _die_in_time(self, running: _Invocation) -> None:
        if running.killed or self._uptime() >= running.ends_at:
            self._kill(running)

    def _kill(self, running: _Invocation) -> None:
        running.killed = True
        raise KilledError

    def _uptime(self) -> float:
        return self._clock.now() - self.skew
