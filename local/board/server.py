"""The page at a loopback address: its files, and the calls of the widget's function."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from local.addresses import LOOPBACK, CannotListenError
from local.board.frame import MOST_BYTES, Frame

PORT = 4568
PAGE = Path(__file__).parent / "page"
FILES = {"/": "index.html", "/frame.css": "frame.css", "/frame.js": "frame.js"}
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json"}
# What the sanitiser should miss has nothing to act with, and says so on the console.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class BoardServer:
    """Serves while a `with` lasts. `notes` are what the page says of what is not real."""

    def __init__(self, frame: Frame, notes: list[str], port: int = 0) -> None:
        """Port 0 is any free one. Raises CannotListenError."""
        try:
            self._server = _Server(frame, notes, port)
        except OSError as error:
            raise CannotListenError(f"cannot listen on {LOOPBACK}, port {port}: {error.strerror}") from error
        self.url = f"http://{LOOPBACK}:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name=self.url)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, frame: Frame, notes: list[str], port: int) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.frame = frame
        self.widget = {
            "endpoint": frame.endpoint,
            "title": frame.title,
            "params": frame.params,
            "updateOn": frame.update_on,
            "notes": notes,
        }


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "board", ""
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._is_for_us():
            self._refuse(403, "this page is for a browser at the loopback address")
        elif path == "/widget.json":
            self._answer(200, ".json", json.dumps(self.server.widget).encode())
        elif path in FILES:
            file = PAGE / FILES[path]
            self._answer(200, file.suffix, file.read_bytes())
        else:
            self._refuse(404, f"there is no {path}")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        # JSON, so that no page of another site can send it unasked.
        if not self._is_for_us() or self.headers.get("content-type") != "application/json":
            self._refuse(403, "calls come from this page alone")
        elif length > MOST_BYTES:
            self._refuse(413, "Lambda takes no event that large")
        elif (call := _call(self.rfile.read(length))) is None:
            self._refuse(400, "a call is endpoint and event")
        else:
            self._answer(200, ".json", json.dumps(asdict(self.server.frame.call(*call))).encode())

    def _is_for_us(self) -> bool:
        """Not under another name: a site that points its name here must not speak to the stack."""
        host = str(self.headers.get("host", "")).partition(":")[0]
        return host in {LOOPBACK, "localhost"}

    def _refuse(self, status: int, why: str) -> None:
        self.close_connection = True
        self._answer(status, ".json", json.dumps({"error": why}).encode())

    def _answer(self, status: int, suffix: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", f"{TYPES[suffix]}; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", POLICY)
        self.send_header("cache-control", "no-store")
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: the function has a log of its own."""


def _call(body: bytes) -> tuple[str, Mapping[str, Any]] | None:
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    if not isinstance(asked, dict) or not isinstance(asked.get("event"), dict):
        return None
    return str(asked.get("endpoint")), asked["event"]
