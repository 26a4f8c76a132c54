"""Getting an answer out of Claude: each fault has its remedy, and each remedy is tried once."""

from dataclasses import replace

import pytest

from capacity.buckets import Used
from diagnose.claude.attempt import MOST_OUTPUT_TOKENS, QUICK_RETRY_SECONDS, Attempt
from diagnose.claude.deadline import CALL_MARGIN_SECONDS
from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    DeploymentError,
    NotTheSchemaError,
    PromptTooLongError,
    RefusedError,
    TruncatedError,
)
from diagnose.diagnosis.answer import Answer, Reply
from diagnose.evidence.prompt import FRAME_TOKENS
from tests.integration.diagnose.claude.attempt.asking import (
    ANSWER_SECONDS,
    CUT_OFF,
    DECLINED,
    PROSE,
    REQUEST,
    TIMEOUT,
    WINDOW_FULL,
    FakeClaude,
    reply_of,
)
from tests.support.answers import ANSWER, DIAGNOSIS


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
