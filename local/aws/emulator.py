"""The AWS emulator: a moto server on loopback, in this process."""

import http.client
import logging
import os
import socket
from collections.abc import MutableMapping
from types import TracebackType
from typing import Self

from local.aws.names import ACCOUNT, REGION

HOST = "127.0.0.1"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class PortTakenError(Exception):
    """Something else already listens on the port that the emulator was told to use."""


class Emulator:
    """A moto server; `with Emulator() as emulator:` and AWS answers at `emulator.url`."""

    def __init__(self, port: int = 0) -> None:
        """`port` 0 takes any free port."""
        # Half a second that only its users should pay.
        from moto.server import ThreadedMotoServer  # noqa: PLC0415

        from local.aws.item_limit import keep_item_limit  # noqa: PLC0415

        keep_item_limit()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        _require_free(port)
        self._server = ThreadedMotoServer(HOST, port, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]
        self.url = f"http://{HOST}:{self.port}"

    def reset(self) -> None:
        """Forget every resource."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        connection.request("POST", "/moto-api/reset")
        connection.getresponse().read()
        connection.close()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def isolate(environ: MutableMapping[str, str], endpoint: str, *, keep_proxies: bool = False) -> None:
    """Make AWS clients that read `environ` talk to `endpoint` alone, whatever profile or proxy is set."""
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]
    if not keep_proxies:
        for name in _PROXIES:
            environ.pop(name, None)
    environ.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="local",
        AWS_SECRET_ACCESS_KEY="local",  # noqa: S106 - the emulator takes any
        AWS_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCOUNT_ID=ACCOUNT,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="127.0.0.1,localhost",
        no_proxy="127.0.0.1,localhost",
    )


def _require_free(port: int) -> None:
    """moto's server would die in its own thread, and its starter wait for ever."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(f"port {port} on {HOST} is taken: {error.strerror}") from error
