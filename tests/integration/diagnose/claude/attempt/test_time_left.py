"""An attempt within the invocation's time: what is no trouble of the ticket's, and what is."""

import pytest

from capacity.capacity import KNOWN_AFTER_CALLS, USUAL_CALL_SECONDS, Capacity
from diagnose.claude.attempt import LEAST_CALL_SECONDS
from diagnose.claude.deadline import CALL_MARGIN_SECONDS
from diagnose.claude.errors import AmbiguousError
from diagnose.claude.turns import GateClosedError
from tests.integration.diagnose.claude.attempt.asking import (
    ANSWER_SECONDS,
    PROSE,
    TIMEOUT,
    FakeClaude,
    attempt_with,
    reply_of,
)
from tests.support.answers import ANSWER
from tests.support.fake_clock import FakeClock


class TestDeadline:
    def test_without_time_for_a_call_none_is_made(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        seconds = CALL_MARGIN_SECONDS + LEAST_CALL_SECONDS - 1

        with pytest.raises(AmbiguousError, match="time was used up"):
            reply_of(attempt_with(claude, capacity, clock, seconds))

        assert claude.asked == []

    def test_a_call_that_waiting_had_shortened_is_no_trouble_when_it_times_out(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        claude.replies = [AmbiguousError("no answer", timed_out=True)]

        with pytest.raises(GateClosedError, match="waiting had taken the call's time"):
            reply_of(attempt_with(claude, capacity, clock, USUAL_CALL_SECONDS))

    def test_one_that_had_all_its_time_is(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        claude.replies = [AmbiguousError("no answer", timed_out=True)]

        with pytest.raises(AmbiguousError):
            reply_of(attempt_with(claude, capacity, clock))

    def test_the_time_that_was_too_short_is_kept_for_the_next_calls(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        for _ in range(KNOWN_AFTER_CALLS):
            capacity.answered(capacity.read(), ANSWER.used, {}, fresh=True)
        assert capacity.call_seconds() < 100
        claude.replies = [AmbiguousError("no answer", timed_out=True)]

        with pytest.raises(GateClosedError):
            reply_of(attempt_with(claude, capacity, clock, 100 + CALL_MARGIN_SECONDS))

        assert capacity.call_seconds() == USUAL_CALL_SECONDS

    def test_after_a_call_that_timed_out_fresh_tickets_have_what_calls_usually_take_until_one_is_answered(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        for _ in range(KNOWN_AFTER_CALLS):
            capacity.answered(capacity.read(), ANSWER.used, {}, fresh=True)
        timed_out = AmbiguousError("no answer", timed_out=True)
        claude.replies = [timed_out, timed_out]
        for _ in range(2):
            with pytest.raises(AmbiguousError):
                reply_of(attempt_with(claude, capacity, clock))
        reply_of(attempt_with(claude, capacity, clock, fresh=False))
        capacity.answered(capacity.read(), ANSWER.used, {}, fresh=False)
        reply_of(attempt_with(claude, capacity, clock))

        everything, usual = TIMEOUT - CALL_MARGIN_SECONDS, capacity.call_seconds()
        assert [asked.timeout for asked in claude.asked] == [everything, usual, everything, everything]
        assert usual < everything

    def test_a_remedy_has_only_the_time_that_is_left(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        claude.replies = [PROSE]

        reply_of(attempt_with(claude, capacity, clock, seconds=60))

        assert [asked.timeout for asked in claude.asked] == pytest.approx([40, 40 - ANSWER_SECONDS])
