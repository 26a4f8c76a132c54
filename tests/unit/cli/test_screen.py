"""What a terminal shows of tickets: narrow or wide, in any script, and driven by none of them."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from cli.screen import Screen
from tests.support.injections import INJECTIONS

COLUMNS = ("ticket", "state", "severity", "age", "subject", "cause")
LONG = "orders-2026-11-20-queue-drains"
ROW = {
    "ticket": LONG,
    "state": "acknowledged, deferred",
    "severity": "critical",
    "age": "11d",
    "subject": "checkout",
    "cause": "A migration holds the lock that the consumer waits for",
}
CJK = {**ROW, "subject": "支払いサービス", "cause": "接続数が上限を超えている" * 6}
HEBREW = {**ROW, "subject": "שלום", "cause": "العربية " * 20}


def shown(width: int, *rows: Mapping[str, str]) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    table: Any = Screen(is_json=False, console=console).table(COLUMNS, rows)
    console.print(table)
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_ticket_s_id_is_whole_at_any_width_and_nothing_is_wider(width: int) -> None:
    told = shown(width, ROW, CJK, HEBREW)
    assert told.count(LONG) == 3
    assert max(map(cell_len, told.splitlines())) <= width


def test_a_narrow_terminal_has_the_rest_below_the_id() -> None:
    assert shown(40, ROW).splitlines() == [LONG, "  acknowledged, deferred, critical, 11d…"]


def test_the_last_column_gives_way_first() -> None:
    heading, row = shown(100, ROW).splitlines()
    assert heading.split() == ["TICKET", "STATE", "SEVERITY", "AGE", "SUBJECT", "CAUSE"]
    assert "acknowledged, deferred  critical  11d  checkout  A migra" in row


@pytest.mark.parametrize("width", [40, 120])
def test_no_text_of_a_ticket_leaves_its_cell(width: int) -> None:
    rows = [dict.fromkeys(COLUMNS, text) for text in INJECTIONS]
    assert shown(width, *rows).replace("\n", "").isprintable()
