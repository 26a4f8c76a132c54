"""A handler whose first invocation runs in a process of its own and is killed while Claude is thinking."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from local.aws.function import Handler, import_handler
from local.aws.template import ROOT, Template
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn

LONG_SECONDS = 60.0
LOOK_SECONDS = 0.02


class RuntimeExitError(Exception):
    """Lambda's error for a process that has gone: it names the signal."""


class Crashing:
    """SIGKILL leaves no handler a chance to tidy up, which an exception raised in this process would."""

    def __init__(self, stand_in: StandIn, function: str, timeout: float) -> None:
        self._stand_in = stand_in
        self._function = function
        self._timeout = timeout
        self._crashed = False
        self._handler: Handler | None = None
        stand_in.script(Fault(Kind.ANSWER, delay=LONG_SECONDS))

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        if not self._crashed:
            self._crashed = True
            self._run_and_kill(event)
        if self._handler is None:
            template = Template.read()
            self._handler = import_handler(template, template.resource(self._function))
        return self._handler(event, context)

    def _run_and_kill(self, event: Mapping[str, Any]) -> None:
        """Raises RuntimeExitError once the process that asked Claude is dead."""
        command = [sys.executable, "-m", "local.demo.invoke", self._function, "-"]
        command += ["--hurry", "--timeout", str(self._timeout)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=sys.stderr, text=True
        ) as process:
            if process.stdin is not None:
                process.stdin.write(json.dumps(event))
                process.stdin.close()
            looking = threading.Event()
            while not self._stand_in.calls and process.poll() is None:
                looking.wait(LOOK_SECONDS)
            process.kill()
            code = process.wait()
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise RuntimeExitError(f"the function's process ended with {name}")
