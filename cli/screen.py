"""What is written to the terminal: tables and lines for people, JSON for programs.

Text that came with a ticket is never obeyed by the terminal, only shown.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

KEPT = "\n\t"
WIDTH_OF_A_FILE = 110
LEAST = 8
"""What a column of a table keeps."""
GAP = 2
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
STYLES = {
    "critical": "bold red",
    "warning": "yellow",
    "done": "green",
    "diagnosed": "green",
    "failed": "red",
    "running": "cyan",
    "deferred": "yellow",
}


def printable(text: str) -> str:
    """The text with control, format and surrogate characters spelt out, so that the terminal obeys none."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        character if character in KEPT or unicodedata.category(character) not in HIDDEN else _spelt(character)
        for character in text
    )


def visible(text: str) -> str:
    """`printable`, for a reader who sees no screen: what a screen shows as nothing is spelt out, too."""
    from runtime.characters import HIDDEN as HIDES  # noqa: PLC0415 - `--help` does without

    return printable(HIDES.sub(lambda found: found[0] if found[0] in KEPT else _spelt(found[0]), text))


def one_line(text: str, length: int = 160) -> str:
    """The text on one line, cut to so many characters."""
    line = " ".join(printable(text[: 4 * length]).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _spelt(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def as_json(value: Any) -> str:
    """JSON as this command line prints it: ASCII, indented, numbers as numbers."""
    return json.dumps(value, indent=2, default=_plain, ensure_ascii=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < 10**18
        return int(value) if whole else float(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value, key=str)
    return str(value)


class Screen:
    """Writes for people or, with `json`, one JSON document for programs."""

    def __init__(self, *, is_json: bool, console: "Console | None" = None) -> None:
        self.is_json = is_json
        self._console = console

    @property
    def console(self) -> "Console":
        """Rich's, without colours where there is no terminal or NO_COLOR is set."""
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - `--help` and JSON do without

            self._console = Console(highlight=False)
            if not self._console.is_terminal:
                self._console.width = WIDTH_OF_A_FILE
        return self._console

    def data(self, value: Any) -> None:
        """The answer for programs."""
        sys.stdout.write(as_json(value) + "\n")

    def line(self, text: str = "", style: str = "") -> None:
        from rich.text import Text  # noqa: PLC0415 - as above

        self.console.print(Text(printable(text), style=style), soft_wrap=True)

    def markdown(self, text: str) -> None:
        """A document rendered for reading; links are shown, not made."""
        from rich.markdown import Markdown  # noqa: PLC0415 - as above

        self.console.print(Markdown(printable(text), hyperlinks=False))

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names and values, those without a value left out."""
        told = [(name, value) for name, value in rows if value]
        width = max((len(name) for name, _ in told), default=0)
        from rich.text import Text  # noqa: PLC0415 - as above

        for name, value in told:
            row = Text.assemble((f"{name:<{width}}  ", "dim"), (printable(value), STYLES.get(value, "")))
            self.console.print(row)

    def table(self, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Any:
        """A table that shrinks with the terminal, from the last column on; the first is never cut.

        Where there is no room for that, each row's first cell has a line, and the others stand below it.
        """
        cells = [[one_line(row.get(column, ""), 200) for column in columns] for row in rows]
        headings = [column.upper() for column in columns]
        if (widths := _widths([headings, *cells], self.console.width)) is None:
            return _below_one_another(cells)
        from rich.table import Table  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        shown = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", expand=False)
        for heading, width in zip(headings, widths, strict=True):
            shown.add_column(heading, no_wrap=True, overflow="ellipsis", width=width)
        for row in cells:
            shown.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
        return shown


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """What each column takes; what is too much is taken from the last, then from the one before it.

    None where the first would have to be cut.
    """
    from rich.cells import cell_len  # noqa: PLC0415 - as above

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    excess = sum(widths) + GAP * len(widths) - room
    for column in range(len(widths) - 1, 0, -1):
        given = min(max(0, excess), max(0, widths[column] - LEAST))
        widths[column] -= given
        excess -= given
    return None if excess > 0 else widths


def _below_one_another(rows: Iterable[Sequence[str]]) -> Any:
    from rich.console import Group  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    lines = []
    for first, *others in rows:
        below = Text("  ", no_wrap=True, overflow="ellipsis")
        for cell in filter(None, others):
            below.append(", " if len(below) > GAP else "").append(cell, style=STYLES.get(cell, ""))
        lines += [Text(first, style="bold", overflow="fold"), below]
    return Group(*lines)
