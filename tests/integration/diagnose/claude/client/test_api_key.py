"""The API key: how it is read from its secret, and renewed."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from diagnose.claude.client import Claude
from diagnose.claude.errors import AccountError
from diagnose.claude.key import ApiKey
from local.aws.stack import Stack
from local.claude.requests import Rules
from local.claude.server import StandIn
from tests.integration.diagnose.claude.client.clients import CANARY, PROMPT, error_of, keep


class TestApiKey:
    @pytest.fixture
    def stand_in(self) -> Iterator[StandIn]:
        with StandIn(rules=Rules(accepted_keys=frozenset({CANARY}))) as strict:
            yield strict

    @pytest.mark.parametrize(
        "value",
        [
            CANARY,
            f"  {CANARY}\n",
            json.dumps({"api_key": CANARY}),
            f'\n{{"api_key": " {CANARY} ", "note": "x"}}',
        ],
        ids=["plain", "with space around it", "json", "json with more"],
    )
    def test_the_secret_is_the_key_or_json_with_it(self, claude: Claude, stack: Stack, value: str) -> None:
        keep(stack, value)

        assert claude.ask(PROMPT, 8000, 10.0).stop_reason == "end_turn"

    @pytest.mark.parametrize(
        "value",
        [
            " ",
            "{}",
            '{"api_key": null}',
            '{"api_key": ""}',
            '{"api_key": 5}',
            '{"key": "sk-canary-7f3a"}',
            '{"api_key": "sk-canary-7f3a"',
            "sk-canary 7f3a",
            "sk-canary\n7f3a",
            "sk-canary-ключ",
        ],
    )
    def test_anything_else_is_an_account_matter_that_names_the_secret_and_not_its_value(
        self, claude: Claude, stack: Stack, value: str
    ) -> None:
        keep(stack, value)

        error = error_of(claude)

        assert isinstance(error, AccountError)
        assert stack.ref("AnthropicApiKey") in str(error)
        assert "canary" not in str(error)

    def test_a_binary_secret_is_no_key(self, claude: Claude, stack: Stack) -> None:
        secret = stack.secrets.create_secret(Name="binary", SecretBinary=b"\x00key")["ARN"]

        with pytest.raises(AccountError, match="no usable api_key"):
            ApiKey(SecretsProvider(boto3_client=stack.secrets), secret).read()

    @pytest.mark.parametrize(
        "secret", ["there-is-none", "no-value"], ids=["no such secret", "a secret without a value"]
    )
    def test_a_missing_secret_is_an_account_matter(self, stack: Stack, secret: str) -> None:
        if secret == "no-value" and not has_secret(stack, secret):
            stack.secrets.create_secret(Name=secret)

        with pytest.raises(AccountError, match=f"secret {secret} cannot be read"):
            ApiKey(SecretsProvider(boto3_client=stack.secrets), secret).read()

    @pytest.mark.parametrize(
        ("code", "raised"),
        [
            ("ResourceNotFoundException", AccountError),
            ("AccessDeniedException", AccountError),
            ("InvalidRequestException", AccountError),
            ("DecryptionFailure", AccountError),
            ("ThrottlingException", GetParameterError),
            ("InternalServiceError", GetParameterError),
        ],
    )
    def test_trouble_of_secrets_manager_itself_is_not_an_account_matter(
        self, code: str, raised: type[Exception]
    ) -> None:
        client = boto3.client("secretsmanager", region_name="us-east-1")
        with Stubber(client) as stubbed:
            stubbed.add_client_error("get_secret_value", code)

            with pytest.raises(raised):
                ApiKey(SecretsProvider(boto3_client=client), "key").read()

    def test_a_secrets_manager_out_of_reach_is_not_an_account_matter_either(self) -> None:
        client = boto3.client("secretsmanager", region_name="us-east-1")

        def out_of_reach(**_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager.example")

        client.meta.events.register_first("before-send.secretsmanager.*", out_of_reach)

        with pytest.raises(GetParameterError):
            ApiKey(SecretsProvider(boto3_client=client), "key").read()

    def test_the_secret_is_read_once_for_many_calls(
        self, claude: Claude, stack: Stack, stand_in: StandIn
    ) -> None:
        claude.ask(PROMPT, 8000, 10.0)
        keep(stack, "another-key")

        claude.ask(PROMPT, 8000, 10.0)

        assert stand_in.answered == 2

    def test_a_refused_key_is_renewed_from_the_secret(
        self, claude: Claude, stack: Stack, stand_in: StandIn
    ) -> None:
        keep(stack, "revoked-key")
        assert isinstance(error_of(claude), AccountError)
        keep(stack, CANARY)
        assert isinstance(error_of(claude), AccountError)  # the old one is still in hand

        assert claude.renew_key()

        assert claude.ask(PROMPT, 8000, 10.0).stop_reason == "end_turn"

    def test_the_same_key_again_is_not_a_renewal(self, claude: Claude, stack: Stack) -> None:
        keep(stack, "revoked-key")
        error_of(claude)

        assert not claude.renew_key()

    def test_a_secret_that_became_unusable_is_said_so_at_renewal(self, claude: Claude, stack: Stack) -> None:
        keep(stack, "revoked-key")
        error_of(claude)
        keep(stack, "{}")

        with pytest.raises(AccountError, match="no usable api_key"):
            claude.renew_key()


def has_secret(stack: Stack, name: str) -> bool:
    return name in {secret["Name"] for secret in stack.secrets.list_secrets()["SecretList"]}
