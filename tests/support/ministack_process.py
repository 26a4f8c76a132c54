"""AWS for the test of the deployment: ministack in a process of its own, on loopback, with IAM enforced."""

import http.client
import os
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from local.addresses import LOOPBACK
from local.aws.emulator import isolate
from local.aws.names import ACCOUNT, REGION
from local.aws.template import ROOT

PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
_START_SECONDS = 60
_STOP_SECONDS = 10


class Ministack:
    """`with Ministack(folder) as aws:` and AWS answers at `aws.url`; all that it writes lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
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
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [PYTHON, ROOT / "tests" / "support" / "ministack_server.py"],
                cwd=self._folder,
                env=environment | own,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._await_start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _await_start(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=5)
            try:
                connection.request("GET", "/_ministack/health")
                if connection.getresponse().status == http.client.OK:
                    return
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
        raise RuntimeError(f"ministack did not start\n{self.log.read_text('utf-8')}")

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
