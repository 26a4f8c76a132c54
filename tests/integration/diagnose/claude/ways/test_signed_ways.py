"""Claude behind AWS: tickets through the handler, by requests whose signature and form are checked."""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from unittest import mock

import pytest

from capacity.state import Gate
from diagnose.claude.client import SCHEMA
from local.claude.requests import user_text
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline
from tests.support.signed_claude import (
    KNOWN,
    AwsError,
    BedrockClaude,
    ClaudePlatformOnAws,
    SignedClaude,
)

DENIED = AwsError(
    403, "AccessDeniedException", "User: arn is not authorized to perform this on resource: arn"
)
EXPIRED = AwsError(403, "ExpiredTokenException", "The security token included in the request is expired")
THROTTLED = AwsError(429, "ThrottlingException", "Too many tokens, please wait before trying again.")
UNSUPPORTED = AwsError(400, "ValidationException", "output_config.effort: this model does not support effort")


@dataclass(frozen=True)
class Signed:
    """A pipeline on one of the ways, and who is asked there."""

    pipeline: InvokedPipeline
    claude: SignedClaude

    def diagnosis_status(self, ticket_id: str = "t-1") -> object:
        return self.pipeline.item(ticket_id)["diagnosis_status"]


@pytest.fixture(params=[BedrockClaude, ClaudePlatformOnAws], ids=["bedrock", "aws"])
def signed(request: pytest.FixtureRequest) -> Iterator[Signed]:
    with (
        request.param() as claude,
        invoked_pipeline(claude, **claude.parameters) as pipeline,
        mock.patch.dict(os.environ, KNOWN),
    ):
        yield Signed(pipeline, claude)


def test_a_ticket_is_diagnosed_without_a_key(signed: Signed) -> None:
    signed.pipeline.put()

    signed.pipeline.deliver()

    item, [call] = signed.pipeline.item(), signed.claude.calls
    assert item["diagnosis_status"] == "done"
    assert item["claude_request_id"] == call.request_id
    assert item["diagnosis_usage"]["input_tokens"] == call.input_tokens
    assert item["diagnosis_usage"]["cost_usd"] > 0
    assert call.request["model"] == "claude-sonnet-5-5"
    assert call.request["output_config"] == {
        "effort": "medium",
        "format": {"type": "json_schema", "schema": SCHEMA},
    }
    assert "await 41 ms" in user_text(call.request)
    assert signed.pipeline.stack.template.of_type("AWS::SecretsManager::Secret") == []


def test_tickets_follow_each_other_whether_or_not_the_answers_show_limits(signed: Signed) -> None:
    started = signed.pipeline.clock.now()
    for number in range(3):
        signed.pipeline.put(f"t-{number}")

    signed.pipeline.deliver()

    assert [signed.diagnosis_status(f"t-{number}") for number in range(3)] == ["done"] * 3
    assert signed.pipeline.clock.now() == started


def test_throttled_for_longer_the_ticket_waits_and_comes_back(signed: Signed) -> None:
    pipeline = signed.pipeline
    signed.claude.troubles.extend([THROTTLED] * 20)
    pipeline.put()
    pipeline.deliver()
    assert signed.diagnosis_status() == "deferred"
    assert pipeline.capacity.read().gate == Gate.SHARED
    assert pipeline.sent("DeadLetterQueue") == []

    signed.claude.troubles.clear()
    [sent] = pipeline.sent("RetryQueue")
    pipeline.clock.advance(sent.visible_from - pipeline.clock.now() + 1)
    pipeline.rearm(sent.body)
    pipeline.deliver()

    assert signed.diagnosis_status() == "done"


def test_what_only_a_person_can_mend_closes_the_gate_and_fails_no_ticket(
    signed: Signed, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = signed.pipeline
    for trouble in (DENIED, EXPIRED, UNSUPPORTED):
        signed.claude.troubles.extend([trouble] * 2)
        pipeline.put(trouble.name)
        pipeline.put("behind it")
        pipeline.deliver()

        assert {signed.diagnosis_status(ticket) for ticket in (trouble.name, "behind it")} == {"deferred"}
        assert pipeline.capacity.read().gate == Gate.ACCOUNT
        assert trouble.message in pipeline.item(trouble.name)["deferred_reason"]
        counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert any(line.get("AccountFault") == [1] for line in counted)
        assert len(signed.claude.troubles) == 1, "who is behind it is not asked for"
        signed.claude.troubles.clear()
        pipeline.delete("behind it")
        pipeline.capacity.open()

    assert signed.claude.calls == ()
    assert pipeline.sent("DeadLetterQueue") == []


def test_a_signature_by_another_secret_is_a_matter_of_the_account(signed: Signed) -> None:
    signed.pipeline.put()
    with mock.patch.dict(os.environ, {"AWS_SECRET_ACCESS_KEY": "another"}):
        signed.pipeline.deliver()

    assert signed.diagnosis_status() == "deferred"
    assert signed.pipeline.capacity.read().gate == Gate.ACCOUNT


def test_credentials_that_were_exchanged_meanwhile_are_taken_at_once(signed: Signed) -> None:
    signed.pipeline.put("t-1")
    with mock.patch.dict(os.environ, {"AWS_SESSION_TOKEN": "former"}):
        signed.pipeline.deliver()
    signed.pipeline.capacity.open()
    signed.pipeline.put("t-2")

    signed.pipeline.deliver()

    assert signed.diagnosis_status("t-2") == "done"


def test_no_credential_is_logged_at_debug_either(
    signed: Signed, logged: StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signed.pipeline.put()

    signed.pipeline.deliver()

    assert signed.diagnosis_status() == "done"
    assert '"logger":"anthropic' in logged.getvalue()
    assert not [value for value in KNOWN.values() if value in logged.getvalue()]


def test_a_prompt_that_is_too_long_is_halved_once_and_then_fails_its_ticket(signed: Signed) -> None:
    too_long = AwsError(400, "ValidationException", "Input is too long for requested model.")
    signed.claude.troubles.extend([too_long] * 2)
    signed.pipeline.put()

    signed.pipeline.deliver()

    assert signed.diagnosis_status() == "failed"
    assert signed.pipeline.item()["diagnosis_error"]["kind"] == "prompt_too_long"
