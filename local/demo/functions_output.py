"""Keeps what the functions write apart from what the local tools show."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path


@contextmanager
def functions_output(*, shown: bool) -> Iterator[Path | None]:
    """Keep what the functions write (JSON log lines, metrics) away from the demo's own lines, in a file."""
    if shown:
        yield None
        return
    descriptor, name = tempfile.mkstemp(prefix="differential-demo-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        logging.basicConfig(stream=file, force=True)
        yield Path(name)
