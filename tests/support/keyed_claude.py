"""The real adapter to Claude with a key in hand, for tests of what happens after the secret was read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, cast

from diagnose.claude.client import Claude, Prices
from diagnose.claude.key import ApiKey
from diagnose.claude.ways.anthropic_api import AnthropicApi
from tests.support.sdk_connections import close_connections


@dataclass(frozen=True)
class _Key:
    key: str

    def read(self, *, fresh: bool = False) -> str:
        return self.key


@contextmanager
def claude_at(
    url: str,
    key: str = "sk-test",
    model: str = "claude-sonnet-5-5",
    effort: Literal["low", "medium", "high", "xhigh", "max"] = "medium",
    prices: Prices = Prices(3.0, 15.0),  # noqa: B008 - it is frozen
) -> Iterator[Claude]:
    """A client that asks there, its connections closed afterwards."""
    way = AnthropicApi(cast("ApiKey", _Key(key)), url)
    claude = Claude(way, model, effort, prices)
    try:
        yield claude
    finally:
        close_connections(claude)
