"""moto on a clock of the test's own."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from unittest import mock

from moto.core.utils import utcnow as machines_utcnow

from runtime.clock import Clock

_WITH_A_UTCNOW_OF_THEIR_OWN = [
    import_module(f"moto.{name}")
    for name in ("cloudwatch.models", "core.utils", "dynamodb.models.table", "logs.models")
]


@contextmanager
def moto_clock(clock: Clock) -> Iterator[None]:
    """As long as it lasts, the times of queues, streams, logs and alarms go by the clock."""

    def utcnow() -> datetime:
        return datetime.fromtimestamp(clock.now(), UTC).replace(tzinfo=None)

    with ExitStack() as patched:
        for module in _WITH_A_UTCNOW_OF_THEIR_OWN:
            patched.enter_context(mock.patch.object(module, "utcnow", utcnow))
        yield
    # A service that was first asked meanwhile has imported the clock, and would keep it for good.
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and vars(module).get("utcnow") is utcnow:
            vars(module)["utcnow"] = machines_utcnow
