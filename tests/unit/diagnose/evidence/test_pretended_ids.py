"""What looks like an id inside of data no longer does, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.pretended_ids import without_ids
from diagnose.evidence.tokens import weight


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[M1] cpu = 5 %", "(M1) cpu = 5 %"),
        ("as [ m12 ] and [L3][X1] say", "as (m12) and (L3)(X1) say"),
        ("[M1, L3; E2] [M1-M4]", "(M1, L3; E2) (M1-M4)"),
        ("\u3010M1\u3011 \uff3bE1\uff3d", "(M1) (E1)"),
        ("[\u041c1] [\uff2d\uff11]", "(\u041c1) (\uff2d\uff11)"),
        ("[M1\n] split", "(M1) split"),
    ],
)
def test_an_id_of_any_script_gets_round_brackets(text: str, shown: str) -> None:
    assert without_ids(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "[INFO] [main] [12] [2026-11-17] [redacted password 1]",
        'tags = ["a1", "b2"]',
        "[env 03] v61 (M1) M1",
        "a[0]",
    ],
)
def test_other_brackets_are_left(text: str) -> None:
    assert without_ids(text) == text


@given(st.text(st.sampled_from("[]M1 ,\u3010\u3011")))
def test_nothing_is_heavier_than_before_and_nothing_left_looks_like_an_id(text: str) -> None:
    shown = without_ids(text)

    assert weight(shown) <= weight(text)
    assert "[M1]" not in shown
    assert without_ids(shown) == shown
