"""Claude behind AWS: the stand-in, asked by signed requests, as Bedrock and Claude Platform on AWS have them.

A signature is worked out again from what arrived, by botocore, for credentials that are known here. What is
asked and answered is the stand-in's; the form is the service's. Sources: the API reference of InvokeModel and
the guide of Claude Platform on AWS.
"""

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.aws.names import REGION
from local.claude.http import Reply, Request, json_reply
from local.claude.requests import KNOWN_VERSIONS
from local.claude.server import StandIn

KNOWN = {
    "AWS_ACCESS_KEY_ID": "AKID" + "KNOWNHERE",
    "AWS_SECRET_ACCESS_KEY": "known-here",
    "AWS_SESSION_TOKEN": "token-known-here",
}
"""The environment of a function whose role may ask."""
WORKSPACE = "wrkspc_01Known"
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=(\w+)")
LATEST = timedelta(minutes=15)
MUST_BE_SIGNED = {"content-type", "host", "x-amz-date", "x-amz-security-token"}


@dataclass(eq=False)
class AwsError(Exception):
    """An error in AWS's own form."""

    status: int
    name: str
    message: str

    def reply(self) -> Reply:
        return json_reply(
            self.status,
            {"message": self.message},
            {"x-amzn-errortype": f"{self.name}:http://internal.example/coral/", "x-amzn-requestid": "aws-1"},
        )


def check_signature(request: Request, service: str) -> None:
    """Raises AwsError for a request that is not signed by the known credentials as it arrived."""
    parts = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if parts is None:
        raise AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    scope, names, signature = parts.groups()
    at = request.headers.get("x-amz-date", "")
    signed = AWSRequest(
        request.method,
        f"http://{request.headers['host']}{request.path}",
        headers={name: request.headers.get(name, "") for name in names.split(";")},
        data=request.body,
    )
    signed.context["timestamp"] = at
    key = Credentials(*(KNOWN[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")))
    auth = SigV4Auth(key, service, REGION)
    if scope != auth.scope(signed):
        raise AwsError(403, "UnrecognizedClientException", "The security token included is invalid.")
    if request.headers.get("x-amz-security-token") != KNOWN["AWS_SESSION_TOKEN"]:
        raise AwsError(403, "UnrecognizedClientException", "The security token included is invalid.")
    if not set(names.split(";")) >= MUST_BE_SIGNED:
        raise AwsError(403, "IncompleteSignatureException", f"not all of {MUST_BE_SIGNED} are signed")
    late = datetime.now(UTC) - datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(late) > LATEST:
        raise AwsError(403, "InvalidSignatureException", f"Signature not yet current or expired: {at}")
    if signature != auth.signature(auth.string_to_sign(signed, auth.canonical_request(signed)), signed):
        raise AwsError(403, "InvalidSignatureException", "The signature does not match.")


class SignedClaude(StandIn):
    """`troubles` are the errors of AWS's that the next requests are refused with, once they are signed."""

    service: ClassVar[str]
    parameters: ClassVar[Mapping[str, str]]
    """Those of the template that lead here."""

    def __init__(self) -> None:
        super().__init__()
        self.troubles: deque[AwsError] = deque()

    def reply_to(self, request: Request) -> Reply | None:
        try:
            check_signature(request, self.service)
            asked = self._as_the_api_has_it(request)
            if self.troubles:
                raise self.troubles.popleft()
        except AwsError as error:
            return error.reply()
        reply = super().reply_to(asked)
        return reply and self._as_the_service_has_it(reply)

    def _as_the_api_has_it(self, request: Request) -> Request:
        """The same asked of the Claude API. Raises AwsError."""
        raise NotImplementedError

    def _as_the_service_has_it(self, reply: Reply) -> Reply:
        return reply


class BedrockClaude(SignedClaude):
    """InvokeModel: the model's profile in the path, the version in the body, no limits in the headers."""

    service = "bedrock"
    parameters: ClassVar[Mapping[str, str]] = {"ClaudeProvider": "bedrock", "BedrockGeography": "eu"}

    def _as_the_api_has_it(self, request: Request) -> Request:
        path = re.fullmatch(r"/model/([^/?]+)/invoke", request.path)
        if request.method != "POST" or path is None:
            raise AwsError(404, "UnknownOperationException", "")
        body: dict[str, Any] = json.loads(request.body)
        for name in sorted(body.keys() & {"model", "stream"}):
            raise AwsError(
                400,
                "ValidationException",
                f"Malformed input request: extraneous key [{name}] is not permitted",
            )
        version = body.pop("anthropic_version", None)
        if version not in KNOWN_VERSIONS:
            raise AwsError(400, "ValidationException", "anthropic_version: field required")
        model = re.fullmatch(r"eu\.anthropic\.(.+)", path[1])
        if model is None:
            raise AwsError(400, "ValidationException", "The provided model identifier is invalid.")
        content = json.dumps({"model": model[1], **body}).encode()
        headers = {**_with_a_key(request.headers), "anthropic-version": version}
        return replace(request, path="/v1/messages", body=content, headers=headers)

    def _as_the_service_has_it(self, reply: Reply) -> Reply:
        if reply.status == 200:
            mine = {"content-type": "application/json", "x-amzn-requestid": reply.headers["request-id"]}
            return replace(reply, headers=mine)
        message = json.loads(reply.body)["error"]["message"]
        name = {400: "ValidationException", 404: "ResourceNotFoundException", 429: "ThrottlingException"}
        return AwsError(reply.status, name.get(reply.status, "InternalServerException"), message).reply()


class ClaudePlatformOnAws(SignedClaude):
    """The Claude API's own requests and answers, for one workspace."""

    service = "aws-external-anthropic"
    parameters: ClassVar[Mapping[str, str]] = {"ClaudeProvider": "aws", "WorkspaceId": WORKSPACE}

    def _as_the_api_has_it(self, request: Request) -> Request:
        if request.headers.get("anthropic-workspace-id") != WORKSPACE:
            raise AwsError(403, "AccessDeniedException", "not authorized for this workspace")
        if "x-api-key" in request.headers:
            raise AwsError(403, "AccessDeniedException", "a key and a signature")
        return replace(request, headers=_with_a_key(request.headers))


def _with_a_key(headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "authorization": "", "x-api-key": "for the stand-in alone"}
