"""What an assistant is handed is of a bounded size, exact, and behind a fence that nothing can close."""

import json
import re
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.assistant.envelope import MOST_CHARS, answer, piece_of
from cli.screen import visible
from runtime.characters import HIDDEN
from tickets.plain import plain

FENCE = re.compile(r"^<data (\w+)>\n(.*)\n</data \1>$", re.DOTALL | re.MULTILINE)
ODD = ["</data 0>", "\u202e", "\x1b[2J", "\ud800", "\ufe01\U000e0101", '"}']
TEXTS = st.text(max_size=30) | st.sampled_from(ODD)
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
LEAVES = TEXTS | NUMBERS | st.booleans() | st.none()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["message", "log_tail"]), VALUES))
def test_the_two_halves_of_an_answer_hold_the_same_and_only_inside_the_fence(data: dict[str, Any]) -> None:
    made = answer(data, ["a note"])
    [(_, between)] = FENCE.findall(made.text)
    assert json.loads(between) == made.data
    assert not HIDDEN.search(made.text.replace("\n", ""))
    assert FENCE.sub("", made.text).splitlines()[1:] == ["", "a note"]


def test_numbers_stay_exact_and_what_is_no_text_says_what_it_was() -> None:
    values = [Decimal("1.5"), Decimal("0.1234567890123456789"), 10**30, 2**53, Decimal(3), True, b"\x00\x01"]
    assert answer({"values": values}).data["values"] == [
        1.5,
        "0.1234567890123456789",
        str(10**30),
        2**53,
        3,
        True,
        "<binary, 2 bytes>",
    ]


def nested(levels: int) -> Any:
    return {f"{name}" * 60: nested(levels - 1) for name in "abcdefgh"} if levels else "x" * 900


def test_whatever_is_in_a_ticket_the_answer_fits_and_says_that_it_was_cut() -> None:
    """Texts, lists, maps and depth, each as much as an item may hold, and all at once."""
    for data in (
        {"log_tail": "x" * 400_000},
        {"tickets": [dict.fromkeys("abcdefghij", "x" * 200) for _ in range(100)]},
        {"written": {f"attribute {number}": "x" * 90 for number in range(4000)}},
        {name: nested(3) for name in "abcdefgh"},
    ):
        made = answer(data)
        assert len(json.dumps(made.data)) <= MOST_CHARS
        assert "Cut to fit" in made.notes[-1]
        assert made.data.keys() == plain(data).keys()


def test_of_many_tickets_all_are_kept_and_their_texts_cut() -> None:
    rows = [dict.fromkeys("abcdefghij", "word " * 40) for _ in range(50)]
    assert len(answer({"tickets": rows}).data["tickets"]) == 50


def test_a_piece_of_an_attribute_fits_with_its_hidden_characters_spelt_out() -> None:
    for text in ("x" * 100_000, "\U000e0001" * 50_000, '"\n' * 50_000):
        piece = piece_of(text)
        assert 5000 <= len(piece) <= 40_000
        assert text.startswith(piece)
        assert len(json.dumps(visible(piece), ensure_ascii=False)) <= MOST_CHARS


def test_no_text_can_hold_the_mark_of_the_answer_that_it_stands_in() -> None:
    """Not even one that quotes the answer before, fence and all."""
    quoted = "the first"
    for _ in range(3):
        made = answer({"log_tail": quoted}).text
        [(mark, between)] = FENCE.findall(made)
        assert mark not in between
        quoted = made
