"""The emulator and the stand-in answer on a second address when they are told to."""

import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from local.addresses import LOOPBACK
from local.aws.emulator import Emulator
from local.claude.server import StandIn

OTHER = "127.0.0.2"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
@pytest.mark.allow_hosts([LOOPBACK, OTHER])
def test_both_answer_on_loopback_and_on_the_address_beside_it() -> None:
    with Emulator(bind=OTHER) as emulator, StandIn(bind=OTHER) as stand_in:
        assert emulator.url.startswith(f"http://{LOOPBACK}:")
        for url in (emulator.url, stand_in.url):
            for host in (LOOPBACK, OTHER):
                connection = HTTPConnection(host, urlsplit(url).port, timeout=10)
                connection.request("GET", "/")
                with connection.getresponse() as response:
                    assert response.status == 200, (url, host)
                connection.close()
