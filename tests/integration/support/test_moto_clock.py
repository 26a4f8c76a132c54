"""The clock that a test gives moto is gone after the test, whatever moto has read meanwhile."""

import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module

from tests.support.fake_clock import FakeClock
from tests.support.moto_clock import moto_clock

SERVICE = "moto.codedeploy.models"


def test_a_service_that_is_first_read_meanwhile_goes_by_the_machine_s_clock_afterwards() -> None:
    known = sys.modules.pop(SERVICE, None)
    try:
        with moto_clock(FakeClock()):
            service = import_module(SERVICE)
            assert service.utcnow() == datetime.fromtimestamp(FakeClock().now(), UTC).replace(tzinfo=None)
        assert abs(service.utcnow() - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)
    finally:
        if known is not None:
            sys.modules[SERVICE] = known
