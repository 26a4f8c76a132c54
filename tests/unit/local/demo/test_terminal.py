"""What came with a ticket is shown by the demo's terminal and never obeyed."""

import io

from rich.console import Console

from cli.screen import one_line, printable
from local.demo.terminal import Terminal
from local.demo.watch import Transition


def shown(act: str, *arguments: object) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=100)
    getattr(Terminal(console), act)(*arguments)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_control_characters_are_spelt_out() -> None:
    assert printable("a\x1b[2Jb\x9b31m\u202ec\x07\ud800") == r"a\x1b[2Jb\x9b31m\u202ec\x07\ud800"


def test_newlines_tabs_and_other_languages_stay() -> None:
    assert printable("Störung\n\t磁盘 ディスク") == "Störung\n\t磁盘 ディスク"


def test_one_line_is_one_line_and_not_too_long() -> None:
    assert one_line("a\n\n b\tc") == "a b c"
    assert one_line("x" * 30, 10) == "x" * 9 + "…"


def test_markup_in_a_ticket_is_shown_as_it_was_written() -> None:
    hostile = "[bold]x[/bold] [link=https://a.example]y[/link] \x1b]8;;https://a.example\x07z"
    transition = Transition(0.0, hostile[:20], "—", "failed", hostile)
    for output in (
        shown("line", hostile),
        shown("transition", transition),
        shown("notice", hostile, [hostile]),
    ):
        assert "[bold]x[/bold]" in output
        assert "\x1b]8" not in output
        assert "\x07" not in output


def test_links_in_a_diagnosis_are_not_made() -> None:
    output = shown("markdown", "title", "## Diagnosis\n\n[y](https://a.example) \x1b[2J")
    assert "Diagnosis" in output
    assert "\x1b]8" not in output
    assert r"\x1b[2J" in output
