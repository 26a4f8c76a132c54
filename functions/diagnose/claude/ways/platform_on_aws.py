"""Claude Platform on AWS: the Claude API as Anthropic runs it, behind a signature that AWS asks for."""

from collections.abc import Callable

import anthropic
import httpx2

from diagnose.claude.translation import ApiError
from diagnose.claude.ways.aws_credentials import AwsCredentials
from diagnose.claude.ways.aws_errors import error_of_aws
from diagnose.claude.ways.way import Connection


class PlatformOnAws:
    """A way to Claude: see Way. A workspace belongs to one region, the one that is asked."""

    def __init__(self, base_url: str, region: str, workspace_id: str) -> None:
        self._base_url = base_url or f"https://aws-external-anthropic.{region}.api.aws"
        self._region = region
        self._credentials = AwsCredentials()
        self._workspace_id = workspace_id

    def connect(self, http_client: Callable[[], httpx2.Client], *, fresh: bool = False) -> Connection:
        credentials = self._credentials.read(fresh=fresh)
        client = anthropic.AnthropicAWS(
            aws_access_key=credentials.access_key,
            aws_secret_key=credentials.secret_key,
            aws_session_token=credentials.token,
            aws_region=self._region,
            workspace_id=self._workspace_id,
            base_url=self._base_url,
            max_retries=0,
            http_client=http_client(),
        )
        return Connection(client, credentials)

    def error_in(self, response: httpx2.Response, body: object, /) -> ApiError | None:
        """The signature is looked at by AWS, the request by Anthropic: each refuses in its own form."""
        return ApiError.in_body(body) or error_of_aws(response.headers, body)
