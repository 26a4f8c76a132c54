"""AWS's clients kept from one test to the next: to make one takes as long as many of its calls to moto.

For moto in this process alone: all that a client remembers is how many retries it has left, and there none is
made.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest import mock

import boto3


@contextmanager
def shared_clients() -> Iterator[None]:
    """As long as it lasts, boto3 gives the client or resource that it has made of the same description."""
    with ExitStack() as patched:
        for kind in ("client", "resource"):
            patched.enter_context(mock.patch.object(boto3, kind, _KEPT[kind]))
        yield


_KEPT: dict[str, Any] = {kind: cache(getattr(boto3, kind)) for kind in ("client", "resource")}
