"""Cold starts of a build's functions, timed: each in a fresh process under the Runtime Interface Emulator."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.runtime_emulator import RuntimeEmulator

NOTHING = """
Resources:
  Nothing:
    Properties: {Handler: nothing.handler, CodeUri: code, Timeout: 30, MemorySize: 512}
"""


@dataclass(frozen=True)
class Start:
    """One kind of cold start: which function, on which event, with which bar."""

    name: str
    function: str
    event: Mapping[str, Any]
    bar: float
    """The most that it may take, as a share of what the plain build takes."""
    prepare: Callable[[], None]
    """Puts the tables into the state that the event meets."""
    check: Callable[[], None]
    """Raises AssertionError when the function has not done what the event asks for."""


def seconds_of(build: Path, function: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> float:
    """From the request to the first answer.

    The emulator listens before, but starts Python at the request: so these are Python, the runtime's client,
    the function's imports and wiring, and its first event.
    """
    with RuntimeEmulator(function, build, environment) as running:
        started = time.perf_counter()
        running.invoke(event)
        return time.perf_counter() - started


def empty_function(folder: Path) -> Path:
    """A build with a function that imports nothing and does nothing, called Nothing."""
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "nothing.py").write_text("def handler(event, context):\n    return None\n", "utf-8")
    (folder / "template.yaml").write_text(NOTHING, "utf-8")
    return folder
