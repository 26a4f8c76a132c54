"""Claude through the Anthropic SDK: one call, its answer with what it took, its errors as ours.

The SDK's own retries are off: it sleeps any `retry-after` as sent, inside the invocation. What to do is
decided by the use case. This module is the seam where another way to Claude (Bedrock, Claude Platform on AWS)
would go.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import anthropic
from anthropic.types import Message

from capacity.buckets import Bucket, Used
from diagnose.claude.errors import AmbiguousError
from diagnose.claude.key import ApiKey
from diagnose.claude.network import Network
from diagnose.claude.translation import translate
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt
from runtime.clock import Clock, SystemClock

CONNECT_SECONDS = 10.0
BUCKETS = ("requests", "input-tokens", "output-tokens")
SCHEMA: dict[str, Any] = anthropic.transform_schema(Diagnosis)


@dataclass(frozen=True)
class Prices:
    """US dollars for a million tokens.

    A cached read costs a tenth of an input token, a cache write a quarter more.
    """

    input_usd: float
    output_usd: float

    def cost(self, usage: anthropic.types.Usage) -> float:
        written, read = usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0
        input_tokens = usage.input_tokens + 1.25 * written + 0.1 * read
        return (input_tokens * self.input_usd + usage.output_tokens * self.output_usd) / 1_000_000


class Claude:
    """Asks for a diagnosis in the schema."""

    def __init__(
        self,
        api_key: ApiKey,
        base_url: str,
        model: str,
        effort: Literal["low", "medium", "high", "xhigh", "max"],
        prices: Prices,
        clock: Clock | None = None,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._model = model
        self._effort = effort
        self._prices = prices
        self._clock = clock or SystemClock()
        self._network = Network()
        self._client: anthropic.Anthropic | None = None

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        """One call, over after `timeout` seconds at most. Raises a ClaudeError when there is no answer."""
        client = self._client = self._client or self._connect(self._api_key.read())
        started = time.monotonic()
        self._network.begin_call(timeout)
        try:
            response = client.messages.with_raw_response.create(
                model=self._model,
                max_tokens=max_tokens,
                system=[{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
                messages=[{"role": "user", "content": prompt.user}],
                output_config={"effort": self._effort, "format": {"type": "json_schema", "schema": SCHEMA}},
                timeout=anthropic.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            )
        except anthropic.AnthropicError as error:
            raise translate(error, self._clock.now()) from error
        return self._answer(response, time.monotonic() - started)

    def renew_key(self) -> bool:
        """Drops the key and reads the secret afresh; true when that gave another key than the refused one."""
        refused, self._client = self._client, None
        if refused is not None:
            refused.close()
        self._client = self._connect(self._api_key.read(fresh=True))
        return refused is None or refused.api_key != self._client.api_key

    def _connect(self, key: str) -> anthropic.Anthropic:
        http_client = self._network.carry(anthropic.DefaultHttpxClient())
        return anthropic.Anthropic(
            api_key=key, base_url=self._base_url, max_retries=0, http_client=http_client
        )

    def _answer(self, response: anthropic.APIResponse[Message], seconds: float) -> Answer:
        headers, request_id = response.headers, response.headers.get("request-id")
        try:
            message = response.parse()
        except ValueError as error:
            raise AmbiguousError("the response is not JSON", request_id, quick_retry=True) from error
        if getattr(message, "usage", None) is None or not isinstance(getattr(message, "content", None), list):
            raise AmbiguousError("the response is not a message", request_id, quick_retry=True)
        usage = message.usage
        read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
        return Answer(
            text="".join(block.text for block in message.content if block.type == "text"),
            stop_reason=message.stop_reason,
            model=message.model,
            request_id=request_id,
            used=Used(seconds, usage.input_tokens + written, usage.output_tokens, self._prices.cost(usage)),
            cached_tokens=read,
            buckets=_buckets(headers),
        )


def _buckets(headers: Mapping[str, str]) -> dict[str, Bucket]:
    found = {}
    for name in BUCKETS:
        try:
            limit = float(headers[f"anthropic-ratelimit-{name}-limit"])
            remaining = float(headers[f"anthropic-ratelimit-{name}-remaining"])
        except (KeyError, ValueError):
            continue
        found[name] = Bucket(limit, remaining, _full_at(headers.get(f"anthropic-ratelimit-{name}-reset", "")))
    return found


def _full_at(reset: str) -> float | None:
    """The header's RFC 3339 time in epoch seconds; None when it is not one."""
    try:
        return datetime.fromisoformat(reset).timestamp()
    except ValueError:
        return None
