"""Claude by the way that the settings name. Imports the SDK, so it is imported at the first call."""

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from diagnose.claude.client import Claude, Prices
from diagnose.claude.key import ApiKey
from diagnose.claude.ways.anthropic_api import AnthropicApi
from diagnose.claude.ways.bedrock import Bedrock
from diagnose.claude.ways.platform_on_aws import PlatformOnAws
from diagnose.claude.ways.way import Way
from diagnose.settings import DiagnoseSettings
from runtime.aws import CALLS
from runtime.clock import Clock


def claude(settings: DiagnoseSettings, clock: Clock) -> Claude:
    prices = Prices(settings.price_input_usd_per_mtok, settings.price_output_usd_per_mtok)
    return Claude(_way(settings), settings.model, settings.effort, prices, clock)


def _way(settings: DiagnoseSettings) -> Way:
    base_url, region = settings.anthropic_base_url, settings.aws_region
    match settings.claude_provider:
        case "anthropic":
            client = boto3.client("secretsmanager", config=CALLS)
            secrets = SecretsProvider(boto3_client=client)  # else it makes its own session
            return AnthropicApi(ApiKey(secrets, settings.anthropic_secret_id), base_url)
        case "bedrock":
            return Bedrock(base_url, region)
        case "aws":
            return PlatformOnAws(base_url, region, settings.workspace_id)
