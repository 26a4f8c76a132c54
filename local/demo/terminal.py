"""What the demo shows: text that came with a ticket is never obeyed by the terminal, only shown."""

import unicodedata
from collections.abc import Sequence

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.watch import Transition

_KEPT = "\n\t"
_WIDTH_OF_A_FILE = 110
_COLOURS = {
    "running": "cyan",
    "done": "green",
    "failed": "red",
    "deferred": "yellow",
    "pending": "magenta",
}


def printable(text: str) -> str:
    """`text` with control, format and surrogate characters spelt out, so that the terminal obeys none."""
    return "".join(
        character if character in _KEPT or unicodedata.category(character)[0] != "C" else _spelt(character)
        for character in text
    )


def one_line(text: str, length: int = 160) -> str:
    """`text` on one line, cut to `length`."""
    line = " ".join(printable(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


class Terminal:
    """Writes plain text, Markdown and tables; none of it is read as rich's markup."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        if not self._console.is_terminal:
            self._console.width = _WIDTH_OF_A_FILE

    def line(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(printable(text), style=style), soft_wrap=True)

    def notice(self, title: str, lines: Sequence[str]) -> None:
        """A framed note that cannot be overlooked."""
        body = Text(printable("\n".join(lines)))
        self._console.print(Panel(body, title=Text(printable(title)), border_style="yellow", expand=False))

    def transition(self, change: Transition) -> None:
        """One change of state as one line."""
        text = Text(f"{change.clock_time}  {one_line(change.ticket_id, 40):<36}  ")
        text.append(f"{change.before:>8}", _COLOURS.get(change.before, "dim"))
        text.append(" → ")
        text.append(f"{change.after:<8}", _COLOURS.get(change.after, "dim"))
        text.append(f"  {one_line(change.why)}", "dim")
        self._console.print(text, soft_wrap=True)

    def markdown(self, title: str, text: str) -> None:
        """A document rendered for reading; links are shown, not made."""
        self._console.rule(Text(printable(title), style="bold"))
        self._console.print(Markdown(printable(text), hyperlinks=False))
        self._console.rule()

    def document(self, title: str, text: str) -> None:
        """A text as it stands."""
        self._console.rule(Text(printable(title), style="bold"))
        self.line(text)
        self._console.rule()

    def table(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """Names and values."""
        table = Table(title=Text(printable(title)), show_header=False, title_justify="left")
        table.add_column(justify="left")
        table.add_column(justify="right")
        for name, value in rows:
            table.add_row(Text(printable(name)), Text(printable(value)))
        self._console.print(table)


def _spelt(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
