"""One end for a whole call: httpx times each read, so a server that sends a byte a second is never late."""

import time
from typing import Any

import httpcore2
import httpx2

WRITE_BYTES = 4096
"""A longer write may wait for its time-out several times over."""
MOST_RECEIVED_BYTES = 4 * 1024**2
"""Far more than any answer, and little enough to be read within the time that is kept for writing."""


class Network(httpcore2.NetworkBackend):
    """The way to Claude, on which every wait ends when the call does."""

    def __init__(self) -> None:
        self._tcp = httpcore2.SyncBackend()
        self._ends_at = 0.0
        self._received = 0

    def carry(self, client: httpx2.Client) -> httpx2.Client:
        """The same client with its connections on this network, those by way of a proxy too.

        httpcore takes a backend for each of its pools; httpx has no way to hand one on. Raises KeyError when
        that has changed.
        """
        for transport in (vars(client)["_transport"], *vars(client)["_mounts"].values()):
            if transport is not None:
                pool = vars(vars(transport)["_pool"])
                del pool["_network_backend"]  # else a new name would leave ours unused
                pool["_network_backend"] = self
        return client

    def begin_call(self, seconds: float) -> None:
        """From now on there are so many seconds, whatever the server sends."""
        self._ends_at = time.monotonic() + seconds
        self._received = 0

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any) -> Any:
        return _Stream(self._tcp.connect_tcp(host, port, self.left(timeout), *args, **more), self)

    def left(self, timeout: float | None) -> float:
        """The time-out of the next step. Raises a time-out when the call has none left."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the call's time is over")
        return left if timeout is None else min(left, timeout)

    def received(self, data: bytes) -> bytes:
        """Counts what came. Raises an error when that can be no answer any more."""
        self._received += len(data)
        if self._received > MOST_RECEIVED_BYTES:
            raise httpcore2.ReadError(f"more than {MOST_RECEIVED_BYTES} bytes came back")
        return data


class _Stream(httpcore2.NetworkStream):
    """A connection on that network, plain or encrypted."""

    def __init__(self, stream: httpcore2.NetworkStream, network: Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._network.received(self._stream.read(max_bytes, self._network.left(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_BYTES):
            self._stream.write(buffer[start : start + WRITE_BYTES], self._network.left(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        try:
            encrypted = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        except BaseException:
            self.close()  # httpcore leaves that to whoever opened it
            raise
        return _Stream(encrypted, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()
