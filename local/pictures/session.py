"""A session at the command line as an SVG: real commands, run one after the other, and what they wrote."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from local.aws.names import REGION
from local.aws.template import ROOT

MOST_LINES = 26
WIDTH = 120
SECONDS = 60
FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""Rich has the picture load its letters from elsewhere; whoever looks at it has some."""


def commands(ticket_id: str) -> Sequence[Sequence[str]]:
    """What somebody does who has been called about a ticket."""
    words = "rolled back, no errors since"
    return (
        ("list",),
        ("show", ticket_id),
        ("feedback", ticket_id, "confirmed", words),
        ("report", ticket_id),
    )


def session(endpoint: str, typed: Sequence[Sequence[str]]) -> Console:
    """The commands at the local stack, as a console that has recorded them. Raises CalledProcessError."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, highlight=False)
    for command in typed:
        written = " ".join(f'"{word}"' if " " in word else word for word in command)
        console.print(Text.assemble(("$ ", "bold green"), (f"differential {written}", "bold")))
        for line in _first(_run(endpoint, command)):
            console.print(Text.from_ansi(line), overflow="fold")
        console.print()
    return console


def as_svg(console: Console) -> str:
    """The picture, which loads nothing from anywhere."""
    svg = console.export_svg(
        title="differential, on the local stack",
        theme=MONOKAI,
        code_format=FONTS.sub("", CONSOLE_SVG_FORMAT),
        unique_id="session",
        clear=False,
    )
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _run(endpoint: str, command: Sequence[str]) -> str:
    """As at a terminal that has colours. Nothing of the user's AWS is asked."""
    aws = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, "-m", "cli", *command],
        cwd=ROOT,
        env={**kept, **aws, **colours, "AWS_REGION": REGION, "PYTHONPATH": str(Path("layers/shared"))},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return ran.stdout


def _first(output: str) -> Iterator[str]:
    lines = output.rstrip().splitlines()
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"\x1b[2m... {len(lines) - MOST_LINES} more lines\x1b[0m"
