"""What the integration tests share."""

from collections.abc import Iterator

import pytest

from local.claude.server import StandIn
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline


@pytest.fixture
def pipeline(stand_in: StandIn) -> Iterator[InvokedPipeline]:
    """The functions on an empty stack, invoked as Lambda invokes them."""
    with invoked_pipeline(stand_in) as opened:
        yield opened
