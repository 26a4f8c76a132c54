"""An adapter that asks the stand-in, through the real SDK over HTTP."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from diagnose.claude.client import Claude
from local.aws.stack import Stack
from local.claude.server import StandIn
from tests.integration.diagnose.claude.client.clients import BUILT, CANARY, claude_at, keep
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.sdk_connections import close_connections

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with aws(FakeClock()) as created:
        yield created


@pytest.fixture
def secrets(stack: Stack) -> "SecretsManagerClient":
    keep(stack, CANARY)
    return stack.secrets


@pytest.fixture
def claude(stack: Stack, secrets: "SecretsManagerClient", stand_in: StandIn) -> Claude:
    return claude_at(stand_in.url, stack, secrets)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while BUILT:
        close_connections(BUILT.pop())
