"""Waiting within an invocation: no call before its turn, and none behind a gate that stays closed."""

from itertools import pairwise

import pytest

from capacity.capacity import BACKOFF_SECONDS, USUAL_CALL_SECONDS, Capacity
from capacity.state import CapacityState, Gate
from diagnose.claude.attempt import Attempt
from diagnose.claude.deadline import CALL_MARGIN_SECONDS
from diagnose.claude.errors import SharedLimitError
from diagnose.claude.turns import LOOK_SECONDS, GateClosedError
from tests.integration.diagnose.claude.attempt.asking import (
    TIMEOUT,
    FakeClaude,
    attempt_with,
    in_seconds,
    reply_of,
)
from tests.support.fake_clock import FakeClock
from tests.support.throttled_aws import throttled


class TestSharedLimits:
    def test_a_short_wait_is_made_in_place(
        self, attempt: Attempt, claude: FakeClaude, clock: FakeClock
    ) -> None:
        claude.replies = [in_seconds(clock, 30)]

        reply_of(attempt)

        first, second = claude.asked
        assert second.at - first.at == pytest.approx(30)

    def test_a_long_wait_is_not(
        self, attempt: Attempt, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        comes_back = clock.now() + 600
        claude.replies = [in_seconds(clock, 600)]

        with pytest.raises(GateClosedError) as closed:
            reply_of(attempt)

        assert closed.value.state.opens_at == comes_back
        assert str(closed.value) == "429 rate_limit_error: too fast"
        assert capacity.read().gate_until == comes_back
        assert len(claude.asked) == 1

    def test_without_a_hint_the_wait_grows(self, attempt: Attempt, claude: FakeClaude) -> None:
        claude.replies = [SharedLimitError("529 overloaded", None, None)] * 2

        reply_of(attempt)

        times = [asked.at for asked in claude.asked]
        first, _ = BACKOFF_SECONDS[Gate.SHARED]
        waits = [after - before - 1.0 for before, after in pairwise(times)]
        assert waits == pytest.approx([first, 2 * first])

    def test_waiting_always_leaves_the_call_its_time(
        self, attempt: Attempt, claude: FakeClaude, clock: FakeClock
    ) -> None:
        started = clock.now()
        claude.replies = [SharedLimitError("529 overloaded", None, None) for _ in range(20)]

        with pytest.raises(GateClosedError):
            reply_of(attempt)

        assert len(claude.asked) > 2
        assert all(asked.timeout >= USUAL_CALL_SECONDS - 1 for asked in claude.asked)
        assert clock.now() - started <= TIMEOUT - USUAL_CALL_SECONDS - CALL_MARGIN_SECONDS + 1

    def test_a_refusal_that_could_not_be_written_down_is_still_heeded(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        claude.replies = [in_seconds(clock, 600)]
        attempt = attempt_with(claude, capacity, clock)

        with throttled("UpdateItem"), pytest.raises(GateClosedError) as closed:
            reply_of(attempt)

        assert capacity.read().gate_until == 0
        assert closed.value.state.opens_at == clock.now() + 599
        assert len(claude.asked) == 1


class TestGate:
    def test_a_gate_that_opens_soon_is_waited_for(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        opens = capacity.shared_limit(capacity.read(), clock.now() + 40, "busy")

        reply_of(attempt_with(claude, capacity, clock))

        [asked] = claude.asked
        assert asked.at >= opens

    def test_behind_a_gate_that_stays_closed_no_call_is_made(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        capacity.account_fault(capacity.read(), "no credit")
        capacity.shared_limit(capacity.read(), clock.now() + 1000, "busy")

        with pytest.raises(GateClosedError, match="busy"):
            reply_of(attempt_with(claude, capacity, clock))

        assert claude.asked == []

    def test_one_that_a_person_opens_meanwhile_is_not_waited_for_any_longer(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        started = clock.now()
        capacity.shared_limit(capacity.read(), started + 75, "busy")

        reply_of(attempt_with(claude, MeanwhileOpened(capacity, started + 20), clock))

        [asked] = claude.asked
        assert asked.at <= started + 20 + LOOK_SECONDS

    def test_a_gate_that_is_closed_anew_meanwhile_is_waited_for_again(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        capacity.shared_limit(capacity.read(), clock.now() + 30, "busy")
        reopens = clock.now() + 60
        attempt = attempt_with(claude, MeanwhileClosed(capacity, reopens), clock)

        reply_of(attempt)

        [asked] = claude.asked
        assert asked.at >= reopens

    def test_callers_that_wait_take_turns(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        capacity.shared_limit(capacity.read(), clock.now() + 30, "busy")
        other_turn = capacity.take_turn(capacity.read())

        reply_of(attempt_with(claude, capacity, clock))

        [asked] = claude.asked
        assert asked.at == pytest.approx(other_turn + capacity.pace(capacity.read()))

    def test_a_turn_too_far_away_is_not_waited_for(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        capacity.shared_limit(capacity.read(), clock.now() + 30, "busy")
        for _ in range(20):
            capacity.take_turn(capacity.read())

        with pytest.raises(GateClosedError):
            reply_of(attempt_with(claude, capacity, clock))

        assert claude.asked == []

    def test_a_turn_that_others_pushed_too_far_away_meanwhile_is_not_waited_for(
        self, claude: FakeClaude, capacity: Capacity, clock: FakeClock
    ) -> None:
        capacity.shared_limit(capacity.read(), clock.now() + 30, "busy")

        with pytest.raises(GateClosedError):
            reply_of(attempt_with(claude, MeanwhileCrowded(capacity, others=20), clock))

        assert claude.asked == []


class MeanwhileClosed(Capacity):
    """A capacity whose gate another invocation closes while this one waits for its turn."""

    def __init__(self, of: Capacity, until: float) -> None:
        vars(self).update(vars(of))
        self._until = until

    def take_turn(self, state: CapacityState) -> float:
        turn = super().take_turn(state)
        if self._until > self._clock.now() + 10:
            self.shared_limit(CapacityState(), self._until, "busy again")
        return turn


class MeanwhileOpened(Capacity):
    """A capacity whose gate a person opens at that time, while an invocation waits."""

    def __init__(self, of: Capacity, at: float) -> None:
        vars(self).update(vars(of))
        self._at = at

    def read(self) -> CapacityState:
        if self._clock.now() >= self._at:
            self.open()
        return super().read()


class MeanwhileCrowded(Capacity):
    """A capacity of which many others take turns between this one's look and its own turn."""

    def __init__(self, of: Capacity, others: int) -> None:
        vars(self).update(vars(of))
        self._others = others

    def take_turn(self, state: CapacityState) -> float:
        turns = [super(MeanwhileCrowded, self).take_turn(state) for _ in range(self._others + 1)]
        return turns[-1]
