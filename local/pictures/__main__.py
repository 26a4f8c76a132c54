"""Writes docs/pictures anew, from a real run: the board in Chromium, and a session at the command line."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from local.aws.template import ROOT
from local.board.frame import of_template
from local.board.incidents import NOT_REAL, alarms_ticket, play, quiet
from local.board.server import BoardServer
from local.demo.functions_output import functions_output
from local.pictures.board import PICTURES, taken
from local.pictures.chromium import NoChromiumError, browser
from local.pictures.session import as_svg, commands, session

FOLDER = ROOT / "docs" / "pictures"
SESSION = "session.svg"


def write(folder: Path, chromium: Browser) -> Iterator[Path]:
    """Each picture's path when it is written."""

    def take(url: str, *, is_empty: bool) -> Iterator[Path]:
        for picture in PICTURES:
            if picture.is_empty is is_empty:
                path = folder / f"{picture.name}.png"
                path.write_bytes(taken(chromium, url, picture))
                yield path

    with functions_output(shown=False), quiet() as system:
        with BoardServer(of_template(system.stack.template, system.mappings), NOT_REAL) as server:
            yield from take(server.url, is_empty=True)
            play(system)
            system.mappings.stop(wait_seconds=5)  # nothing changes between two pictures
            yield from take(server.url, is_empty=False)
        path = folder / SESSION
        typed = commands(alarms_ticket(system.watch.tickets()))
        path.write_text(as_svg(session(str(system.stack.endpoint), typed)), "utf-8")
        yield path


def main() -> int:
    """2 where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m local.pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with browser() as chromium:
            for path in write(folder, chromium):
                print(f"{path}  {path.stat().st_size // 1024} KiB", file=sys.__stdout__)
    except NoChromiumError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
