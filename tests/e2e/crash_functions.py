"""The functions in a process of their own, where an invocation can be killed at any call that it makes."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from local.aws.template import ROOT


class Kill(NamedTuple):
    """Where to die: `before` or `after` which call, counted from 1."""

    when: str
    number: int


@dataclass(frozen=True)
class Ended:
    """How an invocation ended: its calls in order, the time by its clock, and what it returned if it did."""

    calls: list[str]
    now: float
    killed: bool
    returned: Any
    completed: bool


class Functions:
    """Invokes handlers in the process (tests/e2e/crash_child.py)."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._jobs, self._answers = process.stdin, process.stdout

    def invoke(
        self, function: Mapping[str, Any], event: Mapping[str, Any], now: float, kill: Kill | None
    ) -> Ended:
        """One invocation of a function (its properties in the template) that begins at `now`."""
        job = {"handler": function["Handler"], "timeout": function["Timeout"], "event": event}
        self._jobs.write(json.dumps({**job, "now": now, "kill": kill}) + "\n")
        self._jobs.flush()
        answer = json.loads(self._answers.readline())
        assert not answer["unseen"], f"connections that no crash point stands for: {answer['unseen']}"
        return Ended(
            answer["calls"], answer["now"], answer["killed"], answer.get("returned"), "returned" in answer
        )


@contextmanager
def running_functions(environment: Mapping[str, str]) -> Iterator[Functions]:
    """Starts the process with this environment; it ends with the `with`."""
    paths = {"PYTHONPATH": ":".join(str(ROOT / path) for path in ("functions", "layers/shared", "."))}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore:No application metrics", "-m", "tests.e2e.crash_child"],
        cwd=ROOT,
        env={**environment, **paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Functions(process)
