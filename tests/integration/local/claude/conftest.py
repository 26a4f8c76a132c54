"""A stand-in for Claude, and the SDK that asks it."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import Message

from local.claude.server import StandIn
from tests.integration.local.claude.asking import EVIDENCE, Asking, request


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def ask(stand_in: StandIn) -> Iterator[Asking]:
    """Ask the stand-in through the SDK, which does not retry: `ask()`, or with other parts of the request."""
    with anthropic.Anthropic(api_key="a-key", base_url=stand_in.url, max_retries=0, timeout=30) as client:

        def ask(evidence: str = EVIDENCE, **changes: Any) -> Message:
            message = client.messages.create(**{**request(evidence), **changes})
            assert isinstance(message, Message)
            return message

        yield ask
