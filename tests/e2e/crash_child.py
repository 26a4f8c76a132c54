"""A process that runs the functions' real handlers, each invocation in a fork that can be killed at any call.

It reads a job a line and answers a line each: what calls the invocation made to AWS and Claude, and how it
ended. Everything is imported and built before the forks and no connection is opened, so a fork starts at once
and yet knows no more than a fresh execution environment does.
"""

import gc
import importlib
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from botocore.httpsession import URLLib3Session

import diagnose.app
import rearm.app
import sweep.app
from diagnose.wiring import diagnose_ticket
from rearm.wiring import rearm_ticket
from sweep.wiring import sweep_tickets

HANDLERS = {
    "diagnose.app.handler": diagnose.app.handler,
    "rearm.app.handler": rearm.app.handler,
    "sweep.app.handler": sweep.app.handler,
}

CALL_SECONDS = 0.1
"""What each call takes by the invocation's own clock, which moves with calls and sleeps alone."""


@dataclass
class Context:
    """The part of Lambda's context object that the handlers use."""

    clock: Callable[[], float]
    deadline: float
    function_name: str = "function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - self.clock()) * 1000))


class Invocation:
    """One run of a handler in this process, which is nobody else's: its clock, its calls, perhaps its end."""

    def __init__(self, job: dict[str, Any], reports: int) -> None:
        self._job = job
        self._reports = reports
        self._now = float(job["now"])
        self._calls = 0
        self._in_a_call = threading.local()

    def run(self) -> None:
        """Runs to the end, unless it is killed on the way."""
        random.seed(0)  # a fork would seed it afresh, and no two runs would have the same delays
        time.time, time.sleep = self._time, self._sleep  # type: ignore[assignment]
        URLLib3Session.send = self._watched(URLLib3Session.send, _aws_name)  # type: ignore[method-assign]
        httpx2.HTTPTransport.handle_request = self._watched(  # type: ignore[method-assign]
            httpx2.HTTPTransport.handle_request, lambda request: f"{request.method} {request.url.path}"
        )
        sys.addaudithook(self._audit)
        before = set(sys.modules)
        context = Context(self._time, self._now + self._job["timeout"])
        try:
            outcome = {"returned": HANDLERS[self._job["handler"]](self._job["event"], context)}
        except Exception as error:  # noqa: BLE001 - as Lambda does, whatever it is
            outcome = {"raised": f"{type(error).__name__}: {error}"}
        self._report(**outcome, imported=sorted(set(sys.modules) - before))

    def _time(self) -> float:
        return self._now

    def _sleep(self, seconds: float) -> None:
        self._now += seconds

    def _watched(self, send: Callable[..., Any], name_of: Callable[[Any], str]) -> Callable[..., Any]:
        def watched(sender: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            self._now += CALL_SECONDS
            self._calls += 1
            number = self._calls
            self._report(call=name_of(request))
            self._die_if_told("before", number)
            self._in_a_call.yes = True
            response = send(sender, request, *args, **kwargs)
            self._in_a_call.yes = False
            self._die_if_told("after", number)
            return response

        return watched

    def _die_if_told(self, when: str, number: int) -> None:
        if self._job["kill"] == [when, number]:
            os.kill(os.getpid(), signal.SIGKILL)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        """A connection outside every watched call is one that no crash point stands for."""
        if event == "socket.connect" and not getattr(self._in_a_call, "yes", False):
            self._report(unseen=str(args[1]))

    def _report(self, **what: Any) -> None:
        os.write(self._reports, json.dumps({**what, "now": self._now}).encode() + b"\n")


def _aws_name(request: Any) -> str:
    """Operation and resource, as in `UpdateItem differential-tickets`."""
    target = request.headers["X-Amz-Target"]
    operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
    asked = json.loads(request.body)
    resource = asked.get("TableName") or asked.get("QueueUrl") or asked.get("SecretId")
    index = f" {asked['IndexName']}" if "IndexName" in asked else ""
    return f"{operation} {str(resource).rpartition('/')[2].rpartition(':')[2]}{index}"


def _fork(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            Invocation(job, writing).run()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        reports = [json.loads(line) for line in pipe]
    _, status = os.waitpid(child, 0)
    return {
        "now": job["now"],
        **(reports[-1] if reports else {}),
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "calls": [report["call"] for report in reports if "call" in report],
        "unseen": [report["unseen"] for report in reports if "unseen" in report],
    }


def main() -> None:
    """Serves jobs until its standard input ends; the handlers' own logs go nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    for build in (diagnose_ticket, rearm_ticket, sweep_tickets):
        build()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        answer = _fork(json.loads(line))
        for name in answer.pop("imported", []):
            with suppress(ImportError):
                importlib.import_module(name)  # so that the next fork need not
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
