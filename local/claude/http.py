"""The HTTP side of the stand-in: a threaded server with keep-alive, able to hang up early."""

import json
import socket
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One HTTP request, header names in lower case; a body over the limit is left out but its size known."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    size: int


@dataclass(frozen=True)
class Reply:
    """One HTTP reply; `cut` ends the connection in the middle of the body."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


def json_reply(status: int, content: object, headers: dict[str, str] | None = None) -> Reply:
    return Reply(
        status, json.dumps(content).encode("ascii"), {"content-type": "application/json", **(headers or {})}
    )


class Application(Protocol):
    """What the server serves."""

    @property
    def body_limit(self) -> int:
        """The most bytes of a body that are worth keeping."""

    def reply_to(self, request: Request) -> Reply | None:
        """The reply; None ends the connection without one."""


class Server(ThreadingHTTPServer):
    """Serves an application on a listening socket, and can hang up on everybody at once."""

    daemon_threads = True

    def __init__(self, application: Application, listening: socket.socket) -> None:
        self.application = application
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(listening.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()  # made by the base class, of no use
        self.socket = listening

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End all connections: a client's idle keep-alive connection would otherwise outlive the server."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests and writes replies; what they say is the application's business."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    sys_version = ""
    wbufsize = -1  # headers and body leave together, when the request is done
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Print nothing: who wants to know asks for the calls."""

    def _serve(self) -> None:
        request = self._read()
        reply = None if request is None else self.server.application.reply_to(request)
        if reply is None:
            self.close_connection = True
        else:
            self._write(reply)

    def _read(self) -> Request | None:
        """The request; None if it did not arrive whole or does not say how long it is."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal():
            self._write(Reply(411, b"", {"connection": "close"}))
            return None
        size = int(length)
        if size <= self.server.application.body_limit:
            body = self.rfile.read(size)
            return Request(self.command, self.path, headers, body, size) if len(body) == size else None
        # A client hears of the refusal only if it may first send all that it has to say.
        left = size
        while left > 0 and (chunk := self.rfile.read(min(left, _CHUNK))):
            left -= len(chunk)
        return Request(self.command, self.path, headers, b"", size)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut
