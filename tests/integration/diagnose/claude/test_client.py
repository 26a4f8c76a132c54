"""The adapter to Claude, through the real SDK over HTTP: each way of not getting a diagnosis has one name."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anthropic
import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from capacity.buckets import Bucket
from diagnose.claude.client import SCHEMA, Claude, Prices
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
from diagnose.claude.key import ApiKey
from diagnose.claude.message import Usage
from diagnose.claude.reading import read_diagnosis
from diagnose.claude.translation import translate
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.sections import Context, Section
from local.aws.stack import Stack
from local.claude.faults import Fault, Kind
from local.claude.limits import Limits
from local.claude.requests import Rules
from local.claude.server import StandIn
from runtime.clock import Clock, SystemClock
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.sdk_connections import close_connections

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PROMPT = build_prompt(
    Context(
        (
            Section("ticket", "Ticket", "E", ("message: slow", "component: tikv-4")),
            Section("metric_snapshot", "Metrics", "M", ("disk.await_ms = 41.2",)),
        ),
        (),
    ),
    (),
    30_000,
)
CANARY = "sk-canary-7f3a"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with aws(FakeClock()) as created:
        yield created


@pytest.fixture
def secrets(stack: Stack) -> "SecretsManagerClient":
    keep(stack, CANARY)
    return stack.secrets


def keep(stack: Stack, value: str) -> None:
    stack.secrets.put_secret_value(SecretId=stack.ref("AnthropicApiKey"), SecretString=value)


@pytest.fixture
def claude(stack: Stack, secrets: "SecretsManagerClient", stand_in: StandIn) -> Claude:
    return claude_at(stand_in.url, stack, secrets)


BUILT: list[Claude] = []
"""Those of the test that runs."""


def claude_at(url: str, stack: Stack, secrets: "SecretsManagerClient", clock: Clock | None = None) -> Claude:
    api_key = ApiKey(SecretsProvider(boto3_client=secrets), stack.ref("AnthropicApiKey"))
    BUILT.append(Claude(api_key, url, "claude-sonnet-5-5", "medium", Prices(3.0, 15.0), clock))
    return BUILT[-1]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while BUILT:
        close_connections(BUILT.pop())


def error_of(claude: Claude, timeout: float = 10.0) -> ClaudeError:
    with pytest.raises(ClaudeError) as caught:
        read_diagnosis(claude.ask(PROMPT, 8000, timeout))
    return caught.value


class TestAnswer:
    def test_it_holds_the_diagnosis_and_what_it_took(self, claude: Claude, stand_in: StandIn) -> None:
        answer = claude.ask(PROMPT, 8000, 10.0)

        [call] = stand_in.calls
        assert read_diagnosis(answer).metric_readings[0].value == "41.2"
        assert answer.request_id == call.request_id
        assert answer.model == "claude-sonnet-5-5"
        assert answer.stop_reason == "end_turn"
        assert (answer.used.input_tokens, answer.used.output_tokens) == (
            call.input_tokens,
            call.output_tokens,
        )
        assert answer.used.cost_usd == pytest.approx(
            (3 * call.input_tokens + 15 * call.output_tokens) / 1_000_000
        )
        assert answer.used.seconds > 0

    def test_the_request_is_what_was_asked_for(self, claude: Claude, stand_in: StandIn) -> None:
        claude.ask(PROMPT, 8000, 10.0)

        request = stand_in.calls[0].request
        assert request == {
            "model": "claude-sonnet-5-5",
            "max_tokens": 8000,
            "system": [{"type": "text", "text": PROMPT.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": PROMPT.user}],
            "output_config": {"effort": "medium", "format": {"type": "json_schema", "schema": SCHEMA}},
        }

    def test_the_buckets_in_its_headers_are_kept(self, stack: Stack, secrets: "SecretsManagerClient") -> None:
        limits = Limits(
            requests_per_minute=50, input_tokens_per_minute=30_000, output_tokens_per_minute=8_000
        )
        with StandIn(limits=limits) as limited:
            answer = claude_at(limited.url, stack, secrets).ask(PROMPT, 8000, 10.0)

        assert answer.buckets.keys() == {"requests", "input-tokens", "output-tokens"}
        assert answer.buckets["requests"].limit == 50
        assert answer.buckets["requests"].remaining == 49
        assert answer.buckets["input-tokens"].remaining < 30_000
        assert answer.buckets["output-tokens"].full_at is not None

    @pytest.mark.parametrize(
        ("headers", "bucket"),
        [
            ({"limit": "50", "remaining": "7", "reset": "2026-11-17T02:10:30Z"}, (50.0, 7.0, True)),
            ({"limit": "50", "remaining": "7", "reset": "soon"}, (50.0, 7.0, False)),
            ({"limit": "many", "remaining": "7"}, None),
            ({"limit": "50", "remaining": ""}, None),
        ],
        ids=["whole", "no reset", "no limit", "nothing remaining"],
    )
    def test_headers_that_make_no_sense_are_left_out(
        self,
        claude: Claude,
        stand_in: StandIn,
        headers: dict[str, str],
        bucket: tuple[float, float, bool] | None,
    ) -> None:
        named = {f"anthropic-ratelimit-requests-{name}": value for name, value in headers.items()}
        stand_in.script(Fault(Kind.ANSWER, headers=named))

        found = claude.ask(PROMPT, 8000, 10.0).buckets.get("requests")

        if bucket is None:
            assert found is None
            return
        limit, remaining, is_full_at_known = bucket
        full_at = datetime(2026, 11, 17, 2, 10, 30, tzinfo=UTC).timestamp() if is_full_at_known else None
        assert found == Bucket(limit, remaining, full_at)


def test_cached_tokens_cost_what_the_price_list_says() -> None:
    usage = Usage(
        input_tokens=1000, output_tokens=100, cache_creation_input_tokens=400, cache_read_input_tokens=2000
    )

    assert Prices(3.0, 15.0).cost(usage) == pytest.approx((3 * (1000 + 500 + 200) + 15 * 100) / 1_000_000)


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
        error = translate(anthropic.AnthropicError("something new"), now=0.0, cost_usd=1.0)

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

        assert str(error_of(claude)) == "timeline: Field required"

    def test_an_error_says_what_the_api_said(self, claude: Claude, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.FORBIDDEN))

        assert str(error_of(claude)) == "403 permission_error: This key may not use the resource."


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


class TestApiKey:
    @pytest.fixture
    def stand_in(self) -> Iterator[StandIn]:
        with StandIn(rules=Rules(accepted_keys=frozenset({CANARY}))) as strict:
            yield strict

    @pytest.mark.parametrize(
        "value",
        [
            CANARY,
            f"  {CANARY}\n",
            json.dumps({"api_key": CANARY}),
            f'\n{{"api_key": " {CANARY} ", "note": "x"}}',
        ],
        ids=["plain", "with space around it", "json", "json with more"],
    )
    def test_the_secret_is_the_key_or_json_with_it(self, claude: Claude, stack: Stack, value: str) -> None:
        keep(stack, value)

        assert claude.ask(PROMPT, 8000, 10.0).stop_reason == "end_turn"

    @pytest.mark.parametrize(
        "value",
        [
            " ",
            "{}",
            '{"api_key": null}',
            '{"api_key": ""}',
            '{"api_key": 5}',
            '{"key": "sk-canary-7f3a"}',
            '{"api_key": "sk-canary-7f3a"',
            "sk-canary 7f3a",
            "sk-canary\n7f3a",
            "sk-canary-ключ",
        ],
    )
    def test_anything_else_is_an_account_matter_that_names_the_secret_and_not_its_value(
        self, claude: Claude, stack: Stack, value: str
    ) -> None:
        keep(stack, value)

        error = error_of(claude)

        assert isinstance(error, AccountError)
        assert stack.ref("AnthropicApiKey") in str(error)
        assert "canary" not in str(error)

    def test_a_binary_secret_is_no_key(self, claude: Claude, stack: Stack) -> None:
        secret = stack.secrets.create_secret(Name="binary", SecretBinary=b"\x00key")["ARN"]

        with pytest.raises(AccountError, match="no usable api_key"):
            ApiKey(SecretsProvider(boto3_client=stack.secrets), secret).read()

    @pytest.mark.parametrize(
        "secret", ["there-is-none", "no-value"], ids=["no such secret", "a secret without a value"]
    )
    def test_a_missing_secret_is_an_account_matter(self, stack: Stack, secret: str) -> None:
        if secret == "no-value" and not has_secret(stack, secret):
            stack.secrets.create_secret(Name=secret)

        with pytest.raises(AccountError, match=f"secret {secret} cannot be read"):
            ApiKey(SecretsProvider(boto3_client=stack.secrets), secret).read()

    @pytest.mark.parametrize(
        ("code", "raised"),
        [
            ("ResourceNotFoundException", AccountError),
            ("AccessDeniedException", AccountError),
            ("InvalidRequestException", AccountError),
            ("DecryptionFailure", AccountError),
            ("ThrottlingException", GetParameterError),
            ("InternalServiceError", GetParameterError),
        ],
    )
    def test_trouble_of_secrets_manager_itself_is_not_an_account_matter(
        self, code: str, raised: type[Exception]
    ) -> None:
        client = boto3.client("secretsmanager", region_name="us-east-1")
        with Stubber(client) as stubbed:
            stubbed.add_client_error("get_secret_value", code)

            with pytest.raises(raised):
                ApiKey(SecretsProvider(boto3_client=client), "key").read()

    def test_a_secrets_manager_out_of_reach_is_not_an_account_matter_either(self) -> None:
        client = boto3.client("secretsmanager", region_name="us-east-1")

        def out_of_reach(**_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager.example")

        client.meta.events.register_first("before-send.secretsmanager.*", out_of_reach)

        with pytest.raises(GetParameterError):
            ApiKey(SecretsProvider(boto3_client=client), "key").read()

    def test_the_secret_is_read_once_for_many_calls(
        self, claude: Claude, stack: Stack, stand_in: StandIn
    ) -> None:
        claude.ask(PROMPT, 8000, 10.0)
        keep(stack, "another-key")

        claude.ask(PROMPT, 8000, 10.0)

        assert stand_in.answered == 2

    def test_a_refused_key_is_renewed_from_the_secret(
        self, claude: Claude, stack: Stack, stand_in: StandIn
    ) -> None:
        keep(stack, "revoked-key")
        assert isinstance(error_of(claude), AccountError)
        keep(stack, CANARY)
        assert isinstance(error_of(claude), AccountError)  # the old one is still in hand

        assert claude.renew_key()

        assert claude.ask(PROMPT, 8000, 10.0).stop_reason == "end_turn"

    def test_the_same_key_again_is_not_a_renewal(self, claude: Claude, stack: Stack) -> None:
        keep(stack, "revoked-key")
        error_of(claude)

        assert not claude.renew_key()

    def test_a_secret_that_became_unusable_is_said_so_at_renewal(self, claude: Claude, stack: Stack) -> None:
        keep(stack, "revoked-key")
        error_of(claude)
        keep(stack, "{}")

        with pytest.raises(AccountError, match="no usable api_key"):
            claude.renew_key()


def has_secret(stack: Stack, name: str) -> bool:
    return name in {secret["Name"] for secret in stack.secrets.list_secrets()["SecretList"]}
