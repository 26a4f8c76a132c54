"""moto on a clock of the test's own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from unittest import mock

from runtime.clock import Clock

_WITH_A_UTCNOW_OF_THEIR_OWN = [
    import_module(f"moto.{name}")
    for name in ("cloudwatch.models", "core.utils", "dynamodb.models.table", "logs.models")
]
"""Imported now: a module that is first imported while the clock is in place would keep it for good."""


@contextmanager
def moto_clock(clock: Clock) -> Iterator[None]:
    """As long as it lasts, the times of queues, streams, logs and alarms go by the clock."""

    def utcnow() -> datetime:
        return datetime.fromtimestamp(clock.now(), UTC).replace(tzinfo=None)

    with ExitStack() as patched:
        for module in _WITH_A_UTCNOW_OF_THEIR_OWN:
            patched.enter_context(mock.patch.object(module, "utcnow", utcnow))
        yield
