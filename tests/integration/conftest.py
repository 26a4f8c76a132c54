"""What the integration tests share."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest

from local.claude.server import StandIn
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline


@pytest.fixture(autouse=True, scope="module")
def _no_certificates() -> Iterator[None]:
    """Loopback needs none, and to read this machine's takes a client of Claude longer than its calls."""
    with mock.patch.dict(os.environ, SSL_CERT_DIR=os.devnull):
        os.environ.pop("SSL_CERT_FILE", None)
        yield


@pytest.fixture
def pipeline(stand_in: StandIn) -> Iterator[InvokedPipeline]:
    """The functions on an empty stack, invoked as Lambda invokes them."""
    with invoked_pipeline(stand_in) as opened:
        yield opened
