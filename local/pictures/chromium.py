"""A headless Chromium of this machine, driven by Playwright; it is looked for, never downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""It opens pages of this machine alone, so it needs no sandbox, and it asks nobody else for anything."""
MISSING = (
    f"no Chromium: none of {', '.join(NAMES)} is on the PATH, and CHROMIUM names none"
    " (Debian and Ubuntu: apt-get install chromium)"
)


class NoChromiumError(Exception):
    """Raised when there is no Chromium; the text says where it was looked for."""


def chromium() -> str | None:
    """Where it is; the environment variable CHROMIUM goes before the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """One browser for as long as a `with` lasts. Raises NoChromiumError."""
    path = chromium()
    if path is None:
        raise NoChromiumError(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield started
        finally:
            started.close()
