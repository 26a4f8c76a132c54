"""The stand-in behind AWS takes what botocore has signed with the known credentials, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.aws.names import REGION
from local.claude.http import Request
from tests.support.signed_claude import KNOWN, AwsError, check_signature

PATH = "/model/eu.anthropic.claude-sonnet-5-5/invoke"


def signed(service: str = "bedrock", region: str = REGION, **more: str) -> Request:
    """A request as it arrives."""
    body, headers = b'{"max_tokens": 1}', {"host": "127.0.0.1", "content-type": "application/json", **more}
    request = AWSRequest("POST", f"http://127.0.0.1{PATH}", headers=headers, data=body)
    SigV4Auth(Credentials(*KNOWN.values()), service, region).add_auth(request)
    arrived = {name.lower(): value for name, value in request.headers.items()}
    return Request("POST", PATH, arrived, body, len(body))


def test_what_is_rightly_signed_is_taken() -> None:
    check_signature(signed(), "bedrock")


GOOD = signed()


@pytest.mark.parametrize(
    "request_",
    [
        replace(GOOD, body=b'{"max_tokens": 2}'),
        replace(GOOD, path=PATH.replace("eu.", "us.")),
        replace(GOOD, method="PUT"),
        replace(GOOD, headers={**GOOD.headers, "content-type": "text/plain"}),
        replace(GOOD, headers={**GOOD.headers, "x-amz-security-token": "another"}),
        replace(GOOD, headers={**GOOD.headers, "authorization": "Bearer key"}),
        signed(service="bedrock-mantle"),
        signed(region="eu-west-1"),
    ],
    ids=["body", "path", "method", "signed header", "token", "no signature", "service", "region"],
)
def test_what_was_changed_or_signed_for_something_else_is_refused(request_: Request) -> None:
    with pytest.raises(AwsError):
        check_signature(request_, "bedrock")


def test_an_old_signature_is_refused() -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    with mock.patch("botocore.auth.get_current_datetime", return_value=long_ago):
        old = signed()

    with pytest.raises(AwsError, match="expired"):
        check_signature(old, "bedrock")
