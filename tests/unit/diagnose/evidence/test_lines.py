"""Text of any shape becomes lines, and none of it goes without being said."""

import json
import sys
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.lines import MAX_LINE_CHARS, log_lines
from diagnose.evidence.log_times import are_without_zone, oldest_first, order_of, written_time
from diagnose.evidence.sections import labelled, lines_of
from runtime.both_ends import both_ends
from runtime.characters import clean

TRACE = "boom\nTraceback (most recent call last):\n  File 'a.py', line 3"
TRACE_LINES = ("boom", "Traceback (most recent call last):", "  File 'a.py', line 3")
PAGE = (
    "<!DOCTYPE html>\n<html>\n<head><title>502 Bad Gateway</title><style>b {\n}</style></head>\n"
    "<body>\n<h1>502 Bad Gateway</h1>nginx</body>\n</html>\n"
)


@pytest.mark.parametrize(
    ("log", "lines"),
    [
        ("one\r\n\n  two\tx\n", ("one", "  two    x")),
        (["one", TRACE, "two"], ("one", *TRACE_LINES, "two")),
        ([["1795000000000", "one"], ["a", "b", "c"]], ("1795000000000 one", "a", "b", "c")),
        ({"app": ["one", "two"]}, ("one", "two")),
        ({"app": "one\ntwo", "db": ["three"]}, ("app: one", "app: two", "db: three")),
        ({"app": ["one"], "lines": 3}, ("one", "lines = 3")),
        (json.dumps(["one", "two"]), ("one", "two")),
        (json.dumps({"events": [{"message": "one"}, {"message": "two"}]}, indent=2), ("one", "two")),
        ('{"level": "error"}\n{"level": "info"}', ('{"level": "error"}', '{"level": "info"}')),
        (
            [{"timestamp": 1_795_000_000_000, "message": TRACE, "stream": "a/1"}],
            ('2026-11-18T11:06:40.000Z boom {"stream": "a/1"}', *TRACE_LINES[1:]),
        ),
        (
            "ready\n" + json.dumps({"time": "02:11", "n": 3, "message": "boom", "stack": "at a\nat b"}),
            ("ready", '02:11 boom {"n": 3}', "  stack: at a", "at b"),
        ),
        (
            [[{"field": "@timestamp", "value": "11:06:40"}, {"field": "@message", "value": "one"}]],
            ("11:06:40 one",),
        ),
        ("", ()),
        ({}, ()),
        (["[not json", "{nor this"], ("[not json", "{nor this")),
    ],
)  # fmt: skip
def test_a_log_of_any_shape_becomes_lines(log: Any, lines: tuple[str, ...]) -> None:
    assert log_lines(log) == lines


def test_a_page_of_html_is_one_line() -> None:
    shown, done = log_lines(f"upstream answered {PAGE}done")

    assert shown.startswith(f"upstream answered (a page of HTML, {len(PAGE) - 1} characters: 502 Bad Gateway")
    assert done == "done"
    assert "\n" not in labelled("message", PAGE)[0]


@pytest.mark.parametrize("piece", ["<html><script ", "<!--", "<", "\\", "\x1b]", "{", "a1.-"])
def test_400_kb_of_one_thing_over_and_over_are_read_in_no_time(piece: str) -> None:
    started = time.process_time()

    log_lines(f"{piece * (400_000 // len(piece))}</html>1b[")

    assert time.process_time() - started < 5


def test_a_table_is_a_row_each_under_its_number() -> None:
    waits = [{"name": f"IO:{kind}", "load": 0.5, "padding": "x" * 40} for kind in ("read", "write")]

    rows = lines_of({"top": {"waits": waits}, "few": [{"a": 1}, {"a": 2}]})

    assert [row.partition(" = ")[0] for row in rows] == ["top.waits[1]", "top.waits[2]", "few"]
    assert "IO:write" in rows[1]


def test_a_long_item_of_a_list_is_its_lines() -> None:
    described = "\n".join(f"  Condition {n}: {'x' * 30}" for n in range(140))

    assert lines_of([described]) == tuple(described.splitlines())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50)
    | st.sampled_from([PAGE, TRACE, "<html", "{"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    | st.dictionaries(st.sampled_from(["message", "timestamp", "field", "value"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(anything.filter(lambda log: isinstance(log, str | list | dict)))
def test_no_shape_of_log_raises_and_no_line_breaks(log: Any) -> None:
    for line in log_lines(log):
        assert len(line) <= MAX_LINE_CHARS
        assert len(line.splitlines()) <= 1


@given(st.text(max_size=300), st.integers(60, 200))
def test_both_ends_stay_and_what_is_missing_between_them_is_counted(text: str, limit: int) -> None:
    short = both_ends(text, limit)

    assert len(short) <= limit
    if short != text:
        head, _, rest = short.partition(" … (")
        missing, _, tail = rest.partition(" characters left out) … ")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(head) + int(missing) + len(tail) == len(text)


class TestHiddenCharacters:
    @pytest.mark.parametrize(
        ("given_text", "shown"),
        [
            ("\x1b[31;1mred\x1b[0m", "red"),
            ("\x1b]8;;https://a.example\x1b\\link\x1b]8;;\x07", "link"),
            ("\x1b[2K\x1b[1Gdone\x1b(B", "done"),
            ("^[[94mTrue^[[39;49;00m", "True"),
            (r"\u001b[32mok\u001b[0m \x1b[1mbold", "ok bold"),
            (r'{"said": "red \\x1b[31m"}', '{"said": "red "}'),
            ("rate(x[5m]) a[0]", "rate(x[5m]) a[0]"),
            ("a\ufe0fb\U000e0101c\u034fd\u3164e\u115ff\uffa0g\u2800h\u180bi\u17b4j", "abcdefghij"),
        ],
        ids=ascii,
    )
    def test_control_sequences_go_whole_and_what_is_not_seen_goes(self, given_text: str, shown: str) -> None:
        assert clean(given_text) == shown

    def test_of_all_characters_the_hidden_categories_go_and_no_letter_or_sign_else(self) -> None:
        hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
        fillers = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
        for code in range(sys.maxunicode + 1):
            category = unicodedata.category(char := chr(code))
            if category in hidden:
                assert clean(f"a{char}b").replace("\n", "").replace(" ", "") in ("ab", "a"), hex(code)
            elif category[0] in "LNPS" and char not in fillers:
                assert clean(char) == char, hex(code)


class TestOrder:
    @pytest.mark.parametrize(
        "time",
        [
            "2026-11-17T02:{:02}:05Z", "2026-11-17 02:{:02}:05,120", "[2026/11/17 02:{:02}:05.100 +00:00]",
            "17/Nov/2026:02:{:02}:05 +0000", "Nov 17 02:{:02}:05", "17951000{:02}",
            '{{"ts": 17951000{:02}.5}}', "02:{:02}:05",
        ],
    )  # fmt: skip
    def test_a_log_that_comes_newest_first_is_turned_round(self, time: str) -> None:
        log = [f"{time.format(minute)} step {minute}" for minute in range(10, 30)]

        assert oldest_first(log) == (tuple(log), "oldest first")
        assert oldest_first(log[::-1]) == (tuple(log), "newest first")

    def test_lines_without_a_time_stay_behind_the_one_before_them(self) -> None:
        failed = ("02:00:03 failed", "  at a", "  at b")
        log = [*failed, "02:00:02 second", "02:00:01 first"]

        assert oldest_first(log)[0] == ("02:00:01 first", "02:00:02 second", *failed)

    def test_lines_that_say_no_order_stay_as_they_are(self) -> None:
        assert oldest_first(["b", "a"]) == (("b", "a"), "unknown")
        assert order_of(["02:00:01 a", "02:00:03 b", "02:00:02 c", "02:00:04 d"]) == "mixed"

    def test_year_1_is_no_time_to_sort_by(self) -> None:
        assert order_of(["2026-11-17T02:00:01Z a", "0001-01-01T00:00:00Z b", "2026-11-17T02:00:02Z c"]) == (
            "oldest first"
        )

    @pytest.mark.parametrize(
        ("time", "without"),
        [
            ("2026-11-17T02:00:01Z", False), ("2026-11-17T02:00:01+01:00", False), ("1795000000", False),
            ("17/Nov/2026:02:00:01 +0000", False), ("2026-11-17 02:00:01,120", True), ("02:00:01", True),
            ("Nov 17 02:00:01", True), ("", False),
        ],
    )  # fmt: skip
    def test_times_that_do_not_say_their_zone_are_found_out(self, time: str, without: bool) -> None:
        assert are_without_zone([f"{time} one", "two"]) is without

    def test_a_time_is_quoted_as_it_is_written(self) -> None:
        assert written_time("at 2026-11-17 02:11:05 it fell") == "2026-11-17 02:11:05"

    @given(
        st.lists(st.text(max_size=30) | st.sampled_from(["02:00:01 a", "2026-13-45T99:99:99Z", "1795000000"]))
    )
    def test_no_line_is_lost_or_added(self, log: list[str]) -> None:
        assert sorted(oldest_first(log)[0]) == sorted(log)
