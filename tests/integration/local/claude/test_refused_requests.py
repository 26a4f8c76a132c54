"""The stand-in refuses what the API would refuse, in its words."""

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import anthropic
import pytest

from local.claude.requests import Rules
from local.claude.server import StandIn
from tests.integration.local.claude.asking import Asking, assert_refused, http, request


class TestRefusedRequests:
    @pytest.mark.parametrize(
        ("headers", "status", "kind", "words"),
        [
            ({"x-api-key": None}, 401, "authentication_error", "missing"),
            ({"x-api-key": "bad-key"}, 401, "authentication_error", "invalid"),
            ({"x-api-key": None, "authorization": "Bearer bad-key"}, 401, "authentication_error", "invalid"),
            ({"x-api-key": None, "authorization": "Basic abc"}, 401, "authentication_error", "missing"),
            ({"anthropic-version": None}, 400, "invalid_request_error", "anthropic-version"),
            ({"anthropic-version": "2020-01-01"}, 400, "invalid_request_error", "anthropic-version"),
            ({"content-type": None}, 400, "invalid_request_error", "content-type"),
            ({"content-type": "text/plain"}, 400, "invalid_request_error", "content-type"),
            ({"content-encoding": "gzip"}, 400, "invalid_request_error", "content-encoding"),
        ],
    )
    def test_headers(
        self, stand_in: StandIn, headers: dict[str, str | None], status: int, kind: str, words: str
    ) -> None:
        refused = http(stand_in, "POST", "/v1/messages", request(), headers)
        assert_refused(refused, status, kind, words)
        assert (stand_in.answered, stand_in.refused) == (0, 1)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"max_tokens": NaN}', b"\xff", b"[" * 100_000])
    def test_bodies_that_are_no_json_object(self, stand_in: StandIn, body: bytes) -> None:
        assert_refused(http(stand_in, "POST", "/v1/messages", body), 400, "invalid_request_error", "JSON")

    @pytest.mark.parametrize("name", ["model", "max_tokens", "messages"])
    def test_missing_properties(self, stand_in: StandIn, name: str) -> None:
        body = {key: value for key, value in request().items() if key != name}
        assert_refused(http(stand_in, "POST", "/v1/messages", body), 400, "invalid_request_error", name)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"temperature": 0.2}, "temperature"),
            ({"top_p": 0.9}, "top_p"),
            ({"surprise": 1}, "surprise: unknown"),
            ({"tools": []}, "tools: known to the API, but not to this stand-in"),
            ({"stream": True}, "stream"),
            ({"model": ""}, "model"),
            ({"max_tokens": 0}, "max_tokens"),
            ({"max_tokens": "100"}, "max_tokens"),
            ({"max_tokens": True}, "max_tokens"),
            ({"messages": []}, "messages"),
            ({"messages": "hello"}, "messages"),
            ({"messages": [{"role": "user"}]}, "messages.0"),
            ({"messages": [{"role": "system", "content": "x"}]}, "messages.0.role"),
            ({"messages": [{"role": "user", "content": " "}]}, "messages.0.content"),
            ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
            ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages.0.content.0"),
            ({"messages": [{"role": "assistant", "content": "x"}]}, "first message"),
            (
                {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "{"}]},
                "prefill",
            ),
            ({"system": [{"type": "text", "text": ""}]}, "system.0"),
            ({"system": [{"type": "text", "text": "x", "id": "y"}]}, "system.0"),
            ({"system": [{"type": "text", "text": "x", "cache_control": {"type": "for ever"}}]}, "system.0"),
            (
                {"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}] * 5},
                "system",
            ),
            ({"output_config": {"effort": "heroic"}}, "effort"),
            ({"output_config": {"schema": {}}}, "output_config"),
            ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format"),
            ({"output_config": {"format": {"type": "json_schema", "schema": {}}}}, "format.schema"),
        ],
    )
    def test_wrong_properties(self, stand_in: StandIn, change: dict[str, Any], words: str) -> None:
        refused = http(stand_in, "POST", "/v1/messages", {**request(), **change})
        assert_refused(refused, 400, "invalid_request_error", words)

    def test_an_unknown_model(self, ask: Asking) -> None:
        with pytest.raises(anthropic.NotFoundError, match="claude-of-the-future") as refused:
            ask(model="claude-of-the-future")
        assert refused.value.type == "not_found_error"

    def test_models_and_keys_can_be_set(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.rules = Rules(models=frozenset({"mine"}), accepted_keys=frozenset({"a-key"}))
        assert ask(model="mine").stop_reason == "end_turn"
        stand_in.rules = Rules(accepted_keys=frozenset({"another-key"}))
        with pytest.raises(anthropic.AuthenticationError):
            ask()

    def test_a_prompt_longer_than_the_window(self, ask: Asking, stand_in: StandIn) -> None:
        tokens = ask().usage.input_tokens
        stand_in.rules = Rules(token_window=tokens - 1)
        with pytest.raises(anthropic.BadRequestError, match=rf"{tokens} tokens > {tokens - 1} maximum"):
            ask()

    def test_a_body_over_the_limit_is_read_to_its_end_and_refused(
        self, ask: Asking, stand_in: StandIn
    ) -> None:
        stand_in.rules = Rules(body_limit=1_000_000)
        with pytest.raises(anthropic.ContentTooLargeError) as refused:
            ask("x" * 3_000_000)
        assert str(refused.value.type) == "request_too_large"
        assert ask().stop_reason == "end_turn"

    @pytest.mark.parametrize("headers", [{"content-length": "many"}, {"transfer-encoding": "chunked"}])
    def test_a_body_without_a_length(self, stand_in: StandIn, headers: dict[str, str]) -> None:
        connection = HTTPConnection(urlsplit(stand_in.url).netloc, timeout=30)
        connection.request("POST", "/v1/messages", headers=headers)
        assert connection.getresponse().status == 411
        connection.close()

    def test_other_paths(self, stand_in: StandIn) -> None:
        assert_refused(http(stand_in, "POST", "/v1/complete", {}), 404, "not_found_error", "/v1/complete")
