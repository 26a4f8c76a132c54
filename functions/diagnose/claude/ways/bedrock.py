"""Claude as Amazon Bedrock runs it, by the rights of the function's role.

InvokeModel on the runtime endpoint: the model is named in the address, the API's version in the body.
"""

from collections.abc import Callable

import anthropic
import httpx2

from diagnose.claude.translation import ApiError
from diagnose.claude.ways.aws_credentials import AwsCredentials
from diagnose.claude.ways.aws_errors import error_of_aws
from diagnose.claude.ways.way import Connection


class Bedrock:
    """A way to Claude: see Way."""

    def __init__(self, base_url: str, region: str) -> None:
        self._base_url = base_url or f"https://bedrock-runtime.{region}.amazonaws.com"
        self._region = region
        self._credentials = AwsCredentials()

    def connect(self, http_client: Callable[[], httpx2.Client], *, fresh: bool = False) -> Connection:
        credentials = self._credentials.read(fresh=fresh)
        client = anthropic.AnthropicBedrock(
            aws_access_key=credentials.access_key,
            aws_secret_key=credentials.secret_key,
            aws_session_token=credentials.token,
            aws_region=self._region,
            base_url=self._base_url,
            max_retries=0,
            http_client=http_client(),
        )
        return Connection(client, credentials)

    def error_in(self, response: httpx2.Response, body: object, /) -> ApiError | None:
        return ApiError.in_body(body) or error_of_aws(response.headers, body)
