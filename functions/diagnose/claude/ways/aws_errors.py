"""AWS's own errors in the terms of the Claude API, so that what each of them means is said in one place.

Source: the API references of Amazon Bedrock Runtime (InvokeModel, its errors) and of IAM (common errors). The
name of an error comes in a header, as `ThrottlingException:http://...`, its text in the body.
"""

import re
from collections.abc import Mapping

from diagnose.claude.translation import ApiError

TYPES = {
    "rate_limit_error": ("Throttling", "Throttled", "TooManyRequests", "RequestLimitExceeded"),
    "overloaded_error": ("ModelNotReady",),
    "authentication_error": (
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignature",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
    ),
    "permission_error": ("AccessDenied", "NotAuthorized", "OptInRequired", "SubscriptionRequired"),
    "not_found_error": ("ResourceNotFound",),
    "invalid_request_error": ("Validation",),
    "timeout_error": ("ModelTimeout",),
}
"""The API's type, and the names that AWS has for it, each with or without `Exception` at its end."""
TYPE_OF = {name: type_ for type_, names in TYPES.items() for name in names}
REFILLS = re.compile(r"\bper (second|minute|hour|day)\b|\b(wait|later|again)\b")
ACCOUNT_NOT_READY = re.compile(r"operation not allowed")


def error_of_aws(headers: Mapping[str, str], body: object) -> ApiError | None:
    """The error, if AWS has sent it."""
    match body:
        case {"message": str(message), **more} | {"Message": str(message), **more}:
            said = headers.get("x-amzn-errortype") or more.get("__type")
        case _:
            return None
    if not isinstance(said, str) or not said:
        return None
    name = said.partition(":")[0].rpartition("#")[2]
    return ApiError(_type(name.removesuffix("Exception"), message.lower()), f"{name}: {message}", "")


def _type(name: str, words: str) -> str:
    if name == "ServiceQuotaExceeded":  # one that refills, or one that only a person can have raised
        return "rate_limit_error" if REFILLS.search(words) else "billing_error"
    if name == "Validation" and ACCOUNT_NOT_READY.search(words):
        return "permission_error"
    return TYPE_OF.get(name, "api_error")
