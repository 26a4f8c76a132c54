"""What can go wrong, as one line that says what to do, and the exit codes that scripts go by."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit codes; docs/cli.md explains them."""

    OK = 0
    NOT_SO = 1
    """It could be asked, and the answer is no: an unknown ticket, a refused write, a failed diagnosis."""
    USAGE = 2
    UNREACHABLE = 3
    """Nothing could be asked: no stack, no credentials, no rights, no network."""
    INTERRUPTED = 130


LOCAL_ADDRESS = "127.0.0.1:4566"
SIGN_IN = "sign in again: aws sso login"
INTERRUPTED = "interrupted; nothing is half done"
"""Said on Ctrl-C: every write is one conditional update."""


class CliError(Exception):
    """Raised where a command ends early; the text says what is wrong and what to do."""

    def __init__(self, text: str, code: Exit = Exit.NOT_SO) -> None:
        super().__init__(text)
        self.code = code


def plainly(error: Exception) -> CliError | None:
    """What boto3 raises, as a CliError; None when it is something else."""
    from botocore import exceptions  # noqa: PLC0415 - a command that meets no error does without

    signed_out = (exceptions.SSOError, exceptions.LoginError, exceptions.TokenRetrievalError)
    match error:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            text = f"no AWS credentials were found; name a profile with --profile, or {SIGN_IN}"
        case _ if isinstance(error, signed_out):
            text = f"the sign-in of this profile has expired; {SIGN_IN}"
        case exceptions.ProfileNotFound():
            text = f"{error}; `aws configure list-profiles` lists them"
        case exceptions.NoRegionError():
            text = "no region is set; name one with --region, or set AWS_REGION"
        case exceptions.ClientError():
            text = _of_service(error.response["Error"], error.operation_name)
        case exceptions.ConnectionError() if LOCAL_ADDRESS in str(error):
            text = "the local stack does not answer; `make local` starts it"
        case ValueError() if str(error).startswith("Invalid endpoint"):
            text = f"{error}; check AWS_ENDPOINT_URL"
        case exceptions.HTTPClientError() | exceptions.ConnectionError():
            text = f"AWS could not be reached: {error}; check the network and AWS_ENDPOINT_URL"
        case exceptions.BotoCoreError():
            text = f"AWS was not asked: {error}; check the profile"
        case _:
            return None
    return CliError(text, Exit.UNREACHABLE)


def _of_service(said: Mapping[str, Any], operation: str) -> str:
    code, message = str(said.get("Code", "")), str(said.get("Message", ""))
    match code.removesuffix("Exception"):
        case "ExpiredToken" | "RequestExpired":
            return f"the credentials have expired; {SIGN_IN}"
        case "UnrecognizedClient" | "InvalidClientTokenId":
            return "AWS does not know these credentials; check the profile and its region"
        case "SignatureDoesNotMatch" | "InvalidSignature" if "expired" in message or "yet" in message:
            return f"AWS refused the time of the request: {message}; check this machine's clock"
        case "SignatureDoesNotMatch" | "InvalidSignature":
            return "the secret key is not that of the access key; check the profile"
        case "AccessDenied" | "AuthorizationError":
            return f"these credentials may not {operation}: {message}"
        case "ResourceNotFound":
            return f"{operation}: {message}; is the stack being deleted?"
        case "Validation" if "index" in message:
            return f"{operation}: {message}; the stack is older than this command line: deploy it again"
    return f"{operation} was refused ({code}): {message}"
