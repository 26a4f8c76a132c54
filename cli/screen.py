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
LEAST_SHOWN, GAP = 10, 2
"""Characters of a table's first and last column, and between two."""
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
    return "".join(
        character if character in KEPT or unicodedata.category(character) not in HIDDEN else _spelt(character)
        for character in text
    )


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
        """A table that fits the terminal: its first and last column shrink, those between may be left out."""
        from rich.table import Table  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        told = [{column: one_line(row.get(column, ""), 200) for column in columns} for row in rows]
        kept = _fitting(columns, told, self.console.width)
        shown = Table(box=None, pad_edge=False, header_style="dim", expand=False)
        for column in kept:
            # Rich takes from columns that may wrap before it takes from all; no cell wraps all the same.
            shown.add_column(column.upper(), no_wrap=column not in (kept[0], kept[-1]))
        for row in told:
            cells = [row[column] for column in kept]
            shown.add_row(
                *(Text(cell, STYLES.get(cell, ""), no_wrap=True, overflow="ellipsis") for cell in cells)
            )
        return shown


def _fitting(columns: Sequence[str], rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    """The columns without those, from the right, that would leave the first and the last too little."""
    first, *between, last = columns
    widths = {each: max([len(each), *(len(row[each]) for row in rows)]) + GAP for each in between}
    while between and sum(widths[each] for each in between) > width - 2 * LEAST_SHOWN - GAP:
        between.pop()
    return [first, *between, last]
