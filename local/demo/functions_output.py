"""Keeps what the functions write apart from what the local tools show."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from local.aws.template import ROOT

LOGS = ROOT / ".logs"
KEPT = 10
"""How many logs stay in the folder, the newest."""


@contextmanager
def functions_output(*, shown: bool, folder: Path = LOGS) -> Iterator[Path | None]:
    """Keep what the functions write (JSON log lines, metrics) away from the demo's own lines, in a file."""
    if shown:
        yield None
        return
    path = _new_log(folder)
    with path.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        logging.basicConfig(stream=file, force=True)
        yield path


def _new_log(folder: Path) -> Path:
    """A log that is this process's alone; all but the newest are deleted."""
    folder.mkdir(exist_ok=True)
    for old in sorted(folder.glob("*.log"))[: -(KEPT - 1)]:
        old.unlink(missing_ok=True)  # another demo may be tidying up as well
    return folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}-{os.getpid()}.log"
