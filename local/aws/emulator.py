"""The AWS emulator: a moto server in this process."""

import http.client
import logging
import os
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from local.addresses import LOOPBACK, listen, url
from local.aws.names import ACCOUNT, REGION

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class Emulator:
    """A moto server; `with Emulator() as emulator:` and AWS answers at `emulator.url`."""

    def __init__(self, port: int = 0, bind: str = LOOPBACK) -> None:
        """`port` 0 takes any free port; `bind` is an address to listen on beside loopback.

        Raises CannotListenError.
        """
        # Half a second that only its users should pay.
        from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415
        from werkzeug.serving import make_server  # noqa: PLC0415

        from local.aws.api.application import Api  # noqa: PLC0415
        from local.aws.api.quick_moto import keep_moto_quick  # noqa: PLC0415
        from local.aws.tables.rules import keep_table_rules  # noqa: PLC0415

        keep_table_rules()
        keep_moto_quick()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.api = Api()
        self._servers: list[BaseWSGIServer] = []
        for opened in listen(port, bind):
            address, self.port = opened.getsockname()
            with opened:
                server = make_server(
                    address,
                    self.port,
                    self.api,
                    threaded=True,
                    request_handler=MotoRequestHandler,
                    fd=opened.fileno(),
                )
            threading.Thread(target=server.serve_forever, name="emulator", daemon=True).start()
            self._servers.append(server)
        self.url = url(self.port)

    def reset(self) -> None:
        """Forget every resource."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
        connection.request("POST", "/moto-api/reset")
        connection.getresponse().read()
        connection.close()

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()

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
