"""The local stack listens on loopback, and elsewhere only when it is told to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.addresses import ALL, LOOPBACK, CannotListenError, listen

OTHER_LOOPBACK = "127.0.0.2"
NOT_OURS = "203.0.113.7"  # for documentation alone: RFC 5737


@contextmanager
def listening(port: int = 0, bind: str = LOOPBACK) -> Iterator[list[tuple[str, int]]]:
    sockets = listen(port, bind)
    try:
        yield [opened.getsockname() for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()


def test_nothing_but_loopback_is_listened_to_unless_one_says_so() -> None:
    with listening() as names:
        assert [address for address, _ in names] == [LOOPBACK]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_another_address_is_listened_to_beside_loopback_on_the_same_port() -> None:
    with listening(bind=OTHER_LOOPBACK) as names:
        [(first, port), second] = names
        assert (first, second) == (LOOPBACK, (OTHER_LOOPBACK, port))


def test_all_addresses_need_one_socket() -> None:
    with listening(bind=ALL) as names:
        assert [address for address, _ in names] == [ALL]


def test_a_taken_port_and_an_address_of_another_machine_are_named() -> None:
    with (
        listening() as [(_, port)],
        pytest.raises(CannotListenError, match=f"cannot listen on 127.0.0.1, port {port}: .*in use"),
    ):
        listen(port)
    with pytest.raises(CannotListenError, match=f"cannot listen on {NOT_OURS}, port "):
        listen(0, NOT_OURS)
