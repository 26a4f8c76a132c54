"""Where it is wanted, an answer that fails a check is asked for once more, and never a third time."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from capacity.capacity import Capacity
from diagnose.claude.errors import AmbiguousError, ClaudeError
from diagnose.claude.request import Request
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.checked import Result
from diagnose.diagnosis.schema import Citation, Diagnosis
from tests.integration.diagnose.claude.attempt.asking import (
    ANSWER_SECONDS,
    CUT_OFF,
    PROSE,
    REQUEST,
    FakeClaude,
    attempt_with,
    in_seconds,
    reply_of,
)
from tests.support.answers import ANSWER, DIAGNOSIS
from tests.support.fake_clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

AGAIN = replace(REQUEST, ask_again=True)
SOUND = DIAGNOSIS.model_copy(update={"components": []})
WORSE = DIAGNOSIS.model_copy(
    update={"primary": DIAGNOSIS.primary.model_copy(update={"evidence": [Citation(id="M99", shows="so")]})}
)
DOUBTED = ANSWER
"""Names a component that the evidence does not."""
RIGHT = replace(ANSWER, text=SOUND.model_dump_json())
WRONG = replace(ANSWER, text=WORSE.model_dump_json())


def test_an_answer_that_fails_a_check_is_asked_for_again_with_what_failed(
    capacity: Capacity, clock: FakeClock
) -> None:
    claude = FakeClaude(clock, [DOUBTED, RIGHT])

    reply = reply_of(attempt_with(claude, capacity, clock), AGAIN)

    first, second = (asked.prompt for asked in claude.asked)
    assert "'tikv-4'" not in first.user
    assert "your answer names the component 'tikv-4', which is nowhere in the evidence" in second.user
    assert second.user.startswith(first.user)
    assert (reply.diagnosis, reply.asked_again) == (SOUND, True)


def test_both_answers_are_paid_for_and_counted(capacity: Capacity, clock: FakeClock) -> None:
    reply = reply_of(attempt_with(FakeClaude(clock, [DOUBTED, RIGHT]), capacity, clock), AGAIN)

    assert reply.used.cost_usd == pytest.approx(2 * ANSWER.used.cost_usd)


def test_the_spend_cap_that_the_first_call_reached_keeps_the_second_from_being_made(
    state_table: "Table", clock: FakeClock
) -> None:
    capped = Capacity(state_table, clock, concurrency=1, spend_cap_usd=ANSWER.used.cost_usd)
    claude = FakeClaude(clock, [DOUBTED])

    reply = reply_of(attempt_with(claude, capped, clock), AGAIN)

    assert (len(claude.asked), reply.diagnosis) == (1, DIAGNOSIS)


@pytest.mark.parametrize(
    ("answers", "kept"),
    [([DOUBTED, WRONG], DIAGNOSIS), ([WRONG, DOUBTED], DIAGNOSIS), ([WRONG, WRONG], WORSE)],
    ids=["the first", "the second", "alike"],
)
def test_the_better_answer_is_kept_and_nobody_asks_a_third_time(
    answers: list[Answer], kept: Diagnosis, capacity: Capacity, clock: FakeClock
) -> None:
    claude = FakeClaude(clock, [*answers])

    reply = reply_of(attempt_with(claude, capacity, clock), AGAIN)

    assert len(claude.asked) == 2
    assert reply.diagnosis == kept


@pytest.mark.parametrize(
    ("asked", "first"), [(REQUEST, DOUBTED), (AGAIN, RIGHT)], ids=["not wanted", "nothing failed"]
)
def test_else_it_is_asked_once(asked: Request, first: Answer, capacity: Capacity, clock: FakeClock) -> None:
    claude = FakeClaude(clock, [first])

    reply = reply_of(attempt_with(claude, capacity, clock), asked)

    assert len(claude.asked) == 1
    assert not reply.asked_again


@pytest.mark.parametrize("first", [PROSE, CUT_OFF], ids=["prose", "cut off"])
def test_an_answer_that_was_asked_for_twice_already_is_not_asked_for_again(
    first: Answer, capacity: Capacity, clock: FakeClock
) -> None:
    claude = FakeClaude(clock, [first, DOUBTED])

    reply_of(attempt_with(claude, capacity, clock), AGAIN)

    assert len(claude.asked) == 2


def test_what_keeps_the_second_answer_away_does_not_cost_the_first(
    capacity: Capacity, clock: FakeClock
) -> None:
    for error in (AmbiguousError("a 500"), in_seconds(clock, 30), PROSE):
        capacity.open()
        claude = FakeClaude(clock, [DOUBTED, error])

        reply = reply_of(attempt_with(claude, capacity, clock), AGAIN)

        assert (len(claude.asked), reply.diagnosis) == (2, DIAGNOSIS)
        paid = 1 if isinstance(error, ClaudeError) else 2
        assert reply.used.cost_usd == pytest.approx(paid * ANSWER.used.cost_usd)


def test_a_refusal_on_the_second_call_still_closes_the_gate(capacity: Capacity, clock: FakeClock) -> None:
    claude = FakeClaude(clock, [DOUBTED, in_seconds(clock, 600)])

    reply_of(attempt_with(claude, capacity, clock), AGAIN)

    assert capacity.read().gate_until > clock.now()


def test_it_is_not_asked_again_when_the_time_is_nearly_over(capacity: Capacity, clock: FakeClock) -> None:
    claude = FakeClaude(clock, [DOUBTED])

    reply = reply_of(attempt_with(claude, capacity, clock, ANSWER_SECONDS + 15), AGAIN)

    assert len(claude.asked) == 1
    assert any(each.result is Result.FAILED for each in reply.checked.checks)
