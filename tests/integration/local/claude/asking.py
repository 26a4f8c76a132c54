"""Asking the stand-in for Claude: by the real SDK, and by hand for what the SDK would not send."""

import json
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import anthropic
from anthropic.types import Message, TextBlock

from diagnose.diagnosis.schema import Diagnosis
from local.claude.server import StandIn

EVIDENCE = """\
Diagnose this incident from the evidence between the fence lines.

<evidence 5f1c>
## Ticket
[E1] message: Raft lag is high on one store
[E2] component: tikv-4
## Metrics
[M1] disk.await_ms = 41.2
[M2] raft.lag_entries = 18000
[M3] up = 1
## Topology
[T1] tikv-4 -> pd-0
## Logs
[L1] 2026-03-01T10:00:00Z INFO applied snapshot
[L2] 2026-03-01T10:01:00Z ERROR raft: append timed out
  2026-03-01T10:02:00Z FATAL out of memory
[L3] no date on this line
[X1] could not look: similar tickets: no answer
</evidence 5f1c>
"""

Asking = Callable[..., Message]


def request(evidence: str = EVIDENCE) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-5-5",
        "max_tokens": 8000,
        "system": [{"type": "text", "text": "Diagnose.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": evidence}],
        "output_config": output_config(anthropic.transform_schema(Diagnosis)),
    }


def output_config(schema: Any) -> dict[str, Any]:
    return {"effort": "medium", "format": {"type": "json_schema", "schema": schema}}


def closed(properties: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """The schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
        **keywords,
    }


def text_of(message: Message) -> str:
    (block,) = message.content
    assert isinstance(block, TextBlock)
    return block.text


def diagnosis_of(message: Message) -> Diagnosis:
    return Diagnosis.model_validate_json(text_of(message))


def http(
    stand_in: StandIn,
    method: str,
    path: str,
    body: object = None,
    headers: dict[str, str | None] | None = None,
) -> tuple[int, Any, dict[str, str]]:
    """One HTTP request made by hand: status, JSON and headers of the reply. A header of None is not sent."""
    sent = {
        "x-api-key": "a-key",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
        **(headers or {}),
    }
    connection = HTTPConnection(urlsplit(stand_in.url).netloc, timeout=30)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(
            method, path, content, {name: text for name, text in sent.items() if text is not None}
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read()), dict(response.getheaders())
    finally:
        connection.close()


def assert_refused(reply: tuple[int, Any, dict[str, str]], status: int, kind: str, words: str) -> None:
    got, body, headers = reply
    assert (got, body["type"], body["error"]["type"]) == (status, "error", kind)
    assert words in body["error"]["message"]
    assert body["request_id"] == headers.get("request-id", "req_standin_none")
