"""The estimate of tokens: it adds up, and it lies where measured vocabularies lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.tokens import UNIT, WEIGHTS, count_tokens, weight

MEASURED = [
    ("The database has not answered since the deployment at two; all connections are in use.\n" * 20, 360),
    (
        '{"level": "error", "message": "connection refused", "peer": "10.0.4.17:5432", "attempt": 3}\n' * 20,
        680,
    ),
    ("2026-11-17T02:11:05.123Z ERROR pool-3-thread-7 c.e.orders.Pool - 200 of 200 in use\n" * 20, 740),
    ("def weight(text: str) -> int:\n    return sum(map(WEIGHTS.__getitem__, text.encode()))\n" * 20, 520),
    ("数据库自凌晨两点部署后没有响应、连接已耗尽、所有请求都超时。" * 20, 560),
]
"""Texts, and how many tokens they are in that of two published vocabularies which has more for them."""


@pytest.mark.parametrize(("text", "tokens"), MEASURED, ids=["prose", "json", "log", "code", "chinese"])
def test_it_is_near_what_vocabularies_make_of_a_text(text: str, tokens: int) -> None:
    assert 0.95 * tokens <= count_tokens(text) <= 1.3 * tokens


@given(st.text(), st.text())
def test_the_parts_take_what_the_whole_takes(one: str, other: str) -> None:
    assert weight(one + other) == weight(one) + weight(other)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_character_takes_something(text: str) -> None:
    assert weight(text) >= len(text) * min(filter(None, WEIGHTS))
    assert count_tokens(text) * UNIT >= weight(text)
