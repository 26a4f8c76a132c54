"""Whatever keeps AWS from being asked is one line that names it and says what to do."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoRegionError,
    ReadTimeoutError,
    SSOTokenLoadError,
)

from cli.errors import LOCAL_ADDRESS, Exit, plainly

DENIED = (
    "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: dynamodb:Query on resource:"
    " arn:aws:dynamodb:us-east-1:123456789012:table/differential-tickets/index/by-status"
)
OF_SERVICES = {
    ("ExpiredTokenException", "The security token is expired"): "have expired; sign in again",
    ("ExpiredToken", ""): "have expired",
    ("UnrecognizedClientException", ""): "does not know these credentials",
    ("InvalidClientTokenId", ""): "does not know these credentials",
    ("SignatureDoesNotMatch", "The signature does not match"): "secret key is not that of the access key",
    ("InvalidSignatureException", "Signature expired: 20260101T000000Z is now"): "check this machine's clock",
    ("AccessDeniedException", DENIED): "may not Query: User: arn:aws:iam::123456789012:user/ann is not",
    ("AccessDenied", DENIED): "dynamodb:Query on resource",
    ("AuthorizationError", DENIED): "may not Query",
    ("ResourceNotFoundException", "Requested resource not found"): "is the stack being deleted",
    ("ValidationException", "The table does not have the specified index: by-status"): "older than this",
    ("ThrottlingException", "Rate exceeded"): "Query was refused (ThrottlingException): Rate exceeded",
}
BEFORE: list[tuple[Exception, str]] = [
    (SSOTokenLoadError(error_msg="no token"), "sign-in of this profile has expired"),
    (NoRegionError(), "--region"),
    (CredentialRetrievalError(provider="custom-process", error_msg="exit 1"), "custom-process"),
    (EndpointConnectionError(endpoint_url="https://dynamodb.aws"), "could not be reached"),
    (EndpointConnectionError(endpoint_url=f"http://{LOCAL_ADDRESS}/"), "`make local` starts it"),
    (ReadTimeoutError(endpoint_url="https://dynamodb.aws"), "could not be reached"),
    (ValueError("Invalid endpoint: nonsense"), "AWS_ENDPOINT_URL"),
    (BotoCoreError(), "check the profile"),
]


@pytest.mark.parametrize(("said", "told"), OF_SERVICES.items(), ids=lambda value: str(value)[:30])
def test_what_a_service_says_is_told(said: tuple[str, str], told: str) -> None:
    code, message = said
    error = plainly(ClientError({"Error": {"Code": code, "Message": message}}, "Query"))
    assert error
    assert told in str(error)
    assert error.code is Exit.UNREACHABLE


def test_what_keeps_aws_from_being_asked_is_told() -> None:
    for raised, told in BEFORE:
        assert told in str(plainly(raised))


def test_a_fault_of_our_own_is_not_explained_away() -> None:
    assert plainly(KeyError("x")) is None
