"""A call to Claude ends when its time is over, whatever the server sends and however slowly."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from diagnose.claude.client import Claude
from diagnose.claude.errors import AmbiguousError
from diagnose.evidence.prompt import Prompt
from tests.support.keyed_claude import claude_at

PROMPT = Prompt("Diagnose.", "message: slow", {}, ())
LONG_PROMPT = Prompt("Diagnose.", "message: slow " * 100_000, {}, ())
TIMEOUT = 0.5
PATIENCE = 2.0
"""A busy machine may take this much longer."""
DRIP_SECONDS = 0.02
"""The server sends or takes the next bytes after this: never late, by a time-out for each read."""

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
Talk = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection; every step of it ends with OSError once the client has hung up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def take(self, size: int) -> bytes:
        data = self._connection.recv(size)
        if not data:
            raise ConnectionResetError
        return data

    def take_request(self) -> None:
        while not self.take(65536).endswith(b"}"):
            pass

    def drip(self, data: bytes) -> None:
        """Sends it byte by byte, for ever."""
        while True:
            for byte in data:
                time.sleep(DRIP_SECONDS)
                self.send(bytes([byte]))

    def stay_silent(self) -> None:
        while True:
            self.take(65536)


def silent(peer: Peer) -> None:
    peer.stay_silent()


def dripped_status(peer: Peer) -> None:
    peer.drip(b"HTTP/1.1 200 " + b"O" * 60_000)


def dripped_headers(peer: Peer) -> None:
    peer.send(OK)
    peer.drip(b"x-header: value\r\n")


def dripped_continue(peer: Peer) -> None:
    peer.drip(b"HTTP/1.1 100 Continue\r\n\r\n")


def dripped_body(peer: Peer) -> None:
    peer.send(OK + b"content-length: 1000000\r\n\r\n")
    peer.drip(b'{"type": "message", ')


def dripped_chunks(peer: Peer) -> None:
    peer.send(OK + b"transfer-encoding: chunked\r\n\r\n")
    peer.drip(b"1\r\n{\r\n")


def white_space(peer: Peer) -> None:
    peer.send(OK + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        time.sleep(DRIP_SECONDS)
        peer.send(b"1\r\n \r\n")


def body_without_end(peer: Peer) -> None:
    peer.send(OK + b"\r\n")
    while True:
        time.sleep(DRIP_SECONDS)
        peer.send(b" " * 100)


def dripped_error(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 500 Oops\r\ncontent-length: 1000000\r\n\r\n")
    peer.drip(b"oops ")


def redirected_to_itself(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 307 Elsewhere\r\nlocation: /v1/messages\r\ncontent-length: 1000000\r\n\r\n")
    peer.drip(b"oops ")


SLOW: dict[str, Talk] = {
    talk.__name__.replace("_", " "): talk
    for talk in (
        silent,
        dripped_status,
        dripped_headers,
        dripped_continue,
        dripped_body,
        dripped_chunks,
        white_space,
        body_without_end,
        dripped_error,
        redirected_to_itself,
    )
}


class Server:
    """Talks in one way to everybody who connects."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._talk = talk
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listening.getsockname()[1]}"
        self.met = 0
        self.left = threading.Semaphore(0)
        """Released when a client has hung up."""

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listening.accept()
                self.met += 1
                with connection, suppress(OSError), self._ready(connection) as ready:
                    self._talk(Peer(ready))
                self.left.release()

    def _ready(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def server(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    running = Server(talk, tls)
    thread = threading.Thread(target=running.serve, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.close()
        thread.join(10)
    assert not thread.is_alive()


def timed_error(claude: Claude, prompt: Prompt = PROMPT, timeout: float = TIMEOUT) -> AmbiguousError:
    """The error of a call; fails when the call took longer than it may."""
    started = time.monotonic()
    with pytest.raises(AmbiguousError) as caught:
        claude.ask(prompt, 8000, timeout)
    assert time.monotonic() - started < timeout + PATIENCE
    return caught.value


@pytest.mark.parametrize("talk", SLOW.values(), ids=list(SLOW))
def test_a_call_ends_when_its_time_is_over_and_leaves_nothing_open(talk: Talk) -> None:
    with server(talk) as slow, claude_at(slow.url) as claude:
        threads = threading.active_count()

        error = timed_error(claude)

        assert (str(error), error.timed_out, error.quick_retry) == (
            "no answer before the time-out",
            True,
            False,
        )
        assert slow.left.acquire(timeout=10)  # hung up, though the client itself is still in use
        assert threading.active_count() == threads


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, which the client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize("talk", [silent, dripped_headers, dripped_body], ids=lambda talk: talk.__name__)
def test_an_encrypted_call_ends_in_time_too(tls: ssl.SSLContext, talk: Talk) -> None:
    with server(talk, tls) as slow, claude_at(slow.url) as claude:
        assert timed_error(claude).timed_out
        assert slow.left.acquire(timeout=10)


def test_a_handshake_that_never_ends_leaves_no_connection_open() -> None:
    with server(silent) as slow, claude_at(slow.url.replace("http:", "https:")) as claude:
        error = timed_error(claude)

        assert error.quick_retry  # no request was sent
        assert slow.left.acquire(timeout=10)


def takes_slowly(peer: Peer) -> None:
    for _ in range(round((TIMEOUT + PATIENCE) / DRIP_SECONDS)):
        time.sleep(DRIP_SECONDS)
        peer.take(1024)
    peer.stay_silent()


def test_a_server_that_takes_the_request_slowly_has_no_longer() -> None:
    with server(takes_slowly) as slow, claude_at(slow.url) as claude:
        assert timed_error(claude, LONG_PROMPT).timed_out


def endless(peer: Peer) -> None:
    peer.send(OK + b"\r\n")
    while True:
        peer.send(b" " * 65536)


def test_more_bytes_than_any_answer_has_end_the_call_before_they_fill_the_memory() -> None:
    with server(endless) as talkative, claude_at(talkative.url) as claude:
        error = timed_error(claude, timeout=30.0)

        assert not error.timed_out
        assert talkative.left.acquire(timeout=10)


def test_the_time_of_a_call_begins_with_it() -> None:
    with server(dripped_body) as slow, claude_at(slow.url) as claude:
        timed_error(claude)
        timed_error(claude)

        assert slow.met == 2


def test_a_connection_made_by_an_earlier_call_is_timed_by_this_one() -> None:
    """The first answer leaves the connection open; the second drips on it."""

    def answers_once(peer: Peer) -> None:
        peer.take_request()
        peer.send(OK + b"content-length: 2\r\n\r\n{}")
        peer.take_request()
        dripped_body(peer)

    with server(answers_once) as slow, claude_at(slow.url) as claude:
        assert not timed_error(claude).timed_out
        assert timed_error(claude).timed_out
        assert slow.met == 1


def test_a_connection_through_a_proxy_is_timed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(dripped_headers) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with claude_at("http://claude.example") as claude:
            assert timed_error(claude).timed_out
        assert proxy.met == 1


def test_nobody_listening_is_no_time_out() -> None:
    with server(silent) as gone:
        url = gone.url
    with claude_at(url) as claude:
        error = timed_error(claude)

    assert (error.timed_out, error.quick_retry) == (False, True)
