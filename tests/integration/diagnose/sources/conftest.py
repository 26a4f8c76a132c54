"""What the tests of sources share."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config

from diagnose.evidence.clients import Clients
from local.aws.emulator import Emulator
from local.aws.stack import Stack

PATIENT = Config(read_timeout=60, retries={"total_max_attempts": 1})
"""The emulator loads a service when it is first asked for it, which on a busy machine takes its time."""


@pytest.fixture
def clients(stack: Stack) -> Clients:
    """Clients of the emulator, on an empty stack."""
    kept = {}

    def client(service: str, region: str = "") -> object:
        if service not in kept:
            kept[service] = boto3.client(service, config=PATIENT)  # type: ignore[call-overload]
        return kept[service]

    return client


@pytest.fixture
def api(emulator: Emulator, stack: Stack) -> Iterator[Emulator]:
    """The emulator, whose answers may be replaced for the length of the test."""
    yield emulator
    emulator.api.operations, emulator.api.troubles = {}, {}
