"""The Claude API itself, by an API key."""

from collections.abc import Callable

import anthropic
import httpx2

from diagnose.claude.key import ApiKey
from diagnose.claude.translation import ApiError
from diagnose.claude.ways.way import Connection


class AnthropicApi:
    """A way to Claude: see Way."""

    def __init__(self, api_key: ApiKey, base_url: str) -> None:
        self._api_key = api_key
        self._base_url = base_url or "https://api.anthropic.com"

    def connect(self, http_client: Callable[[], httpx2.Client], *, fresh: bool = False) -> Connection:
        key = self._api_key.read(fresh=fresh)
        client = anthropic.Anthropic(
            api_key=key, base_url=self._base_url, max_retries=0, http_client=http_client()
        )
        return Connection(client, key)

    def error_in(self, _response: httpx2.Response, body: object, /) -> ApiError | None:
        return ApiError.in_body(body)
