"""The page of `make board` in a browser, with an eye on everything that a page could do of its own accord."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Dialog, Page, Request, expect

from local.aws.template import ROOT
from local.pictures.board import LIGHT, MOST_MILLISECONDS, WIDTH, settled

GRAVE = ("serious", "critical")
PLAIN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
"""No credentials, no proxies, nothing of the user's."""


@dataclass(frozen=True)
class Served:
    """Where the page is, and the stack behind it."""

    url: str
    aws: str


@contextmanager
def served() -> Iterator[Served]:
    """`make board` as a user runs it, at any free ports, until all has happened on its stack."""
    command = [sys.executable, "-m", "local.board", "--port", "0", "--aws-port", "0", "--claude-port", "0"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=PLAIN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if line.startswith("Ctrl-C"):
                    break
            text = "".join(said)
            assert "No finding here was written by Claude" in " ".join(text.split("│")), text
            found = {word.rstrip(":") for word in text.split() if word.startswith("http://127.0.0.1")}
            [url] = [each for each in found if each.endswith("/")]
            [aws] = found - {url}
            yield Served(url, aws)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()


@dataclass
class Watched:
    """A page, and what it did that nobody asked for: that must stay empty."""

    page: Page
    url: str
    acted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(MOST_MILLISECONDS)
        self.page.on("console", lambda message: self.acted.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.acted.append(f"error: {error}"))
        self.page.on("popup", lambda popup: self.acted.append(f"window: {popup.url}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def opened(self, theme: str = LIGHT, width: int = WIDTH) -> Page:
        """The page as if it were just opened: the list."""
        self.page.set_viewport_size({"width": width + 60, "height": 1000})
        self.page.goto(f"{self.url}?theme={theme}&width={width}")
        settled(self.page)
        return self.page

    def _dialog(self, dialog: Dialog) -> None:
        self.acted.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:,")):
            self.acted.append(f"request: {request.url}")


def grave_findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the whole page, each with where it is."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']}: {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def says(page: Page, text: str) -> None:
    """Until the widget's status line has this text in it."""
    expect(page.locator("#content [role=status]").first).to_contain_text(text)


def picture(name: str) -> Path:
    return ROOT / "docs" / "pictures" / name
