"""When a rate limit says that the next call will fit."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from diagnose.claude.client import Claude
from diagnose.claude.errors import SharedLimitError
from local.aws.stack import Stack
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from runtime.clock import SystemClock
from tests.integration.diagnose.claude.client.clients import claude_at, error_of
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SHARED = [Kind.RATE_LIMIT, Kind.RAMP_LIMIT, Kind.OVERLOADED]


class TestRetryAfter:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def claude(
        self, stack: Stack, secrets: "SecretsManagerClient", stand_in: StandIn, clock: FakeClock
    ) -> Claude:
        return claude_at(stand_in.url, stack, secrets, clock)

    def retry_at(self, claude: Claude) -> float | None:
        error = error_of(claude)
        assert isinstance(error, SharedLimitError)
        return error.retry_at

    @pytest.mark.parametrize("kind", SHARED)
    def test_without_the_header_there_is_no_hint(self, claude: Claude, stand_in: StandIn, kind: Kind) -> None:
        stand_in.script(Fault(kind))

        assert self.retry_at(claude) is None

    @pytest.mark.parametrize("kind", SHARED)
    def test_seconds_are_counted_from_now(
        self, claude: Claude, stand_in: StandIn, clock: FakeClock, kind: Kind
    ) -> None:
        stand_in.script(Fault(kind, retry_after=7.5))

        assert self.retry_at(claude) == clock.now() + 7.5

    def test_a_date_is_that_moment(self, claude: Claude, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.RATE_LIMIT, retry_after="Tue, 17 Nov 2026 02:10:35 GMT"))

        assert self.retry_at(claude) == datetime(2026, 11, 17, 2, 10, 35, tzinfo=UTC).timestamp()

    @pytest.mark.parametrize("header", ["soon", "", "Tue, 99 Nov", "1 minute"])
    def test_a_header_that_makes_no_sense_is_no_hint(
        self, claude: Claude, stand_in: StandIn, header: str
    ) -> None:
        stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=header))

        assert self.retry_at(claude) is None

    @pytest.mark.parametrize("header", ["-5", "0", "nan"])
    def test_no_hint_leads_into_the_past(
        self, claude: Claude, stand_in: StandIn, clock: FakeClock, header: str
    ) -> None:
        stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=header))

        assert self.retry_at(claude) == clock.now()

    def test_the_machines_clock_is_the_one_without_another(
        self, stack: Stack, secrets: "SecretsManagerClient", stand_in: StandIn
    ) -> None:
        stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=60))

        hint = self.retry_at(claude_at(stand_in.url, stack, secrets))

        assert hint == pytest.approx(SystemClock().now() + 60, abs=10)
