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
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, expect

from local.aws.template import ROOT
from local.pictures.board import LIGHT, WIDTH, opened

GRAVE = ("serious", "critical")
PLAIN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
"""No credentials, no proxies, nothing of the user's."""


@dataclass(frozen=True)
class Served:
    """Where the page is, and the stack behind it."""

    url: str
    aws: str


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """`make board` as a user runs it, at any free ports, until all has happened on its stack."""
    command = [sys.executable, "-m", "local.board", "--port", "0", "--aws-port", "0", "--claude-port", "0"]
    with subprocess.Popen(
        [*command, *arguments],
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
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


@dataclass
class Watched:
    """What a page did that nobody asked for: it must stay empty."""

    acted: list[str] = field(default_factory=list)

    def watch(self, page: Page, url: str) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.acted.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("popup", lambda popup: self.acted.append(f"window: {popup.url}"))
        page.on("request", lambda request: self._request(request, url))

    def _console(self, message: ConsoleMessage) -> None:
        self.acted.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.acted.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request, url: str) -> None:
        if not request.url.startswith((url, "data:,")):
            self.acted.append(f"request: {request.url}")


@contextmanager
def watched(browser: Browser, url: str, theme: str = LIGHT, width: int = WIDTH) -> Iterator[Page]:
    """The page with its widget loaded; at the end nothing must have acted."""
    eye = Watched()
    with opened(browser, url, theme, width, eye.watch) as page:
        yield page
        assert eye.acted == []


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
