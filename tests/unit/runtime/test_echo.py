"""What others wrote, inside an answer of ours: nothing in it acts, and most of it can still be read."""

from typing import Any

import pytest

from runtime.echo import echoed


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("raft_log_lag:7/2026-11-12T00:54:40.123Z", "raft_log_lag:7/2026-11-12T00:54:40.123Z"),
        (41, "41"),
        (None, "null"),
        (["a", {"b": 1.5}], "??a?, ??b?: 1.5??"),
    ],
)
def test_what_is_harmless_stays_as_it_is(value: Any, shown: str) -> None:
    assert echoed(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "<!channel> <@U1> @here #general",
        "*bold* _slanted_ ~struck~ `code` | table",
        "[a](https://evil.example/x) <https://evil.example|a>",
        "evil.example //evil",
        "<script>alert(1)</script> &lt;b&gt;",
        "\x1b[31m\x00\u202e\u200b\n\r\ud800",
    ],
)
def test_nothing_acts(value: str) -> None:
    assert not set(echoed(value)) & set("<>@#*~`|[](){}&;\\\"'\n\r\x1b\x00\u202e\u200b\ud800!$%^")
    assert "//" not in echoed(value)
    assert "evil.example" not in echoed(value)
    assert "_slanted_" not in echoed(value)


def test_a_long_or_deep_value_is_cut() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    assert len(echoed("x" * 1_000_000)) < 120
    assert echoed(deep) == "what is nested too deep to be shown"
    while deep:
        deep = deep.pop()
