"""Where the local stack listens, and where it is found."""

import socket

LOOPBACK = "127.0.0.1"
ALL = "0.0.0.0"  # noqa: S104 - only when a user asks for it
AWS_PORT, CLAUDE_PORT = 4566, 4567
"""The ports of `make local`, which events/env.json names too."""

_BACKLOG = 128


class CannotListenError(Exception):
    """Raised when a port is taken or an address is not this machine's; the text names both."""


def url(port: int) -> str:
    """What this machine's own programs find at `port`, whoever else may reach it."""
    return f"http://{LOOPBACK}:{port}"


def listen(port: int, bind: str = LOOPBACK) -> list[socket.socket]:
    """Listening sockets on one port, 0 being any free one: loopback's and, if that is another, `bind`'s.

    Raises CannotListenError.
    """
    sockets: list[socket.socket] = []
    for address in [ALL] if bind == ALL else dict.fromkeys([LOOPBACK, bind]):
        opened = socket.socket()
        sockets.append(opened)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((address, port))
            opened.listen(_BACKLOG)
        except OSError as error:
            for one in sockets:
                one.close()
            raise CannotListenError(f"cannot listen on {address}, port {port}: {error.strerror}") from error
        port = opened.getsockname()[1]
    return sockets
