"""Whatever comes back over HTTP is an answer or one error, and the error says whose fault it is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from diagnose.claude.client import Claude
from diagnose.claude.errors import (
    MOST_CHARS,
    AccountError,
    AmbiguousError,
    ClaudeError,
    DeploymentError,
    Fault,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
)
from diagnose.claude.reading import read_diagnosis
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt
from tests.support.answering_server import Response, answering
from tests.support.keyed_claude import claude_at

PROMPT = Prompt("Diagnose.", "message: slow " * 100, {}, ())
ESTIMATE = 3.0 * PROMPT.tokens / 1_000_000
USAGE = {"input_tokens": 1000, "output_tokens": 200}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5-5",
    "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "{}"}],
    "usage": USAGE,
}


@dataclass
class Asked:
    """A client, and what it is answered with."""

    claude: Claude
    response: Response

    def answer(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        self.response.body, self.response.status, self.response.headers = body, status, headers or {}
        return self.claude.ask(PROMPT, 8000, 10.0)

    def error(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> ClaudeError:
        with pytest.raises(ClaudeError) as caught:
            read_diagnosis(self.answer(body, status, headers))
        return caught.value


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    response = Response()
    with answering(response) as url, claude_at(url) as claude:
        yield Asked(claude, response)


def message(**changes: Any) -> bytes:
    return json.dumps({**MESSAGE, **changes}).encode()


def text(value: Any) -> list[Any]:
    return [{"type": "text", "text": value}]


def api_error(type_: str, said: str = "Oops.", code: str | None = None) -> bytes:
    error = {"type": type_, "message": said, **({"details": {"error_code": code}} if code else {})}
    return json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode()


NO_MESSAGES: dict[str, bytes] = {
    "nothing": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "words": b'"words"',
    "null": b"null",
    "a page": b"<html>sign in first</html>",
    "half a message": message()[:100],
    "no text in any encoding": b"\xff\xfe\x00\xd8",
    "nested without end": b"[" * 100_000,
    "a number without end": b"9" * 10_000,
    "another type": message(type="completion"),
    "no usage": message(usage=None),
    "empty usage": message(usage={}),
    "usage of strings": message(usage={"input_tokens": "1000", "output_tokens": "200"}),
    "usage of floats": message(usage={"input_tokens": 1.5, "output_tokens": 2.5}),
    "usage without bounds": message(usage={"input_tokens": 10**400, "output_tokens": 1}),
    "less than no usage": message(usage={"input_tokens": -5, "output_tokens": 1}),
    "usage that is no number": message(usage={"input_tokens": float("nan"), "output_tokens": 1}),
    "a cache of strings": message(usage={**USAGE, "cache_read_input_tokens": "many"}),
    "no content": message(content=None),
    "content of nulls": message(content=[None]),
    "content of words": message(content=["words"]),
    "content in place of a list": message(content="words"),
    "a block without a type": message(content=[{"text": "{}"}]),
    "text that is a number": message(content=text(5)),
    "text that is null": message(content=text(None)),
    "text that is an object": message(content=text({"timeline": []})),
    "a model that is no name": message(model=5),
    "a model of megabytes": message(model="m" * 2_000_000),
    "a stop reason that is a list": message(stop_reason=["end_turn"]),
}


@pytest.mark.parametrize("body", NO_MESSAGES.values(), ids=list(NO_MESSAGES))
def test_what_is_no_message_is_one_ambiguous_fault_and_may_be_billed(asked: Asked, body: bytes) -> None:
    error = asked.error(body, headers={"request-id": "req_1"})

    assert isinstance(error, AmbiguousError)
    assert str(error) == "the response is not a message"
    assert (error.quick_retry, error.timed_out, error.request_id) == (True, False, "req_1")
    assert error.cost_usd == pytest.approx(ESTIMATE)


def test_what_a_message_has_beside_the_documented_is_left_aside(asked: Asked) -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "x"}
    answer = asked.answer(
        message(content=[thinking, *text("{"), *text("}")], container={"id": 5}, usage={**USAGE, "x": [1]})
    )

    assert answer.text == "{}"
    assert answer.used.cost_usd == pytest.approx((3 * 1000 + 15 * 200) / 1_000_000)


@pytest.mark.parametrize("stop_reason", ["end_turn", "pause_turn", "tool_use", None, "new_kind"])
@pytest.mark.parametrize(
    "content",
    [[], text(""), text(" \n"), text("\u200b"), [{"type": "thinking", "thinking": "hm", "signature": "x"}]],
    ids=["nothing", "no text", "white space", "nothing to see", "only thinking"],
)
def test_an_empty_answer_is_the_models_side_and_not_asked_for_again_at_once(
    asked: Asked, content: list[Any], stop_reason: str | None
) -> None:
    error = asked.error(message(content=content, stop_reason=stop_reason))

    assert isinstance(error, AmbiguousError)
    assert not error.quick_retry
    assert error.cost_usd == 0  # it came with an answer, whose cost is known


def test_the_cost_of_an_answer_without_a_diagnosis_is_known_before_it_is_read(asked: Asked) -> None:
    answer = asked.answer(message(content=text("no diagnosis"), stop_reason="pause_turn"))

    assert answer.used.cost_usd > 0
    with pytest.raises(AmbiguousError):
        read_diagnosis(answer)


FAULTS: dict[str, tuple[int, bytes, type[ClaudeError]]] = {
    "organization disabled": (
        400,
        api_error("invalid_request_error", "This organization has been disabled."),
        AccountError,
    ),
    "organisation on hold": (403, api_error("permission_error", code="organization_on_hold"), AccountError),
    "no credit": (
        400,
        api_error("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
        AccountError,
    ),
    "spend limit": (429, api_error("rate_limit_error", code="enforced_spend_limit_reached"), AccountError),
    "key": (401, api_error("authentication_error", "invalid x-api-key"), AccountError),
    "billing": (402, api_error("billing_error"), AccountError),
    "permission": (403, api_error("permission_error"), AccountError),
    "model": (404, api_error("not_found_error", "model: claude-sonnet-9"), AccountError),
    "a key refused with another status": (400, api_error("authentication_error"), AccountError),
    "grammar": (
        400,
        api_error(
            "invalid_request_error",
            "The compiled grammar is too large, which would cause performance issues. "
            "Simplify your tool schemas or reduce the number of strict tools.",
        ),
        DeploymentError,
    ),
    "effort": (
        400,
        api_error("invalid_request_error", "This model does not support the effort parameter."),
        DeploymentError,
    ),
    "output_config": (
        400,
        api_error("invalid_request_error", "output_config: Extra inputs are not permitted"),
        DeploymentError,
    ),
    "schema": (
        400,
        api_error("invalid_request_error", "output_config.format.schema: Invalid schema: 'x' is not allowed"),
        DeploymentError,
    ),
    "max_tokens": (
        400,
        api_error(
            "invalid_request_error",
            "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude-x",
        ),
        DeploymentError,
    ),
    "max_tokens beyond the context": (
        400,
        api_error(
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000",
        ),
        PromptTooLongError,
    ),
    "prompt too long": (
        400,
        api_error("invalid_request_error", "prompt is too long: 200001 tokens > 200000 maximum"),
        PromptTooLongError,
    ),
    "request too large": (413, api_error("request_too_large"), PromptTooLongError),
    "a fault in the evidence": (
        400,
        api_error("invalid_request_error", "messages.0.content: does not match the schema"),
        AmbiguousError,
    ),
    "something new": (400, api_error("invalid_request_error", "Not today."), AmbiguousError),
    "filtered": (
        400,
        api_error("invalid_request_error", "Output blocked by content filtering policy"),
        RefusedError,
    ),
    "filtered, as a 500": (
        500,
        api_error("api_error", "Output blocked by content filtering policy"),
        RefusedError,
    ),
    "overloaded": (529, api_error("overloaded_error", "Overloaded"), SharedLimitError),
    "overloaded, as a 500": (500, api_error("overloaded_error", "Overloaded"), SharedLimitError),
    "overloaded, as a 200": (200, api_error("overloaded_error", "Overloaded"), SharedLimitError),
    "too fast, as a 200": (200, api_error("rate_limit_error"), SharedLimitError),
    "a proxy's 429": (429, b"<html>slow down</html>", SharedLimitError),
    "an error inside": (500, api_error("api_error"), AmbiguousError),
    "an error inside, as a 200": (200, api_error("api_error"), AmbiguousError),
    "a proxy's 401": (401, b"<html>who are you?</html>", AmbiguousError),
    "a proxy's 403": (403, b"<html>blocked by policy</html>", AmbiguousError),
    "a proxy's 404": (404, b'{"message": "no Route matched"}', AmbiguousError),
    "a proxy's 402": (402, b"", AmbiguousError),
    "a proxy's 413": (413, b"<html>413 Request Entity Too Large</html>", AmbiguousError),
    "a proxy's 400": (400, b"<html>your billing schema: max_tokens</html>", AmbiguousError),
    "nearly the API's": (403, b'{"type": "error", "error": {"type": 5, "message": null}}', AmbiguousError),
}


@pytest.mark.parametrize(("status", "body", "kind"), FAULTS.values(), ids=list(FAULTS))
def test_whose_fault_it_is_is_told_from_the_apis_own_error(
    asked: Asked, status: int, body: bytes, kind: type[ClaudeError]
) -> None:
    assert type(asked.error(body, status)) is kind


def test_the_deployments_fault_waits_for_a_person_and_fails_nothing() -> None:
    assert DeploymentError.fault is Fault.ACCOUNT


@pytest.mark.parametrize("status", [200, 500])
def test_overloaded_heeds_retry_after_whatever_its_status(asked: Asked, status: int) -> None:
    error = asked.error(
        api_error("overloaded_error"), status, {"retry-after": "Tue, 17 Nov 2026 02:10:35 GMT"}
    )

    assert isinstance(error, SharedLimitError)
    assert error.retry_at == pytest.approx(1794881435)


@pytest.mark.parametrize(
    ("status", "body", "is_billed"),
    [
        (502, b"<html>bad gateway</html>", True),
        (504, b"", True),
        (400, api_error("invalid_request_error", "Output blocked by content filtering policy"), True),
        (500, api_error("api_error"), False),
        (529, api_error("overloaded_error"), False),
        (429, api_error("rate_limit_error"), False),
        (400, api_error("invalid_request_error"), False),
        (401, api_error("authentication_error"), False),
        (403, b"<html>blocked</html>", False),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_error_carries_what_its_call_may_have_cost(
    asked: Asked, status: int, body: bytes, is_billed: bool
) -> None:
    assert asked.error(body, status).cost_usd == pytest.approx(ESTIMATE if is_billed else 0)


def test_a_call_that_reached_nobody_costs_nothing() -> None:
    with answering(Response()) as url:
        pass
    with claude_at(url) as claude, pytest.raises(AmbiguousError) as caught:
        claude.ask(PROMPT, 8000, 10.0)

    assert caught.value.cost_usd == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/html; charset=hex"},
        {"content-type": "application/json; charset=rot13"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; charset=idna"},
        {"content-encoding": "gzip"},
        {"retry-after": "Fri, 31 Dec 9999 23:59:59 +99999999999999"},
        {"anthropic-ratelimit-requests-limit": "5", "anthropic-ratelimit-requests-remaining": "inf"},
        {"anthropic-ratelimit-requests-limit": "nan", "anthropic-ratelimit-requests-remaining": "1"},
        {"anthropic-ratelimit-requests-limit": "1e-300", "anthropic-ratelimit-requests-remaining": "1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_strange_headers_crash_nothing(asked: Asked, status: int, headers: dict[str, str]) -> None:
    assert str(asked.error(b"{}", status, headers))


@pytest.mark.parametrize("remaining", ["inf", "nan", "1e400"])
def test_a_bucket_without_finite_figures_is_left_out(asked: Asked, remaining: str) -> None:
    named = {"limit": "50", "remaining": remaining, "reset": "0001-01-01T00:00:00"}
    answer = asked.answer(
        message(), headers={f"anthropic-ratelimit-requests-{name}": of for name, of in named.items()}
    )

    assert answer.buckets == {}


@pytest.mark.parametrize("bad", ["\ud83d", "\uffff", "\ufffe", "\x00", "\x1b", "\u202e"], ids=ascii)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, api_error("api_error", "it {} broke")),
        (200, message(content=text("I {} no"), stop_reason="refusal")),
    ],
    ids=["error", "refusal"],
)
def test_an_errors_text_is_clean(asked: Asked, status: int, body: bytes, bad: str) -> None:
    error = asked.error(body.replace(b"{}", json.dumps(bad).encode()[1:-1]), status)

    assert bad not in str(error)
    assert str(error).encode()


def test_an_error_has_a_text_of_bounded_length_and_a_clean_request_id(asked: Asked) -> None:
    body = api_error("e" * 100_000, "m" * 100_000, "c" * 100_000)
    error = asked.error(body, 400, {"request-id": "req_\x9f" + "1" * 5000})

    assert len(str(error)) <= MOST_CHARS
    assert error.request_id
    assert error.request_id.isprintable()
    assert len(error.request_id) <= MOST_CHARS
