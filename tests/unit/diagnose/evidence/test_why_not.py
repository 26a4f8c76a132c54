"""Why a place could not be looked at, in few words that repeat nothing of what must not be repeated."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from diagnose.evidence.why_not import why_not


def answered(code: str, message: str = "canary", status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "FilterLogEvents")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (
            answered(
                "AccessDeniedException",
                "User: canary is not authorized to perform: logs:FilterLogEvents on resource: canary",
            ),
            "not allowed: logs:FilterLogEvents",
        ),
        (answered("AccessDenied"), "not allowed: FilterLogEvents"),
        (answered("UnauthorizedOperation"), "not allowed: FilterLogEvents"),
        (answered("ThrottlingException"), "throttled"),
        (answered("LimitExceededException"), "throttled"),
        (answered("ProvisionedThroughputExceededException"), "throttled"),
        (answered("odd", status=429), "throttled"),
        (answered("ResourceNotFoundException"), "no such thing, says FilterLogEvents"),
        (answered("UnrecognizedClientException"), "credentials not accepted: FilterLogEvents"),
        (answered("InternalFailure", status=500), "faulty: InternalFailure from FilterLogEvents"),
        (ReadTimeoutError(endpoint_url="http://canary"), "no answer"),
        (ConnectTimeoutError(endpoint_url="http://canary"), "no answer"),
        (EndpointConnectionError(endpoint_url="http://canary"), "no answer"),
        (ConnectionResetError("canary"), "faulty: ConnectionResetError"),
        (KeyError("canary"), "faulty: KeyError"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_kind_of_error_is_told_in_our_words(error: Exception, why: str) -> None:
    assert why_not(error) == why
