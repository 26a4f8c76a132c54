"""What the demo shows: text that came with a ticket is never obeyed by the terminal, only shown."""

from collections.abc import Sequence

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.screen import one_line, printable
from local.demo.watch import Transition

_WIDTH_OF_A_FILE = 110
_COLOURS = {
    "running": "cyan",
    "done": "green",
    "failed": "red",
    "deferred": "yellow",
    "pending": "magenta",
}


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
