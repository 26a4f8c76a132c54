"""What the Messages API asks of a request: one that it would refuse meets the same kind of error here."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from local.claude.schema import SchemaRefusedError, check_schema

KNOWN_MODELS = frozenset(
    {
        "claude-opus-5-5",
        "claude-sonnet-5-5",
        "claude-haiku-5-5",
        "claude-opus-4-8",
        "claude-sonnet-4-6",
        "claude-haiku-4-5",
    }
)
KNOWN_VERSIONS = ("2026-10-21", "2023-06-01")
EFFORTS = ("low", "medium", "high", "xhigh", "max")
BAD_KEY = "bad-key"
"""A key that is always refused, unless the accepted keys are listed and it is among them."""

_NEEDED = ("model", "max_tokens", "messages")
_OPTIONAL = ("system", "output_config", "metadata", "service_tier", "stop_sequences", "thinking", "stream")
_SAMPLING = {"temperature", "top_p", "top_k"}
_NOT_HERE = {"tools", "tool_choice", "container", "cache_control", "inference_geo", "speed", "diagnostics"}
_MAX_CACHE_BREAKPOINTS = 4
_CACHE_CONTROLS: list[object] = [{"type": "ephemeral", **ttl} for ttl in ({}, {"ttl": "5m"}, {"ttl": "1h"})]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What can be set about the checks, in bytes and tokens; no list of keys means any key but `bad-key`."""

    accepted_keys: frozenset[str] | None = None
    models: frozenset[str] = KNOWN_MODELS
    token_window: int = 200_000
    body_limit: int = 32 * 1024 * 1024


class RefusedError(Exception):
    """Raised when a request is one that the API would refuse; has the status and the API's type of error."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


def count_tokens(text: str | bytes) -> int:
    """A token for every four bytes: near enough for English, and easy to work out by hand."""
    size = len(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return max(1, math.ceil(size / 4))


def check_request(headers: Mapping[str, str], body: bytes, size: int, rules: Rules) -> dict[str, Any]:
    """Return the request's JSON; raise RefusedError for the first thing wrong.

    Header names are in lower case; `size` is that of the body as sent, which may have been too large to keep.
    """
    if size > rules.body_limit:
        raise RefusedError(413, "request_too_large", f"the request has more than {rules.body_limit} bytes")
    _check_key(headers, rules)
    _check_headers(headers)
    request = _parse(body)
    _check_names(request)
    _check_model(request["model"], rules)
    _check_max_tokens(request["max_tokens"])
    _check_messages(request["messages"])
    _check_system(request.get("system", ""))
    _check_output_config(request.get("output_config", {}))
    tokens = count_tokens(body)
    if tokens > rules.token_window:
        _refuse(f"prompt is too long: {tokens} tokens > {rules.token_window} maximum")
    return request


def user_text(request: Mapping[str, Any]) -> str:
    """The text of the user's messages, in order."""
    return "\n".join(
        text
        for message in request["messages"]
        if message["role"] == "user"
        for text in _texts(message["content"])
    )


def system_text(request: Mapping[str, Any]) -> str:
    """The text of the instructions, in order; empty if there are none."""
    return "\n".join(_texts(request.get("system", "")))


def _refuse(message: str) -> NoReturn:
    raise RefusedError(400, "invalid_request_error", message)


def _check_key(headers: Mapping[str, str], rules: Rules) -> None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    key = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
    if not key:
        raise RefusedError(401, "authentication_error", "an API key is missing: send the header x-api-key")
    if key == BAD_KEY if rules.accepted_keys is None else key not in rules.accepted_keys:
        raise RefusedError(401, "authentication_error", "invalid API key")


def _check_headers(headers: Mapping[str, str]) -> None:
    version = headers.get("anthropic-version")
    if version is None:
        _refuse("anthropic-version: the header is missing")
    if version not in KNOWN_VERSIONS:
        _refuse(f"anthropic-version: {version!r} is not a version of this API")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        _refuse("content-type: must be application/json")
    if headers.get("content-encoding", "identity") != "identity":
        _refuse("content-encoding: compressed requests are not taken")


def _parse(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "invalid_request_error", f"the body is not valid JSON: {error}") from error
    if not isinstance(request, dict):
        _refuse("the body must be a JSON object")
    return request


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_names(request: Mapping[str, Any]) -> None:
    for name in _NEEDED:
        if name not in request:
            _refuse(f"{name}: field required")
    for name in sorted(set(request) - {*_NEEDED, *_OPTIONAL}):
        if name in _SAMPLING:
            _refuse(f"{name}: this sampling parameter is no longer part of the API")
        if name in _NOT_HERE:
            _refuse(f"{name}: known to the API, but not to this stand-in")
        _refuse(f"{name}: unknown field")
    if request.get("stream", False) is not False:
        _refuse("stream: this stand-in only answers in one piece")


def _check_model(model: object, rules: Rules) -> None:
    if not isinstance(model, str) or not model:
        _refuse("model: must be a text that is not empty")
    if model not in rules.models:
        raise RefusedError(404, "not_found_error", f"model: {model}")


def _check_max_tokens(max_tokens: object) -> None:
    # The API takes 0 as well, to warm a prompt cache; a diagnosis that asks for no tokens is a mistake.
    if not isinstance(max_tokens, int) or isinstance(max_tokens, bool) or max_tokens < 1:
        _refuse(f"max_tokens: must be a whole number of at least 1, not {max_tokens!r}")


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or not messages:
        _refuse("messages: at least one message is required")
    for index, message in enumerate(messages):
        place = f"messages.{index}"
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            _refuse(f"{place}: must be an object with role and content")
        if message["role"] not in ("user", "assistant"):
            _refuse(f"{place}.role: must be user or assistant")
        _check_content(message["content"], f"{place}.content")
        if not _texts(message["content"]):
            _refuse(f"{place}.content: must not be empty")
    if messages[0]["role"] != "user":
        _refuse("messages: the first message must be the user's")
    if messages[-1]["role"] != "user":
        _refuse("messages: this model does not support prefill; the last message must be the user's")


def _check_system(system: object) -> None:
    blocks = _check_content(system, "system")
    if sum("cache_control" in block for block in blocks) > _MAX_CACHE_BREAKPOINTS:
        _refuse(f"system: at most {_MAX_CACHE_BREAKPOINTS} blocks may have cache_control")


def _check_content(content: object, place: str) -> list[dict[str, Any]]:
    """Check a text or a list of text blocks; return the blocks."""
    if isinstance(content, str):
        return []
    if not isinstance(content, list):
        _refuse(f"{place}: must be a text or a list of blocks")
    for index, block in enumerate(content):
        _check_block(block, f"{place}.{index}")
    return content


def _check_block(block: object, place: str) -> None:
    if not isinstance(block, dict) or block.get("type") != "text" or not isinstance(block.get("text"), str):
        _refuse(f"{place}: must be a block of type text")
    if not block["text"].strip():
        _refuse(f"{place}: text blocks must not be empty")
    if not set(block) <= {"type", "text", "cache_control"}:
        _refuse(f"{place}: unknown field")
    if block.get("cache_control", _CACHE_CONTROLS[0]) not in _CACHE_CONTROLS:
        _refuse(f"{place}.cache_control: must be of type ephemeral, with a ttl of 5m or 1h if any")


def _texts(content: object) -> list[str]:
    if isinstance(content, str):
        return [content] if content.strip() else []
    return [block["text"] for block in content] if isinstance(content, list) else []


def _check_output_config(config: object) -> None:
    if not isinstance(config, dict) or not set(config) <= {"effort", "format"}:
        _refuse("output_config: must be an object with effort and format only")
    if config.get("effort") not in (None, *EFFORTS):
        _refuse(f"output_config.effort: must be one of {', '.join(EFFORTS)}, not {config['effort']!r}")
    form = config.get("format")
    if form is None:
        return
    if not isinstance(form, dict) or set(form) != {"type", "schema"} or form["type"] != "json_schema":
        _refuse("output_config.format: must be an object with the type json_schema and a schema")
    try:
        check_schema(form["schema"])
    except SchemaRefusedError as error:
        raise RefusedError(400, "invalid_request_error", f"output_config.format.{error}") from error
