"""The stand-in for Claude, asked over HTTP: by the real SDK, and by hand for what the SDK would not send."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anthropic
import pytest
from anthropic.types import Message, TextBlock

from diagnose.diagnosis.schema import Diagnosis
from local.claude.faults import Fault, Kind
from local.claude.limits import Limits
from local.claude.requests import Rules
from local.claude.schema import SchemaRefusedError, check_schema
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


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def ask(stand_in: StandIn) -> Iterator[Asking]:
    """Ask the stand-in through the SDK, which does not retry: `ask()`, or with other parts of the request."""
    with anthropic.Anthropic(api_key="a-key", base_url=stand_in.url, max_retries=0, timeout=30) as client:

        def ask(evidence: str = EVIDENCE, **changes: Any) -> Message:
            message = client.messages.create(**{**request(evidence), **changes})
            assert isinstance(message, Message)
            return message

        yield ask


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


class TestAnswers:
    def test_an_answer_fits_the_schema_and_says_who_wrote_it(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask())
        assert diagnosis.primary.reasoning.startswith("Stand-in answer, not Claude:")
        assert diagnosis.recommended_action.startswith("Stand-in answer, not Claude: wait and observe")
        assert len(diagnosis.alternatives) == 2
        assert [command.risk for command in diagnosis.commands] != [""]

    def test_metric_readings_are_the_tickets_own_values(self, ask: Asking) -> None:
        readings = {reading.name: reading for reading in diagnosis_of(ask()).metric_readings}
        assert {name: reading.value for name, reading in readings.items()} == {
            "disk.await_ms": "41.2",
            "raft.lag_entries": "18000",
            "up": "1",
        }
        assert (readings["disk.await_ms"].evidence, readings["disk.await_ms"].unit) == ("M1", "ms")

    def test_a_changed_metric_changes_the_answer(self, ask: Asking) -> None:
        before = diagnosis_of(ask())
        after = diagnosis_of(ask(EVIDENCE.replace("41.2", "977.5")))
        assert "disk.await_ms = 41.2" in before.primary.diagnosis
        assert "disk.await_ms = 977.5" in after.primary.diagnosis
        assert after.metric_readings[0].value == "977.5"

    def test_what_stands_out_is_cited(self, ask: Asking) -> None:
        cited = [(evidence.id, evidence.shows) for evidence in diagnosis_of(ask()).primary.evidence]
        assert cited == [
            ("L2", "2026-03-01T10:02:00Z FATAL out of memory"),
            ("L2", "2026-03-01T10:01:00Z ERROR raft: append timed out"),
            ("M1", "disk.await_ms = 41.2"),
            ("M2", "raft.lag_entries = 18000"),
        ]

    def test_a_metric_at_zero_does_not_stand_out(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask(EVIDENCE.replace("18000", "0")))
        assert "raft.lag_entries" not in diagnosis.primary.diagnosis

    def test_the_timeline_is_the_dated_log_lines(self, ask: Asking) -> None:
        timeline = diagnosis_of(ask()).timeline
        assert [(entry.at, entry.event, entry.evidence) for entry in timeline] == [
            ("2026-03-01T10:00:00Z", "INFO applied snapshot", ["L1"]),
            ("2026-03-01T10:01:00Z", "ERROR raft: append timed out", ["L2"]),
            ("2026-03-01T10:02:00Z", "FATAL out of memory", ["L2"]),
        ]

    @pytest.mark.parametrize(
        ("line", "at"),
        [
            ("[2026/11/12 01:04:36.500 +00:00] [ERROR] busy", "2026/11/12 01:04:36.500 +00:00"),
            ("2026-11-12 01:04:36,500 ERROR busy", "2026-11-12 01:04:36,500"),
            ("2026-11-12T01:04+0100 busy", "2026-11-12T01:04+0100"),
        ],
    )
    def test_dates_are_found_in_the_ways_that_logs_write_them(self, ask: Asking, line: str, at: str) -> None:
        assert [entry.at for entry in diagnosis_of(ask(f"[L1] {line}")).timeline] == [at]

    def test_the_ticket_names_the_components_and_the_gaps_are_missing_data(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask())
        assert diagnosis.affected_components == ["tikv-4"]
        assert diagnosis.missing_data == ["could not look: similar tickets: no answer"]

    @pytest.mark.parametrize(
        ("message", "severity"),
        [
            ("tikv-4 is down", "critical"),
            ("connections exhausted", "critical"),
            ("latency above its target, downstream is fine", "warning"),
            ("weekly report", "info"),
        ],
    )
    def test_severity_follows_from_plain_words(self, ask: Asking, message: str, severity: str) -> None:
        assert diagnosis_of(ask(f"[E1] message: {message}")).severity == severity

    def test_without_evidence_the_data_is_insufficient(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask("no evidence here"))
        assert diagnosis.primary.confidence == "insufficient_data"
        assert (diagnosis.timeline, diagnosis.metric_readings) == ([], [])

    def test_a_long_line_is_cut_between_words(self, ask: Asking) -> None:
        shown = diagnosis_of(ask("[L1] ERROR " + "1234.5 " * 100)).primary.evidence[0].shows
        assert shown.endswith("1234.5 …")

    def test_the_command_cannot_be_broken_by_a_metrics_name(self, ask: Asking) -> None:
        (command,) = diagnosis_of(ask("[M1] lag; reboot = 1")).commands
        assert command.command == "aws cloudwatch list-metrics --metric-name 'lag; reboot'"

    def test_a_schema_of_other_properties_is_filled_by_type(self, ask: Asking) -> None:
        some = {
            "text": {"type": "string"},
            "when": {"type": "string", "format": "date-time"},
            "how_many": {"type": "integer"},
            "sure": {"type": "boolean"},
            "one_or_more": {"type": "array", "items": {"type": "number"}, "minItems": 1},
            "choice": {"enum": ["first", "second"]},
            "fixed": {"const": "this"},
            "perhaps": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Inner"}]},
            "nothing": {"type": "null"},
            "both": {"allOf": [{"$ref": "#/$defs/Inner"}]},
            "severity": {"type": "array", "items": {"type": "string"}},
            "inner": {"$ref": "#/$defs/Inner"},
            "affected_components": {"type": "array", "items": {"type": "string"}},
        }
        schema = {**closed(some), "$defs": {"Inner": closed({"name": {"type": "string"}})}}
        answer = json.loads(text_of(ask(output_config=output_config(schema))))
        assert answer == {
            "text": "Stand-in answer, not Claude: no rule for text",
            "when": "2000-01-01T00:00:00Z",
            "how_many": 0,
            "sure": False,
            "one_or_more": [0],
            "choice": "first",
            "fixed": "this",
            "perhaps": None,
            "nothing": None,
            "both": {"name": "Stand-in answer, not Claude: no rule for name"},
            "severity": ["warning"],
            "inner": {"name": "Stand-in answer, not Claude: no rule for name"},
            "affected_components": ["tikv-4"],
        }

    def test_a_schema_that_nothing_fits_is_the_stand_ins_own_failure(self, ask: Asking) -> None:
        schema = closed({"both": {"allOf": [{"const": 1}, {"const": 2}]}})
        with pytest.raises(anthropic.InternalServerError, match="could not fill the schema"):
            ask(output_config=output_config(schema))

    def test_without_a_schema_the_answer_is_prose(self, ask: Asking) -> None:
        assert text_of(ask(output_config={"effort": "low"})).startswith("Stand-in answer, not Claude:")

    def test_evidence_may_come_in_blocks(self, ask: Asking) -> None:
        blocks = [{"type": "text", "text": line} for line in EVIDENCE.split("\n## ")]
        in_blocks = ask(messages=[{"role": "user", "content": blocks}])
        assert diagnosis_of(in_blocks) == diagnosis_of(ask())

    def test_usage_is_a_token_for_every_four_bytes(self, ask: Asking, stand_in: StandIn) -> None:
        message = ask()
        (call,) = stand_in.calls
        assert message.usage.input_tokens == -(-int(call.headers["content-length"]) // 4)
        assert message.usage.output_tokens == -(-len(text_of(message).encode()) // 4)
        assert (message.usage.cache_read_input_tokens, message.usage.cache_creation_input_tokens) == (0, 0)

    def test_an_answer_stops_at_max_tokens(self, ask: Asking) -> None:
        message = ask(max_tokens=50)
        assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 50)
        assert text_of(message) == text_of(ask())[:200]

    def test_text_that_no_encoding_can_hold_is_answered(self, stand_in: StandIn) -> None:
        body = json.dumps(request("[M1] lag = \ud800")).encode()
        status, message, _ = http(stand_in, "POST", "/v1/messages", body)
        assert (status, message["stop_reason"]) == (200, "end_turn")


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


def closed(properties: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
        **keywords,
    }


def assert_refused(reply: tuple[int, Any, dict[str, str]], status: int, kind: str, words: str) -> None:
    got, body, headers = reply
    assert (got, body["type"], body["error"]["type"]) == (status, "error", kind)
    assert words in body["error"]["message"]
    assert body["request_id"] == headers.get("request-id", "req_standin_none")


TEXT = {"type": "string"}
LOOP = {"$defs": {"Node": closed({"next": {"$ref": "#/$defs/Node"}})}}
RING = {
    "$defs": {"A": closed({"b": {"$ref": "#/$defs/B"}}), "B": closed({"a": {"$ref": "#/$defs/A"}})},
}


class TestSchemas:
    @pytest.mark.parametrize(
        ("schema", "words"),
        [
            ([], "not empty"),
            ({"type": "object", "properties": {"a": TEXT}, "required": ["a"]}, "additionalProperties"),
            (closed({"a": TEXT}, additionalProperties=True), "additionalProperties"),
            (closed({"a": TEXT}, additionalProperties=TEXT), "additionalProperties"),
            (closed({}), "without properties"),
            (closed({"a": closed({})}), "schema.properties.a"),
            (closed({"a": TEXT}, required=None), "required"),
            (closed({"a": TEXT}, required=["b"]), "'b'"),
            (closed({"a": TEXT}, required=[["a"]]), "required"),
            (closed({"a": TEXT}, minProperties=1), "minProperties"),
            (closed({"a": {"type": "integer", "minimum": 1}}), "minimum"),
            (closed({"a": {"type": "number", "maximum": 1}}), "maximum"),
            (closed({"a": {"type": "number", "multipleOf": 2}}), "multipleOf"),
            (closed({"a": {"type": "string", "minLength": 1}}), "minLength"),
            (closed({"a": {"type": "string", "maxLength": 9}}), "maxLength"),
            (closed({"a": {"type": "string", "format": "text"}}), "format"),
            (closed({"a": {"type": "array", "items": TEXT, "minItems": 2}}), "minItems"),
            (closed({"a": {"type": "array", "items": TEXT, "maxItems": 2}}), "maxItems"),
            (closed({"a": {"type": "array"}}), "items"),
            (closed({"a": {"type": "any"}}), "any"),
            (closed({"a": {"type": ["string", 7]}}), "7"),
            (closed({"a": {"description": "no type"}}), "neither type"),
            (closed({"a": {"oneOf": [TEXT]}}), "neither type"),
            (closed({"a": {"anyOf": []}}), "anyOf"),
            (closed({"a": {"enum": []}}), "enum"),
            (closed({"a": {"enum": [{"b": 1}]}}), "plain values"),
            (closed({"a": "string"}), "must be a schema"),
            ({**closed({"a": TEXT}), "properties": ["a"]}, "must be an object"),
            (closed({"a": {"$ref": "#/$defs/Node"}}), "not a definition"),
            (closed({"a": {"$ref": "https://example.com/x"}}), "not a definition"),
            (closed({"a": {"$ref": "#/$defs/Node", "minItems": 1}}, **LOOP), "beside '$ref'"),
            (closed({"a": {"$ref": "#/$defs/Node"}}, **LOOP), "recursive"),
            (closed({"a": {"$ref": "#/$defs/A"}}, **RING), "recursive"),
            (closed({f"a{n}": TEXT for n in range(25)}, required=[]), "25 optional"),
            (closed({f"a{n}": {"type": ["string", "null"]} for n in range(17)}), "17 union"),
            (closed({f"a{n}": {"anyOf": [TEXT, {"type": "null"}]} for n in range(17)}), "17 union"),
        ],
    )
    def test_what_the_api_refuses_is_refused(self, schema: Any, words: str) -> None:
        with pytest.raises(SchemaRefusedError, match=r"^schema") as refused:
            check_schema(schema)
        assert words in str(refused.value)

    def test_a_schema_nested_too_deeply_is_refused(self) -> None:
        schema: dict[str, Any] = TEXT
        for _ in range(100):
            schema = {"type": "array", "items": schema}
        with pytest.raises(SchemaRefusedError, match="too deeply"):
            check_schema(schema)

    def test_what_the_sdk_makes_of_a_free_form_map_is_refused(self) -> None:
        sdk_made = anthropic.transform_schema({"type": "object", "additionalProperties": {"type": "string"}})
        with pytest.raises(SchemaRefusedError, match="could only ever be empty"):
            check_schema(closed({"readings": sdk_made}, required=["readings"]))

    def test_limits_that_are_kept_are_accepted(self) -> None:
        check_schema(closed({f"a{n}": {"type": ["string", "null"]} for n in range(16)}, required=[]))


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "error", "code"),
        [
            (Kind.BAD_REQUEST, anthropic.BadRequestError, None),
            (Kind.CREDIT_BALANCE, anthropic.BadRequestError, None),
            (Kind.USAGE_LIMITS, anthropic.BadRequestError, None),
            (Kind.PROMPT_TOO_LONG, anthropic.BadRequestError, None),
            (Kind.UNAUTHORISED, anthropic.AuthenticationError, None),
            (Kind.PAYMENT_REQUIRED, anthropic.PaymentRequiredError, None),
            (Kind.FORBIDDEN, anthropic.PermissionDeniedError, None),
            (Kind.MODEL_NOT_FOUND, anthropic.NotFoundError, None),
            (Kind.REQUEST_TIMEOUT, anthropic.RequestTimeoutError, None),
            (Kind.CONFLICT, anthropic.ConflictError, None),
            (Kind.TOO_LARGE, anthropic.ContentTooLargeError, None),
            (Kind.UNPROCESSABLE, anthropic.UnprocessableEntityError, None),
            (Kind.RATE_LIMIT, anthropic.RateLimitError, None),
            (Kind.RAMP_LIMIT, anthropic.RampLimitExceededError, "ramp_limit_exceeded"),
            (Kind.SPEND_LIMIT, anthropic.EnforcedSpendLimitReachedError, "enforced_spend_limit_reached"),
            (Kind.SERVER_ERROR, anthropic.InternalServerError, None),
            (Kind.BAD_GATEWAY, anthropic.InternalServerError, None),
            (Kind.UNAVAILABLE, anthropic.ServiceUnavailableError, None),
            (Kind.GATEWAY_TIMEOUT, anthropic.GatewayTimeoutError, None),
            (Kind.OVERLOADED, anthropic.OverloadedError, None),
        ],
    )
    def test_an_error_reaches_the_caller_as_the_sdks_class_for_it(
        self,
        ask: Asking,
        stand_in: StandIn,
        kind: Kind,
        error: type[anthropic.APIStatusError],
        code: str | None,
    ) -> None:
        stand_in.script(Fault(kind))
        with pytest.raises(error) as raised:
            ask()
        assert type(raised.value) is error
        assert raised.value.error_code == code
        assert "retry-after" not in raised.value.response.headers
        assert (stand_in.answered, stand_in.refused) == (0, 1)
        assert ask().stop_reason == "end_turn"

    def test_an_error_says_what_it_is_told_to_say(self, ask: Asking, stand_in: StandIn) -> None:
        fault = Fault(Kind.SPEND_LIMIT, message="no more", error_code="contract_spend_limit_reached")
        stand_in.script(fault)
        with pytest.raises(anthropic.ContractSpendLimitReachedError, match="no more") as raised:
            ask()
        assert raised.value.request_id == stand_in.calls[-1].request_id

    @pytest.mark.parametrize("kind", [Kind.RATE_LIMIT, Kind.OVERLOADED, Kind.ANSWER])
    @pytest.mark.parametrize(
        ("fault", "header"),
        [
            ({"retry_after": 30}, "30"),
            ({"retry_after": 0.5}, "0.5"),
            ({"retry_after": 90, "as_date": True}, "Thu, 01 Jan 1970 00:01:31 GMT"),
            ({"retry_after": "soon"}, "soon"),
            ({"headers": {"Retry-After": "7"}}, "7"),
            ({}, None),
        ],
    )
    def test_retry_after_is_sent_in_every_form(
        self, kind: Kind, fault: dict[str, Any], header: str | None
    ) -> None:
        with StandIn(clock=lambda: 0.5) as stand_in:
            stand_in.script(Fault(kind, **fault))
            _, _, headers = http(stand_in, "POST", "/v1/messages", request())
        assert headers.get("retry-after") == header

    @pytest.mark.parametrize(
        ("kind", "stop_reason"),
        [
            (Kind.ANSWER, "end_turn"),
            (Kind.REFUSAL, "refusal"),
            (Kind.EMPTY_REFUSAL, "refusal"),
            (Kind.TRUNCATED, "max_tokens"),
            (Kind.CONTEXT_WINDOW, "model_context_window_exceeded"),
            (Kind.NOT_JSON, "end_turn"),
            (Kind.MISFIT, "end_turn"),
        ],
    )
    def test_a_spoilt_answer_is_a_message_all_the_same(
        self, ask: Asking, stand_in: StandIn, kind: Kind, stop_reason: str
    ) -> None:
        stand_in.script(Fault(kind))
        message = ask()
        assert message.stop_reason == stop_reason
        assert message.usage.output_tokens > 0
        assert (stand_in.answered, stand_in.refused) == (1, 0)

    def test_a_refusal_has_prose_or_no_content_at_all(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.REFUSAL), Fault(Kind.EMPTY_REFUSAL))
        assert text_of(ask()) == "Stand-in answer, not Claude: I cannot help with this ticket."
        assert ask().content == []

    @pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.CONTEXT_WINDOW, Kind.NOT_JSON])
    def test_what_is_cut_off_or_prose_is_not_json(self, ask: Asking, stand_in: StandIn, kind: Kind) -> None:
        stand_in.script(Fault(kind))
        with pytest.raises(json.JSONDecodeError):
            json.loads(text_of(ask()))

    def test_a_misfit_is_json_but_not_the_schema(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.MISFIT))
        assert list(json.loads(text_of(ask()))) == ["stand_in"]

    def test_an_empty_body_is_no_error_that_the_sdk_knows(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.EMPTY_BODY))
        with pytest.raises(json.JSONDecodeError):
            ask()

    @pytest.mark.parametrize("kind", [Kind.DROP, Kind.DROP_MID_BODY])
    def test_a_connection_that_ends_early(self, ask: Asking, stand_in: StandIn, kind: Kind) -> None:
        stand_in.script(Fault(kind))
        with pytest.raises(anthropic.APIConnectionError) as raised:
            ask()
        assert not isinstance(raised.value, anthropic.APITimeoutError)
        assert (stand_in.answered, stand_in.dropped) == (0, 1)
        assert ask().stop_reason == "end_turn"

    @pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.SERVER_ERROR, Kind.DROP])
    def test_a_delay_longer_than_the_callers_patience(
        self, ask: Asking, stand_in: StandIn, kind: Kind
    ) -> None:
        stand_in.script(Fault(kind, delay=600))
        with pytest.raises(anthropic.APITimeoutError):
            ask(timeout=0.05)

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "no such thing"},
            {"kind": Kind.DROP, "times": 0},
            {"kind": Kind.DROP, "delay": -1},
        ],
    )
    def test_a_fault_that_makes_no_sense_is_refused(self, fault: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"kind|times|delay"):
            Fault(**fault)


class TestScripts:
    def outcome(self, ask: Asking, evidence: str = EVIDENCE) -> str:
        try:
            return str(ask(evidence).stop_reason)
        except anthropic.APIStatusError as error:
            return str(error.status_code)

    def test_faults_are_consumed_in_order_one_per_request(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.OVERLOADED, times=2), Fault(Kind.REFUSAL))
        assert [self.outcome(ask) for _ in range(4)] == ["529", "529", "refusal", "end_turn"]

    def test_a_fault_with_a_match_waits_for_its_ticket(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.SERVER_ERROR, match="ticket 2"), Fault(Kind.UNAVAILABLE))
        assert [self.outcome(ask, f"ticket {n}") for n in (1, 1, 2, 2)] == [
            "503",
            "end_turn",
            "500",
            "end_turn",
        ]

    def test_a_fault_without_an_end_lasts_until_cleared(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.OVERLOADED, times=None))
        assert [self.outcome(ask) for _ in range(3)] == ["529"] * 3
        stand_in.clear()
        assert self.outcome(ask) == "end_turn"

    def test_a_request_that_is_refused_anyway_consumes_nothing(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.REFUSAL))
        with pytest.raises(anthropic.NotFoundError):
            ask(model="unknown")
        assert self.outcome(ask) == "refusal"

    def test_a_script_can_be_sent_looked_at_and_cleared_over_http(
        self, ask: Asking, stand_in: StandIn
    ) -> None:
        script = [{"kind": "rate-limit", "retry_after": 5, "times": 2}, {"kind": "refusal", "match": "x"}]
        assert http(stand_in, "POST", "/stand-in/faults", script)[:2] == (200, {"queued": 2})
        assert self.outcome(ask) == "429"
        assert http(stand_in, "DELETE", "/stand-in/faults")[:2] == (200, {"cleared": 2})
        assert self.outcome(ask) == "end_turn"
        _, summary, _ = http(stand_in, "GET", "/stand-in/calls")
        counts = {name: summary[name] for name in ("answered", "refused", "dropped", "faults_queued")}
        assert counts == {"answered": 1, "refused": 1, "dropped": 0, "faults_queued": 0}
        assert [(call["status"], call["model"]) for call in summary["calls"]] == [
            (429, "claude-sonnet-5-5"),
            (200, "claude-sonnet-5-5"),
        ]

    @pytest.mark.parametrize(
        ("script", "words"),
        [
            (b"{", "Expecting"),
            ({}, "a list of faults"),
            (["drop"], "at least 'kind'"),
            ([{"kind": "surprise"}], "surprise"),
            ([{"kind": "drop", "often": 3}], "no often"),
            ([{"kind": "drop", "match": 3}], "match"),
            ([{"kind": "drop", "times": "3"}], "times"),
        ],
    )
    def test_a_script_that_makes_no_sense_is_refused_whole(
        self, stand_in: StandIn, script: object, words: str
    ) -> None:
        content = [{"kind": "drop"}, *script] if isinstance(script, list) else script
        status, body, _ = http(stand_in, "POST", "/stand-in/faults", content)
        assert status == 400
        assert words in body["error"]
        assert http(stand_in, "DELETE", "/stand-in/faults")[1] == {"cleared": 0}


class TestLimits:
    def statuses(self, stand_in: StandIn, requests: int) -> list[tuple[int, str | None]]:
        replies = [http(stand_in, "POST", "/v1/messages", request()) for _ in range(requests)]
        return [(status, headers.get("retry-after")) for status, _, headers in replies]

    def test_requests_beyond_the_limit_are_told_when_to_come_back(self) -> None:
        now = 1_000.0
        with StandIn(limits=Limits(requests_per_minute=2), clock=lambda: now) as stand_in:
            assert self.statuses(stand_in, 3) == [(200, None), (200, None), (429, "30")]
            now += 29
            assert self.statuses(stand_in, 1) == [(429, "1")]
            now += 1
            assert self.statuses(stand_in, 2) == [(200, None), (429, "30")]
        assert (stand_in.answered, stand_in.refused) == (3, 3)

    def test_a_bucket_holds_no_more_than_a_minutes_worth(self) -> None:
        now = 1_000.0
        with StandIn(limits=Limits(requests_per_minute=2), clock=lambda: now) as stand_in:
            now += 3_600
            assert [status for status, _ in self.statuses(stand_in, 3)] == [200, 200, 429]

    def test_input_tokens_are_taken_before_the_answer(self) -> None:
        now = 1_000.0
        tokens = len(json.dumps(request()).encode()) / 4
        with StandIn(limits=Limits(input_tokens_per_minute=int(tokens * 1.5)), clock=lambda: now) as stand_in:
            assert self.statuses(stand_in, 2) == [(200, None), (429, "21")]
            now += 21
            assert self.statuses(stand_in, 1) == [(200, None)]

    def test_output_tokens_are_paid_after_the_answer_and_may_be_owed(self) -> None:
        now = 1_000.0
        with StandIn(limits=Limits(output_tokens_per_minute=60), clock=lambda: now) as stand_in:
            (first, second) = self.statuses(stand_in, 2)
            owed = stand_in.calls[0].output_tokens - 60
        assert first == (200, None)
        assert second == (429, str(owed + 1))

    def test_a_request_larger_than_a_minutes_worth_passes_a_full_bucket(self) -> None:
        with StandIn(limits=Limits(input_tokens_per_minute=10), clock=lambda: 0.0) as stand_in:
            assert [status for status, _ in self.statuses(stand_in, 2)] == [200, 429]

    def test_every_answer_has_the_headers(self) -> None:
        limits = Limits(requests_per_minute=4, input_tokens_per_minute=60_000, output_tokens_per_minute=6_000)
        with StandIn(limits=limits, clock=lambda: 0.0) as stand_in:
            _, message, headers = http(stand_in, "POST", "/v1/messages", request())
            usage = message["usage"]
        found = {name: text for name, text in headers.items() if name.startswith("anthropic-ratelimit-")}
        seconds = {
            "requests": 15,
            "input-tokens": -(-usage["input_tokens"] // 1_000),
            "output-tokens": -(-usage["output_tokens"] // 100),
        }
        left = {
            "requests": 3,
            "input-tokens": 60_000 - usage["input_tokens"],
            "output-tokens": 6_000 - usage["output_tokens"],
        }
        limit = {"requests": 4, "input-tokens": 60_000, "output-tokens": 6_000}
        assert found == {
            **{f"anthropic-ratelimit-{name}-limit": str(limit[name]) for name in limit},
            **{f"anthropic-ratelimit-{name}-remaining": str(left[name]) for name in limit},
            **{
                f"anthropic-ratelimit-{name}-reset": f"1970-01-01T00:00:{seconds[name]:02}Z" for name in limit
            },
        }

    def test_a_limit_of_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="requests_per_minute"):
            Limits(requests_per_minute=0)


class TestRunning:
    def test_calls_are_remembered_without_secrets(self, ask: Asking, stand_in: StandIn) -> None:
        ask()
        http(stand_in, "POST", "/v1/messages", b"{")
        first, second = stand_in.calls
        assert first.request["messages"] == [{"role": "user", "content": EVIDENCE}]
        assert (first.status, second.status, second.error_type) == (200, 400, "invalid_request_error")
        assert second.request == {}
        assert not {"x-api-key", "authorization"} & (set(first.headers) | set(second.headers))
        assert "a-key" not in f"{first.headers}{second.headers}"

    def test_only_the_last_calls_are_remembered_but_all_are_counted(self) -> None:
        with StandIn(remember=1) as stand_in:
            for _ in range(3):
                http(stand_in, "POST", "/v1/messages", request())
        assert (len(stand_in.calls), stand_in.answered) == (1, 3)

    def test_stopping_ends_a_delay(self, ask: Asking, stand_in: StandIn) -> None:
        under_way = threading.Event()

        def latency() -> float:
            under_way.set()
            return 600

        stand_in.latency = latency
        raised: list[Exception] = []

        def call() -> None:
            try:
                ask()
            except anthropic.APIConnectionError as error:
                raised.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        assert under_way.wait(timeout=30)
        stand_in.stop()
        caller.join(timeout=30)
        assert [type(error) for error in raised] == [anthropic.APIConnectionError]

    def test_a_stopped_stand_in_answers_nobody_and_comes_back_on_the_same_port(
        self, ask: Asking, stand_in: StandIn
    ) -> None:
        ask()
        url = stand_in.url
        stand_in.stop()
        stand_in.stop()
        with pytest.raises(anthropic.APIConnectionError):
            ask()
        stand_in.start()
        assert stand_in.url == url
        assert ask().stop_reason == "end_turn"
        assert stand_in.answered == 2

    def test_it_has_no_url_before_it_is_started(self) -> None:
        with pytest.raises(RuntimeError, match="no port"):
            _ = StandIn().url

    def test_a_connection_is_kept_alive(self, stand_in: StandIn) -> None:
        connection = HTTPConnection(urlsplit(stand_in.url).netloc, timeout=30)
        connection.request("GET", "/")
        connection.getresponse().read()
        kept = connection.sock
        connection.request("GET", "/stand-in/calls")
        assert connection.getresponse().status == 200
        assert connection.sock is kept
        connection.close()

    def test_many_callers_at_once_are_all_answered_and_numbered(self, ask: Asking, stand_in: StandIn) -> None:
        callers = [threading.Thread(target=ask) for _ in range(20)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(timeout=30)
        assert stand_in.answered == 20
        assert len({call.request_id for call in stand_in.calls}) == 20

    def test_it_runs_alone_and_says_what_it_is(self) -> None:
        root = Path(__file__).parents[4]
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(root)}
        command = [sys.executable, "-m", "local.claude.server", "--port", "0"]
        with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as alone:
            assert alone.stdout is not None
            first, second = alone.stdout.readline(), alone.stdout.readline()
            alone.terminate()
            assert alone.wait(timeout=30) == 0
        assert "It is not Claude" in first
        assert "http://127.0.0.1:" in second
