"""A server in a process of its own, on a port of its own, for as long as a test needs it."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from local.addresses import LOOPBACK

_LOOK_SECONDS = 0.05
_STOP_SECONDS = 10


class ServerNotStartedError(Exception):
    """Raised when a server ends, or its time is over, before it is ready."""


@contextmanager
def serving(
    command: Sequence[str | Path],
    is_ready: Callable[[], bool],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: IO[bytes],
    start_seconds: float,
) -> Iterator[None]:
    """From when it is ready; what it prints goes to `log`. It sees this environment alone.

    It is asked to end, and killed only when it does not: one that has started others would leave them behind.
    """
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + start_seconds
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerNotStartedError(f"{command[0]} did not start")
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_listened_at(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
