"""Claude through the Anthropic SDK: one call, its answer with what it took, its errors as ours.

The SDK's own retries are off: it sleeps any `retry-after` as sent, inside the invocation. What to do is
decided by the use case. Where Claude is asked, and what lets us in there, is for the way (`ways/`) to say.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import anthropic
import httpx2
from pydantic import ValidationError

from capacity.buckets import Bucket, Used
from diagnose.claude.errors import ClaudeError
from diagnose.claude.json_text import read_json
from diagnose.claude.message import Message, Usage
from diagnose.claude.network import Network
from diagnose.claude.translation import refusal, request_id_of, translate
from diagnose.claude.ways.way import Connection, Way
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.known.question import FORM, Holds
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt
from runtime.clock import Clock, SystemClock

if TYPE_CHECKING:
    from anthropic.types import TextBlockParam

CONNECT_SECONDS = 10.0
BUCKETS = ("requests", "input-tokens", "output-tokens")
Effort = Literal["low", "medium", "high", "xhigh", "max"]
SCHEMA: dict[str, Any] = anthropic.transform_schema(Diagnosis)
OTHER_SCHEMAS: dict[str, Any] = {FORM: anthropic.transform_schema(Holds)}
"""By the form that a prompt names."""


@dataclass(frozen=True)
class Prices:
    """US dollars for a million tokens.

    A cached read costs a tenth of an input token, a cache write a quarter more.
    """

    input_usd: float
    output_usd: float

    def cost(self, usage: Usage) -> float:
        input_tokens = usage.input_tokens + 1.25 * usage.written + 0.1 * usage.read
        return (input_tokens * self.input_usd + usage.output_tokens * self.output_usd) / 1_000_000

    def estimate(self, prompt: Prompt) -> float:
        """What a call costs of which nothing but the prompt is known."""
        return self.cost(Usage(input_tokens=prompt.tokens, output_tokens=0))


class Claude:
    """Asks for a diagnosis in the schema."""

    def __init__(
        self,
        way: Way,
        model: str,
        effort: Effort,
        prices: Prices,
        clock: Clock | None = None,
    ) -> None:
        self._way = way
        self._model = model
        self._effort = effort
        self._prices = prices
        self._clock = clock or SystemClock()
        self._network = Network()
        self._connection: Connection | None = None

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        """One call, over after `timeout` seconds at most. Raises a ClaudeError when there is no answer."""
        connection = self._connection = self._connection or self._way.connect(self._http_client)
        cost_usd, started = self._prices.estimate(prompt), time.monotonic()
        schema = OTHER_SCHEMAS.get(prompt.form, SCHEMA)
        effort: Effort = "low" if prompt.form else self._effort
        self._network.begin_call(timeout)
        try:
            response = connection.client.messages.with_raw_response.create(
                model=self._model,
                max_tokens=max_tokens,
                system=[_cached(prompt.system)],
                messages=[{"role": "user", "content": _content(prompt)}],
                output_config={"effort": effort, "format": {"type": "json_schema", "schema": schema}},
                timeout=anthropic.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            )
        except anthropic.AnthropicError as error:
            raise translate(error, self._way.error_in, self._clock.now(), cost_usd) from error
        return self._answer(response.http_response, time.monotonic() - started, cost_usd)

    def renew_key(self) -> bool:
        """Drops what opens the way and reads it afresh; true when that is another than the refused one."""
        refused, self._connection = self._connection, None
        if refused is not None:
            refused.client.close()
        self._connection = self._way.connect(self._http_client, fresh=True)
        return refused is None or refused.key != self._connection.key

    def _http_client(self) -> httpx2.Client:
        """One whose connections end when the call does."""
        client = anthropic.DefaultHttpxClient(event_hooks={"response": [_read_as_json_is_written]})
        return self._network.carry(client)

    def _answer(self, response: httpx2.Response, seconds: float, cost_usd: float) -> Answer:
        try:
            body = read_json(response.content.decode("utf-8", "replace"))
            message = Message.model_validate(body)
        except ValidationError as error:
            raise self._refusal(response, body, cost_usd) from error
        except ValueError as error:
            raise self._refusal(response, None, cost_usd) from error
        usage = message.usage
        return Answer(
            text=message.text,
            stop_reason=message.stop_reason,
            model=message.model,
            request_id=request_id_of(response),
            used=Used(
                seconds, usage.input_tokens + usage.written, usage.output_tokens, self._prices.cost(usage)
            ),
            cached_tokens=usage.read,
            buckets=_buckets(response.headers),
        )

    def _refusal(self, response: httpx2.Response, body: object, cost_usd: float) -> ClaudeError:
        return refusal(response, self._way.error_in(response, body), self._clock.now(), cost_usd)


def _content(prompt: Prompt) -> "str | list[TextBlockParam]":
    """What stands of the system is cached too: the next incident of the same system begins alike."""
    if not prompt.standing:
        return prompt.user
    return [_cached(prompt.standing), {"type": "text", "text": prompt.user}]


def _cached(text: str) -> "TextBlockParam":
    """The end of a part that is the same from call to call; the API caches nothing where it is too short."""
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def _read_as_json_is_written(response: httpx2.Response) -> None:
    """In UTF-8, whatever its headers say: Python knows encodings of no text, on which the SDK would fail."""
    response.encoding = "utf-8"


def _buckets(headers: Mapping[str, str]) -> dict[str, Bucket]:
    """The buckets that the headers show; one whose figures make no sense is left out."""
    found = {}
    for name in BUCKETS:
        try:
            limit = float(headers[f"anthropic-ratelimit-{name}-limit"])
            remaining = float(headers[f"anthropic-ratelimit-{name}-remaining"])
        except (KeyError, ValueError):
            continue
        if limit >= 1 and math.isfinite(limit) and math.isfinite(remaining):
            reset = headers.get(f"anthropic-ratelimit-{name}-reset", "")
            found[name] = Bucket(limit, remaining, _full_at(reset))
    return found


def _full_at(reset: str) -> float | None:
    """The header's RFC 3339 time in epoch seconds; None when it is not one."""
    try:
        return datetime.fromisoformat(reset).timestamp()
    except (ValueError, OverflowError):
        return None
