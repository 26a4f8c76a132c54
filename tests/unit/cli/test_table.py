"""A table at terminals of any width: what tells the rows apart stays."""

from io import StringIO

import pytest
from rich.console import Console

from cli.screen import Screen

COLUMNS = ("ticket", "state", "severity", "age", "subject", "cause")
ROW = {
    "ticket": "orders-db-errors-067ab859-20261128T182920312Z",
    "state": "open, deferred",
    "severity": "critical",
    "age": "11d",
    "subject": "orders-db",
    "cause": "An analyst's session was left idle in a transaction and holds a lock on entries. " * 3,
}


def drawn(width: int, rows: list[dict[str, str]]) -> list[str]:
    console = Console(width=width, file=StringIO())
    screen = Screen(is_json=False, console=console)
    with console.capture() as captured:
        console.print(screen.table(COLUMNS, rows))
    return captured.get().splitlines()


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (200, COLUMNS),
        (110, COLUMNS),
        (80, COLUMNS),
        (62, ("ticket", "state", "severity", "age", "cause")),
        (40, ("ticket", "state", "cause")),
    ],
)
def test_a_long_cause_takes_no_other_column_s_room(width: int, shown: tuple[str, ...]) -> None:
    head, row = drawn(width, [ROW])
    assert head.split() == [name.upper() for name in shown]
    assert len(row) <= width
    assert all(ROW[name] in row for name in shown[1:-1])
    assert row.startswith("orders-d")


def test_no_row_is_a_head_alone() -> None:
    [head] = drawn(110, [])
    assert head.split() == [name.upper() for name in COLUMNS]
