"""`differential list`."""

import time
from collections.abc import Iterator
from typing import Any

import click

from cli.options import Session, with_session
from cli.reading import page_of, rows_of
from views.listing import STATES, Choice, duration

COLUMNS = ("ticket", "state", "severity", "age", "subject", "cause")
EVERY_SECONDS = 2.0


class Duration(click.ParamType[Any]):
    """30m, 2h, 7d."""

    name = "30m|2h|7d"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="Only these; more than one may be named.",
)
@click.option("--severity", default="", help="Only this severity.")
@click.option("--older", type=Duration(), help="Only those that began so long ago or longer.")
@click.option("--younger", type=Duration(), help="Only those that began since.")
@click.option("--subject", default="", help="Only those of this subject or component.")
@click.option("--incident", default="", help="Only this incident and its members.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="So many at most.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1), help="The next so many.")
@click.option("--watch", is_flag=True, help="Keep it live, until Ctrl-C.")
@with_session
def command(session: Session, *, limit: int, page: int, watch: bool, **chosen_by: Any) -> None:
    """The tickets that are open, severest first, then oldest."""
    choice = Choice(**chosen_by)
    if session.screen.is_json:
        rows = rows_of(session.deployment, choice)
        shown, more = page_of(rows, limit, page)
        session.screen.data({"tickets": [row.as_data() for row in shown], "more": more})
        return
    if not watch:
        for drawn in _drawn(session, choice, limit, page):
            session.screen.console.print(drawn)
        return
    from rich.console import Group  # noqa: PLC0415 - only here
    from rich.live import Live  # noqa: PLC0415 - only here

    with Live(console=session.screen.console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        while True:
            live.update(Group(*_drawn(session, choice, limit, page)), refresh=True)
            time.sleep(EVERY_SECONDS)


def _drawn(session: Session, choice: Choice, limit: int, page: int) -> Iterator[Any]:
    found = rows_of(session.deployment, choice)
    rows, more = page_of(found, limit, page)
    if found and not rows:
        yield f"No ticket is on page {page}; there are {len(found)}."
        return
    if not rows:
        yield "No ticket." if choice == Choice() else "No ticket is of that kind."
        return
    yield session.screen.table(COLUMNS, (row.cells() for row in rows))
    if more:
        yield f"{more} more: --page {page + 1}"
