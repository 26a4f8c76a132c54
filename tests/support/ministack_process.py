"""AWS for the test of the deployment: ministack in a process of its own, on loopback, with IAM enforced."""

import http.client
import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from local.addresses import LOOPBACK
from local.aws.emulator import isolate
from local.aws.names import ACCOUNT, REGION
from local.aws.template import ROOT
from tests.support.server_process import ServerNotStartedError, free_port, serving

PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
_START_SECONDS = 60


class Ministack:
    """`with Ministack(folder) as aws:` and AWS answers at `aws.url`; all that it writes lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running = ExitStack()
        self.url = f"http://{LOOPBACK}:{self._port}"
        self.log = folder / "ministack.log"

    def environment(self) -> dict[str, str]:
        """This process's, with AWS clients pointed at the emulator."""
        environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
        isolate(environment, self.url)
        return environment

    def __enter__(self) -> Self:
        own = {
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "BIND_HOST": LOOPBACK,
            "MINISTACK_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self._port),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
        }
        environment: dict[str, str] = {}
        isolate(environment, self.url)
        try:
            with self.log.open("wb") as log:
                self._running.enter_context(
                    serving(
                        [PYTHON, ROOT / "tests" / "support" / "ministack_server.py"],
                        self._is_healthy,
                        environment=environment | own,
                        folder=self._folder,
                        log=log,
                        start_seconds=_START_SECONDS,
                    )
                )
        except ServerNotStartedError as error:
            raise RuntimeError(f"{error}\n{self.log.read_text('utf-8')}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()
