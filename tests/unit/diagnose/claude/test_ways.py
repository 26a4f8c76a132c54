"""What each way to Claude takes for an error of the service's own, and whose fault it then is."""

from collections.abc import Iterator
from typing import cast
from unittest import mock

import boto3
import httpx2
import pytest
from botocore.exceptions import CredentialRetrievalError

from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    DeploymentError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
)
from diagnose.claude.key import ApiKey
from diagnose.claude.translation import refusal
from diagnose.claude.ways.anthropic_api import AnthropicApi
from diagnose.claude.ways.aws_credentials import AwsCredentials
from diagnose.claude.ways.bedrock import Bedrock
from diagnose.claude.ways.platform_on_aws import PlatformOnAws
from diagnose.claude.ways.way import Way

SIGNED: list[Way] = [Bedrock("", "eu-west-1"), PlatformOnAws("", "eu-west-1", "wrkspc_01")]
WITH_A_KEY = AnthropicApi(cast("ApiKey", None), "")
IDS = ["bedrock", "aws"]


def response(status: int, body: object, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, json=body, headers=named)


def error_of(way: Way, status: int, body: object, **headers: str) -> ClaudeError:
    got = response(status, body, **headers)
    return refusal(got, way.error_in(got, body), now=1000.0, cost_usd=0.5)


AWS_ERRORS: list[tuple[int, str, str, type[ClaudeError]]] = [
    (429, "ThrottlingException", "Too many requests, please wait before trying again.", SharedLimitError),
    (429, "ThrottlingException", "Too many tokens per day, please wait.", SharedLimitError),
    (400, "ThrottlingException", "Rate exceeded", SharedLimitError),
    (429, "TooManyRequestsException", "slow down", SharedLimitError),
    (429, "ModelNotReadyException", "The model is not ready for inference.", SharedLimitError),
    (400, "ServiceQuotaExceededException", "Too many tokens per minute.", SharedLimitError),
    (400, "ServiceQuotaExceededException", "You can resubmit your request later.", SharedLimitError),
    (400, "ServiceQuotaExceededException", "The quota of this account is 0.", AccountError),
    (403, "AccessDeniedException", "You don't have access to the model with this ID.", AccountError),
    (403, "AccessDeniedException", "not authorized to perform: bedrock:InvokeModel", AccountError),
    (403, "UnrecognizedClientException", "The security token is invalid.", AccountError),
    (403, "ExpiredTokenException", "The security token is expired", AccountError),
    (403, "InvalidSignatureException", "The signature does not match.", AccountError),
    (403, "SomethingNewException", "no", AccountError),
    (404, "ResourceNotFoundException", "Model use case details have not been submitted.", AccountError),
    (400, "ValidationException", "Operation not allowed", AccountError),
    (400, "ValidationException", "The provided model identifier is invalid.", DeploymentError),
    (400, "ValidationException", "Model ID x with on-demand throughput isn't supported.", DeploymentError),
    (400, "ValidationException", "extraneous key [output_config] is not permitted", DeploymentError),
    (400, "ValidationException", "anthropic_version: Input should be another", DeploymentError),
    (400, "ValidationException", "output_config.effort: Input should be 'low'", DeploymentError),
    (400, "ValidationException", "system.0.cache_control: Extra inputs are not permitted", DeploymentError),
    (400, "ValidationException", "messages.0.content: this is not supported", AmbiguousError),
    (400, "ValidationException", "Input is too long for requested model.", PromptTooLongError),
    (400, "ValidationException", "The model returned: prompt is too long: 9 > 8", PromptTooLongError),
    (400, "ValidationException", "Output blocked by content filtering policy", RefusedError),
    (400, "ValidationException", "something else", AmbiguousError),
    (408, "ModelTimeoutException", "Processing took too long.", AmbiguousError),
    (424, "ModelErrorException", "The model failed.", AmbiguousError),
    (500, "InternalServerException", "inside", AmbiguousError),
    (503, "ServiceUnavailableException", "at the moment", AmbiguousError),
]


@pytest.mark.parametrize("way", SIGNED, ids=IDS)
@pytest.mark.parametrize(("status", "name", "message", "kind"), AWS_ERRORS)
def test_an_error_of_aws_has_a_meaning(
    way: Way, status: int, name: str, message: str, kind: type[ClaudeError]
) -> None:
    named = f"{name}:http://internal.example/coral/"

    error = error_of(way, status, {"message": message}, x_amzn_errortype=named, x_amzn_requestid="aws-7")

    assert type(error) is kind
    assert error.request_id == "aws-7"
    assert message in str(error)
    assert name in str(error)


@pytest.mark.parametrize("status", [408, 424, 500, 503])
def test_what_passes_by_itself_is_tried_once_more_at_once(status: int) -> None:
    error = error_of(SIGNED[0], status, {"message": "a moment"}, x_amzn_errortype="SomethingException")

    assert isinstance(error, AmbiguousError)
    assert error.quick_retry


@pytest.mark.parametrize("way", SIGNED, ids=IDS)
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"Message": "no"}, {"x_amzn_errortype": "AccessDeniedException"}),
        ({"message": "no", "__type": "com.amazon.coral.service#AccessDeniedException"}, {}),
        ({"type": "error", "error": {"type": "permission_error", "message": "no"}}, {}),
    ],
    ids=["in capitals", "named in the body", "of the Claude API"],
)
def test_an_error_may_be_worded_in_several_ways(way: Way, body: object, headers: dict[str, str]) -> None:
    assert isinstance(error_of(way, 403, body, **headers), AccountError)


@pytest.mark.parametrize("way", SIGNED, ids=IDS)
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"message": "no"}, {}),
        ({"message": 5}, {"x_amzn_errortype": "AccessDeniedException"}),
        ("no", {"x_amzn_errortype": "AccessDeniedException"}),
        ({"message": "no", "__type": 5}, {}),
    ],
)
def test_a_refusal_by_somebody_else_blames_nobody(way: Way, body: object, headers: dict[str, str]) -> None:
    assert isinstance(error_of(way, 403, body, **headers), AmbiguousError)


def test_the_claude_api_has_no_errors_of_aws() -> None:
    body = {"message": "not authorized"}

    assert isinstance(
        error_of(WITH_A_KEY, 403, body, x_amzn_errortype="AccessDeniedException"), AmbiguousError
    )


@pytest.mark.parametrize("way", [WITH_A_KEY, *SIGNED], ids=["anthropic", *IDS])
@pytest.mark.parametrize(
    "message",
    [
        "output_config.effort: this model does not support it",
        "output_config.format.schema: too complex a grammar",
        "model: x may not be used with this version",
        "max_tokens: 9000 > 8000",
    ],
)
def test_an_unsupported_setting_is_a_fault_of_the_deployment(way: Way, message: str) -> None:
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}

    assert isinstance(error_of(way, 400, body), DeploymentError)


class TestCredentials:
    @pytest.fixture(autouse=True)
    def environment(self) -> Iterator[None]:
        """With nothing of AWS's, and no machine that could be asked for credentials."""
        nowhere = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        with mock.patch.dict("os.environ", {**nowhere, "AWS_EC2_METADATA_DISABLED": "true"}, clear=True):
            yield

    def test_they_are_those_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
            monkeypatch.setenv(f"AWS_{name}", name.lower())

        found = AwsCredentials().read()

        assert found[:3] == ("access_key_id", "secret_access_key", "session_token")

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "there are no AWS credentials"),
            ({"AWS_ACCESS_KEY_ID": "alone"}, "cannot be read: Partial credentials"),
            ({"AWS_PROFILE": "unknown"}, "cannot be read: The config profile .unknown. could not be found"),
        ],
        ids=["none", "half", "an unknown profile"],
    )
    def test_without_them_the_account_is_to_be_looked_at(self, given: dict[str, str], said: str) -> None:
        with mock.patch.dict("os.environ", given), pytest.raises(AccountError, match=said):
            AwsCredentials().read()

    def test_a_service_of_credentials_that_refuses_them_is_a_matter_of_the_account(self) -> None:
        refused = CredentialRetrievalError(provider="container-role", error_msg="no such role")

        with (
            mock.patch.object(boto3.Session, "get_credentials", side_effect=refused),
            pytest.raises(AccountError, match="no such role"),
        ):
            AwsCredentials().read()
