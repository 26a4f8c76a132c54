"""Getting an answer out of Claude within one invocation: each remedy once, and no call before its turn."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import boto3
import pytest

from capacity.buckets import Used
from capacity.capacity import BACKOFF_SECONDS, KNOWN_AFTER_CALLS, USUAL_CALL_SECONDS, Capacity
from capacity.item import STATE_ID
from capacity.state import CapacityState, Gate
from diagnose.claude.attempt import (
    LEAST_CALL_SECONDS,
    LOOK_SECONDS,
    MOST_OUTPUT_TOKENS,
    QUICK_RETRY_SECONDS,
    Attempt,
    GateClosedError,
    Request,
)
from diagnose.claude.deadline import CALL_MARGIN_SECONDS, Deadline
from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    DeploymentError,
    NotTheSchemaError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
    TruncatedError,
)
from diagnose.diagnosis.answer import Answer, Reply
from diagnose.diagnosis.schema import Diagnosis, Hypothesis
from diagnose.evidence.prompt import FRAME_TOKENS, Prompt
from diagnose.evidence.sections import Context, Section
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.throttled_aws import throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

TIMEOUT = 300.0
ANSWER_SECONDS = 20.0
CONTEXT = Context(
    (
        Section("ticket", "Ticket", "E", ("message: slow",)),
        Section("log_tail", "Log", "L", tuple(f"line {n} of the log" for n in range(200)), is_log=True),
    ),
    (),
)
REQUEST = Request(CONTEXT, (), prompt_tokens=30_000, max_output_tokens=8_000)
DIAGNOSIS = Diagnosis(
    timeline=[],
    affected_components=[],
    metric_readings=[],
    primary=Hypothesis(diagnosis="a worn disk", confidence="low", reasoning="r", evidence=[]),
    alternatives=[],
    severity="info",
    recommended_action="wait",
    commands=[],
    risks=[],
    missing_data=[],
)
ANSWER = Answer(
    text=DIAGNOSIS.model_dump_json(),
    stop_reason="end_turn",
    model="claude-sonnet-5-5",
    request_id="req_1",
    used=Used(ANSWER_SECONDS, 1000, 200, 0.006),
    cached_tokens=0,
    buckets={},
)
PROSE = replace(ANSWER, text="The disk is slow.")
CUT_OFF = replace(ANSWER, text=ANSWER.text[:40], stop_reason="max_tokens")
WINDOW_FULL = replace(CUT_OFF, stop_reason="model_context_window_exceeded")
DECLINED = replace(ANSWER, text="I cannot help.", stop_reason="refusal")


@dataclass(frozen=True)
class Asked:
    """One call as Claude met it."""

    at: float
    prompt: Prompt
    max_tokens: int
    timeout: float


@dataclass
class FakeClaude:
    """Gives what it was told to in turn, then answers; every call takes its time on the clock."""

    clock: FakeClock
    replies: list[Answer | ClaudeError] = field(default_factory=list)
    keys: list[str] = field(default_factory=lambda: ["first"])
    asked: list[Asked] = field(default_factory=list)

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        self.asked.append(Asked(self.clock.now(), prompt, max_tokens, timeout))
        reply = self.replies.pop(0) if self.replies else ANSWER
        self.clock.sleep(ANSWER_SECONDS if isinstance(reply, Answer) else 1.0)
        if isinstance(reply, ClaudeError):
            raise reply
        return reply

    def renew_key(self) -> bool:
        """Goes on to the next key, if there is one."""
        refused = self.keys.pop(0)
        self.keys = self.keys or [refused]
        return self.keys[0] != refused


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def claude(clock: FakeClock) -> FakeClaude:
    return FakeClaude(clock)


@pytest.fixture(scope="module")
def created_table(clock: FakeClock) -> Iterator["Table"]:
    with aws(clock) as stack:
        yield boto3.resource("dynamodb").Table(stack.ref("StateTable"))


@pytest.fixture
def state_table(created_table: "Table") -> "Table":
    created_table.delete_item(Key={"state_id": STATE_ID})
    return created_table


@pytest.fixture
def capacity(state_table: "Table", clock: FakeClock) -> Capacity:
    return Capacity(state_table, clock, concurrency=1)


@pytest.fixture
def attempt(claude: FakeClaude, capacity: Capacity, clock: FakeClock) -> Attempt:
    return attempt_with(claude, capacity, clock)


def reply_of(attempt: Attempt, request: Request = REQUEST) -> Reply:
    """The reply; raises what the attempt ended with instead."""
    result = attempt.ask(request).result
    if isinstance(result, Exception):
        raise result
    return result


def attempt_with(
    claude: FakeClaude,
    capacity: Capacity,
    clock: FakeClock,
    seconds: float = TIMEOUT,
    *,
    fresh: bool = True,
) -> Attempt:
    ends = clock.now() + seconds
    deadline = Deadline(lambda: ends - clock.now())
    return Attempt(claude, capacity, clock, deadline, capacity.read(), fresh=fresh)


def in_seconds(clock: FakeClock, seconds: float) -> SharedLimitError:
    return SharedLimitError("429 rate_limit_error: too fast", "req_9", clock.now() + seconds)


def test_an_answer_comes_with_the_prompt_that_got_it(attempt: Attempt, claude: FakeClaude) -> None:
    reply = reply_of(attempt)

    assert reply.diagnosis == DIAGNOSIS
    assert reply.answer == ANSWER
    assert reply.prompt == REQUEST.prompt
    [asked] = claude.asked
    assert (asked.max_tokens, asked.timeout) == (8_000, TIMEOUT - CALL_MARGIN_SECONDS)


REMEDIED: dict[str, tuple[Answer | ClaudeError, type[ClaudeError]]] = {
    "prompt too long": (PromptTooLongError("400 too long"), PromptTooLongError),
    "window exceeded": (WINDOW_FULL, TruncatedError),
    "cut off": (CUT_OFF, TruncatedError),
    "not the schema": (PROSE, NotTheSchemaError),
    "server error": (AmbiguousError("500", quick_retry=True), AmbiguousError),
}


@pytest.mark.parametrize("fault", [fault for fault, _ in REMEDIED.values()], ids=list(REMEDIED))
def test_a_fault_with_a_remedy_is_met_with_it(
    attempt: Attempt, claude: FakeClaude, fault: Answer | ClaudeError
) -> None:
    claude.replies = [fault]

    assert reply_of(attempt).diagnosis == DIAGNOSIS
    assert len(claude.asked) == 2


@pytest.mark.parametrize(("fault", "kind"), list(REMEDIED.values()), ids=list(REMEDIED))
def test_each_remedy_is_tried_once(
    attempt: Attempt, claude: FakeClaude, fault: Answer | ClaudeError, kind: type[ClaudeError]
) -> None:
    claude.replies = [fault, fault]

    with pytest.raises(kind):
        reply_of(attempt)

    assert len(claude.asked) == 2


def test_several_faults_of_different_kinds_each_have_their_remedy(
    attempt: Attempt, claude: FakeClaude
) -> None:
    claude.replies = [fault for fault, _ in REMEDIED.values() if fault is not WINDOW_FULL]

    assert reply_of(attempt).diagnosis == DIAGNOSIS
    assert len(claude.asked) == len(REMEDIED)


@pytest.mark.parametrize("fault", [PromptTooLongError("413"), WINDOW_FULL], ids=["refused", "in the answer"])
def test_too_much_context_is_halved_even_far_below_the_budget(
    attempt: Attempt, claude: FakeClaude, fault: Answer | ClaudeError
) -> None:
    claude.replies = [fault]

    reply = reply_of(attempt)

    first, second = (asked.prompt for asked in claude.asked)
    assert first.tokens < REQUEST.prompt_tokens / 2
    assert second.tokens - FRAME_TOKENS <= (first.tokens - FRAME_TOKENS) / 2
    assert reply.prompt == second
    assert reply.prompt.cuts


def test_an_answer_cut_off_is_asked_for_with_twice_the_room(attempt: Attempt, claude: FakeClaude) -> None:
    claude.replies = [CUT_OFF]

    reply_of(attempt)

    assert [asked.max_tokens for asked in claude.asked] == [8_000, 16_000]
    assert claude.asked[0].prompt == claude.asked[1].prompt


def test_there_is_never_more_room_than_the_sdk_takes(attempt: Attempt, claude: FakeClaude) -> None:
    claude.replies = [CUT_OFF]

    reply_of(attempt, replace(REQUEST, max_output_tokens=20_000))

    assert claude.asked[1].max_tokens == MOST_OUTPUT_TOKENS


def test_more_room_than_the_model_gives_is_no_fault_of_the_deployment(
    attempt: Attempt, claude: FakeClaude
) -> None:
    claude.replies = [CUT_OFF, DeploymentError("400 max_tokens: 16000 > 8192")]

    with pytest.raises(TruncatedError, match="no more may be asked for"):
        reply_of(attempt)


def test_what_a_deployment_asks_in_vain_is_not_asked_again(attempt: Attempt, claude: FakeClaude) -> None:
    claude.replies = [DeploymentError("400 output_config: not supported")]

    with pytest.raises(DeploymentError):
        reply_of(attempt)

    assert len(claude.asked) == 1


def test_a_quick_retry_waits_a_moment(attempt: Attempt, claude: FakeClaude) -> None:
    claude.replies = [AmbiguousError("502", quick_retry=True)]

    reply_of(attempt)

    first, second = claude.asked
    assert second.at - first.at == pytest.approx(1.0 + QUICK_RETRY_SECONDS)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (AmbiguousError("no answer before the time-out"), AmbiguousError),
        (RefusedError("declined"), RefusedError),
        (DECLINED, RefusedError),
    ],
    ids=["time-out", "refusal", "refusal in the answer"],
)
def test_some_faults_have_no_remedy(
    attempt: Attempt, claude: FakeClaude, fault: Answer | ClaudeError, kind: type[ClaudeError]
) -> None:
    claude.replies = [fault]

    with pytest.raises(kind):
        reply_of(attempt)

    assert len(claude.asked) == 1


def test_what_every_paid_answer_took_is_added_up(attempt: Attempt, claude: FakeClaude) -> None:
    claude.replies = [PROSE, CUT_OFF, AmbiguousError("500", quick_retry=True)]

    outcome = attempt.ask(REQUEST)

    used = outcome.used
    assert replace(used, cost_usd=0.0) == Used(3 * ANSWER_SECONDS, 3000, 600, 0.0)
    assert used.cost_usd == pytest.approx(0.018)
    assert outcome.answers == (PROSE, CUT_OFF, ANSWER)
    assert isinstance(outcome.result, Reply)
    assert outcome.result.used == used


class TestAccount:
    def test_a_key_that_was_replaced_is_used(self, attempt: Attempt, claude: FakeClaude) -> None:
        claude.keys, claude.replies = ["old", "new"], [AccountError("401 invalid key")]

        assert reply_of(attempt).diagnosis == DIAGNOSIS

    def test_a_key_that_is_still_the_same_is_not_tried_again(
        self, attempt: Attempt, claude: FakeClaude
    ) -> None:
        claude.replies = [AccountError("401 invalid key")]

        with pytest.raises(AccountError):
            reply_of(attempt)

        assert len(claude.asked) == 1

    def test_a_second_refused_key_ends_it(self, attempt: Attempt, claude: FakeClaude) -> None:
        claude.keys, claude.replies = ["old", "new", "newer"], [AccountError("401"), AccountError("401")]

        with pytest.raises(AccountError):
            reply_of(attempt)

        assert len(claude.asked) == 2


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
