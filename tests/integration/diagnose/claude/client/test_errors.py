"""Each way of not getting a diagnosis from Claude has one name."""

from typing import TYPE_CHECKING

import anthropic
import pytest

from diagnose.claude.client import Claude
from diagnose.claude.errors import (
    AccountError,
    AmbiguousError,
    ClaudeError,
    NotTheSchemaError,
    PromptTooLongError,
    RefusedError,
    SharedLimitError,
    TruncatedError,
)
from diagnose.claude.translation import ApiError, translate
from local.aws.stack import Stack
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from tests.integration.diagnose.claude.client.clients import claude_at, error_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


SHARED = [Kind.RATE_LIMIT, Kind.RAMP_LIMIT, Kind.OVERLOADED]
ACCOUNT = [
    Kind.UNAUTHORISED,
    Kind.PAYMENT_REQUIRED,
    Kind.FORBIDDEN,
    Kind.MODEL_NOT_FOUND,
    Kind.SPEND_LIMIT,
    Kind.CREDIT_BALANCE,
    Kind.USAGE_LIMITS,
]
PASSING = [
    Kind.SERVER_ERROR,
    Kind.BAD_GATEWAY,
    Kind.UNAVAILABLE,
    Kind.GATEWAY_TIMEOUT,
    Kind.REQUEST_TIMEOUT,
    Kind.CONFLICT,
    Kind.DROP,
    Kind.DROP_MID_BODY,
    Kind.EMPTY_BODY,
]
UNKNOWN = [Kind.BAD_REQUEST, Kind.UNPROCESSABLE]
TOO_LONG = [Kind.PROMPT_TOO_LONG, Kind.TOO_LARGE]
CUT_OFF = [Kind.TRUNCATED, Kind.CONTEXT_WINDOW]
NOT_A_DIAGNOSIS = [Kind.NOT_JSON, Kind.MISFIT]
DECLINED = [Kind.REFUSAL, Kind.EMPTY_REFUSAL]
WITHOUT_REQUEST_ID = {Kind.DROP, Kind.DROP_MID_BODY, Kind.BAD_GATEWAY}
NAMED: list[tuple[Kind, type[ClaudeError]]] = [
    *((kind, SharedLimitError) for kind in SHARED),
    *((kind, AccountError) for kind in ACCOUNT),
    *((kind, AmbiguousError) for kind in [*PASSING, *UNKNOWN]),
    *((kind, PromptTooLongError) for kind in TOO_LONG),
    *((kind, TruncatedError) for kind in CUT_OFF),
    *((kind, NotTheSchemaError) for kind in NOT_A_DIAGNOSIS),
    *((kind, RefusedError) for kind in DECLINED),
]


class TestErrors:
    @pytest.mark.parametrize(("kind", "named"), NAMED)
    def test_every_misbehaviour_has_one_name_and_is_met_once(
        self, claude: Claude, stand_in: StandIn, kind: Kind, named: type[ClaudeError]
    ) -> None:
        stand_in.script(Fault(kind))

        error = error_of(claude)

        assert type(error) is named
        assert len(stand_in.calls) == 1  # the SDK's own retries are off
        expected = None if kind in WITHOUT_REQUEST_ID else stand_in.calls[0].request_id
        assert error.request_id == expected

    def test_every_misbehaviour_of_the_stand_in_is_in_that_list(self) -> None:
        assert {kind for kind, _ in NAMED} == set(Kind) - {Kind.ANSWER}

    @pytest.mark.parametrize("kind", PASSING)
    def test_what_may_pass_by_itself_is_worth_a_quick_retry(
        self, claude: Claude, stand_in: StandIn, kind: Kind
    ) -> None:
        stand_in.script(Fault(kind))

        error = error_of(claude)

        assert isinstance(error, AmbiguousError)
        assert error.quick_retry

    @pytest.mark.parametrize("kind", UNKNOWN)
    def test_a_request_that_was_refused_is_not(self, claude: Claude, stand_in: StandIn, kind: Kind) -> None:
        stand_in.script(Fault(kind))

        error = error_of(claude)

        assert isinstance(error, AmbiguousError)
        assert not error.quick_retry

    def test_no_answer_in_time_is_ambiguous_and_not_worth_a_quick_retry(
        self, claude: Claude, stand_in: StandIn
    ) -> None:
        stand_in.script(Fault(Kind.ANSWER, delay=30))

        error = error_of(claude, timeout=0.2)

        assert isinstance(error, AmbiguousError)
        assert str(error) == "no answer before the time-out"
        assert not error.quick_retry

    def test_nobody_listening_is_a_connection_error(
        self, stack: Stack, secrets: "SecretsManagerClient"
    ) -> None:
        with StandIn() as gone:
            url = gone.url

        error = error_of(claude_at(url, stack, secrets))

        assert isinstance(error, AmbiguousError)
        assert error.quick_retry

    def test_any_other_error_of_the_sdk_is_ambiguous(self) -> None:
        error = translate(
            anthropic.AnthropicError("something new"),
            lambda _, body: ApiError.in_body(body),
            0.0,
            cost_usd=1.0,
        )

        assert isinstance(error, AmbiguousError)
        assert str(error) == "AnthropicError"

    def test_a_refusal_keeps_the_models_words(self, claude: Claude, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.REFUSAL), Fault(Kind.EMPTY_REFUSAL))

        assert "I cannot help with this ticket." in str(error_of(claude))
        assert str(error_of(claude)) == "Claude declined to answer: no words were given"

    @pytest.mark.parametrize(
        ("kind", "said"),
        [(Kind.TRUNCATED, "max_tokens"), (Kind.CONTEXT_WINDOW, "model_context_window_exceeded")],
    )
    def test_why_an_answer_ended_is_looked_at_before_its_text(
        self, claude: Claude, stand_in: StandIn, kind: Kind, said: str
    ) -> None:
        stand_in.script(Fault(kind))

        assert str(error_of(claude)) == f"the answer was cut off ({said})"

    def test_an_answer_of_another_shape_is_said_to_miss_which_field(
        self, claude: Claude, stand_in: StandIn
    ) -> None:
        stand_in.script(Fault(Kind.MISFIT))

        assert str(error_of(claude)) == "verdict: Field required"

    def test_an_error_says_what_the_api_said(self, claude: Claude, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.FORBIDDEN))

        assert str(error_of(claude)) == "403 permission_error: This key may not use the resource."
