"""A request as the function's URL hands it over."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 256 * 1024
"""The largest body that is read; the senders' own are smaller."""


@dataclass(frozen=True)
class Request:
    """`headers` by their names in lower case; `body` is what was signed, byte for byte."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def read_request(event: Mapping[str, Any]) -> Request:
    """The request in an event of payload format 2.0. Source: Lambda, function URLs."""
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    body = str(event.get("body") or "").encode("utf-8", "surrogatepass")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            body = b""  # no body of Lambda's; it will match no signature and be no JSON
    method = event.get("requestContext", {}).get("http", {}).get("method", "")
    return Request(str(method).upper(), str(event.get("rawPath") or "/").rstrip("/") or "/", headers, body)
