"""The real adapter to Claude with a key in hand, for tests of what happens after the secret was read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from diagnose.claude.client import Claude, Prices
from diagnose.claude.key import ApiKey
from diagnose.claude.ways.anthropic_api import AnthropicApi
from tests.support.sdk_connections import close_connections


class _Key:
    def read(self, *, fresh: bool = False) -> str:
        return "sk-test"


@contextmanager
def claude_at(url: str) -> Iterator[Claude]:
    """A client that asks there, its connections closed afterwards."""
    way = AnthropicApi(cast("ApiKey", _Key()), url)
    claude = Claude(way, "claude-sonnet-5-5", "medium", Prices(3.0, 15.0))
    try:
        yield claude
    finally:
        close_connections(claude)
