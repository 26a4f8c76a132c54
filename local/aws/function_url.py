"""A function's URL, on loopback: HTTP in and out as Lambda hands it to the function (payload format 2.0)."""

import base64
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.addresses import LOOPBACK
from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.intrinsics import TemplateError
from local.aws.names import Names

MOST_BYTES = 6 * 1024 * 1024
"""Of a request. Source: Lambda quotas, invocation payload."""


class FunctionUrl:
    """Answers at `url` with what the function answers."""

    def __init__(self, function: LocalFunction, config: Mapping[str, Any], names: Names) -> None:
        """Raises TemplateError for a URL that asks for a signature: nobody here would look at it."""
        if dict(config) != {"AuthType": "NONE"}:
            raise TemplateError(f"{function.logical_id}: the local stack has URLs of AuthType NONE alone")
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _handler_of(function))
        self._server.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self._server.server_port}/"
        names.learn(f"{function.logical_id}Url", "FunctionUrl", self.url)
        self._serving = False

    def threads(self) -> list[threading.Thread]:
        self._serving = True
        return [threading.Thread(target=self._server.serve_forever, args=(0.05,), name=self.url)]

    def stop(self) -> None:
        if self._serving:
            self._server.shutdown()
        self._server.server_close()


def _handler_of(function: LocalFunction) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MOST_BYTES:
                self.close_connection = True
                self._send(413, {}, b'{"Message":"Request must be smaller than 6291456 bytes"}')
                return
            try:
                answered = function.invoke(_event(self, self.rfile.read(length)))
            except ThrottledError:
                self._send(429, {}, b'{"Reason":"ConcurrentInvocationLimitExceeded"}')
            except FunctionError:
                self._send(502, {}, b"Internal Server Error")
            else:
                body = str(answered.get("body", ""))
                raw = base64.b64decode(body) if answered.get("isBase64Encoded") else body.encode()
                self._send(int(answered.get("statusCode", 200)), answered.get("headers", {}), raw)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer  # noqa: N815 - the names of its base

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: the function has a log of its own."""

    return Handler


def _event(request: BaseHTTPRequestHandler, body: bytes) -> dict[str, Any]:
    """The shape is in https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html."""
    address = urlsplit(request.path)
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": address.path,
        "rawQueryString": address.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": "local.lambda-url",
            "domainPrefix": "local",
            "http": {
                "method": request.command,
                "path": address.path,
                "protocol": request.request_version,
                "sourceIp": request.client_address[0],
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if address.query:
        event["queryStringParameters"] = dict(parse_qsl(address.query, keep_blank_values=True))
    if body:
        try:
            event["body"] = body.decode()
        except UnicodeDecodeError:
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return event
