"""Why a place could not be looked at: the one translation of what AWS and its SDK raise."""

import re

from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as NoConnectionError

DENIED = re.compile(r"AccessDenied|NotAuthorized|Unauthorized(Operation|Access)|AuthorizationError")
THROTTLED = re.compile(r"Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown|PriorRequestNot")
UNKNOWN_CALLER = re.compile(r"ExpiredToken|UnrecognizedClient|InvalidClientTokenId|Signature")
NO_SUCH = re.compile(r"NotFound|NoSuch|DoesNotExist|NonExistent|UnknownResource")
ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")


def why_not(error: BaseException) -> str:
    """In a few words of ours: what an error says may quote what must not be repeated."""
    if isinstance(error, ClientError):
        return _of_answer(error)
    if isinstance(error, HTTPClientError | NoConnectionError | TimeoutError):
        return "no answer"
    if isinstance(error, NoCredentialsError):
        return "no credentials"
    return f"faulty: {type(error).__name__}"


def _of_answer(error: ClientError) -> str:
    said = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if DENIED.search(code):
        named = ACTION.search(str(said.get("Message", "")))
        return f"not allowed: {named[1] if named else error.operation_name}"
    if THROTTLED.search(code) or status == 429:
        return "throttled"
    if UNKNOWN_CALLER.search(code):
        return f"credentials not accepted: {error.operation_name}"
    if NO_SUCH.search(code):
        return f"no such thing, says {error.operation_name}"
    return f"faulty: {code[:60] or type(error).__name__} from {error.operation_name}"
