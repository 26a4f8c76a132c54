"""A function of the built artifact, run under Lambda's own Runtime Interface Emulator, without Docker."""

import http.client
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from samtranslator.yaml_helper import yaml_parse

from local.addresses import LOOPBACK
from local.aws.template import ROOT
from tests.support.server_process import ServerNotStartedError, free_port, is_listened_at, serving

ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
PYTHON = ROOT / ".venv-lambda" / "bin" / "python3.13"
"""Python 3.13 with the runtime interface client and nothing else, as in Lambda."""

_START_SECONDS = 10


class RuntimeEmulatorError(Exception):
    """The emulator did not start, or the function raised, ran out of time or crashed."""


def emulator_binary() -> Path | None:
    """The emulator lies inside the SAM CLI's package, which ships it for Linux."""
    inside = f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"
    found = sorted((ROOT / ".venv-sam").glob(inside))
    return found[0] if found and sys.platform == "linux" else None


class RuntimeEmulator:
    """`with RuntimeEmulator("DiagnoseFunction", build, environment) as function: function.invoke(event)`."""

    def __init__(self, logical_id: str, build: Path, environment: Mapping[str, str]) -> None:
        """`build` is where `sam build` left the artifact; `environment` is all that the function sees."""
        self._running = ExitStack()
        resources = yaml_parse((build / "template.yaml").read_text("utf-8"))
        shared = resources.get("Globals", {}).get("Function", {})
        own = resources["Resources"][logical_id]["Properties"]
        self._timeout = int(own["Timeout"])
        self._handler: str = own["Handler"]
        self._code = build / own["CodeUri"]
        layers = [resources["Resources"][layer["Ref"]]["Properties"] for layer in shared.get("Layers", [])]
        # Lambda's order: the function's own code, then /opt/python, into which all layers are unpacked.
        path = [self._code, *(build / layer["ContentUri"] / "python" for layer in layers)]
        self._environment = {
            **environment,
            "AWS_LAMBDA_FUNCTION_NAME": logical_id,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self._timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(own["MemorySize"]),
            "LAMBDA_TASK_ROOT": str(self._code),
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTHONDONTWRITEBYTECODE": "1",  # /opt and /var/task are read-only in Lambda
        }

    def __enter__(self) -> Self:
        binary = emulator_binary()
        if binary is None:
            raise RuntimeEmulatorError(
                "no Runtime Interface Emulator for this machine: `make tools` installs it"
            )
        self._port = free_port()
        self._log = self._running.enter_context(tempfile.TemporaryFile())
        emulator = f"--runtime-interface-emulator-address {LOOPBACK}:{self._port}"
        runtime = f"--runtime-api-address {LOOPBACK}:{free_port()}"
        function = PYTHON, "-m", "awslambdaric", self._handler
        try:
            self._running.enter_context(
                serving(
                    [binary, *emulator.split(), *runtime.split(), *function],
                    lambda: is_listened_at(self._port),
                    environment=self._environment,
                    folder=self._code,
                    log=self._log,
                    start_seconds=_START_SECONDS,
                )
            )
        except ServerNotStartedError as error:
            said = f"{error}\n{self.log()}"
            self._running.close()
            raise RuntimeEmulatorError(said) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """The handler's answer. One at a time: a second request at the same time would end the emulator."""
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=self._timeout + 10)
        try:
            connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
            response = connection.getresponse()
            answer = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise RuntimeEmulatorError(f"the emulator is gone: {error}\n{self.log()}") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise RuntimeEmulatorError(f"the function crashed: {response.status} {answer}\n{self.log()}")
        try:
            result = json.loads(answer)
        except ValueError as error:  # the emulator says in plain text that a function ran out of time
            raise RuntimeEmulatorError(f"{answer}\n{self.log()}") from error
        if isinstance(result, dict) and "errorType" in result:
            raise RuntimeEmulatorError(f"{result['errorType']}: {result.get('errorMessage')}\n{self.log()}")
        return result

    def log(self) -> str:
        """What the emulator and the function have printed."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")
