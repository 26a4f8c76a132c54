"""The adapter to Claude as the tests build it, with a key in Secrets Manager."""

from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from diagnose.claude.client import Claude, Prices
from diagnose.claude.errors import ClaudeError
from diagnose.claude.key import ApiKey
from diagnose.claude.reading import read_diagnosis
from diagnose.claude.ways.anthropic_api import AnthropicApi
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.sections import Context, Section
from local.aws.stack import Stack
from runtime.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


PROMPT = build_prompt(
    Context(
        (
            Section("ticket", "Ticket", "E", ("message: slow", "component: tikv-4")),
            Section("metric_snapshot", "Metrics", "M", ("disk.await_ms = 41.2",)),
        ),
        (),
    ),
    (),
    30_000,
)
CANARY = "sk-canary-7f3a"


def keep(stack: Stack, value: str) -> None:
    stack.secrets.put_secret_value(SecretId=stack.ref("AnthropicApiKey"), SecretString=value)


BUILT: list[Claude] = []
"""Those of the test that runs."""


def claude_at(url: str, stack: Stack, secrets: "SecretsManagerClient", clock: Clock | None = None) -> Claude:
    api_key = ApiKey(SecretsProvider(boto3_client=secrets), stack.ref("AnthropicApiKey"))
    way = AnthropicApi(api_key, url)
    BUILT.append(Claude(way, "claude-sonnet-5-5", "medium", Prices(3.0, 15.0), clock))
    return BUILT[-1]


def error_of(claude: Claude, timeout: float = 10.0) -> ClaudeError:
    with pytest.raises(ClaudeError) as caught:
        read_diagnosis(claude.ask(PROMPT, 8000, timeout))
    return caught.value
