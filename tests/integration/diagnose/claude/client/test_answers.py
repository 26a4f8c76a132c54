"""An answer of Claude's, as it comes through the SDK: what it holds, took and cost."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from capacity.buckets import Bucket
from diagnose.claude.client import SCHEMA, Claude, Prices
from diagnose.claude.message import Usage
from diagnose.claude.reading import read_diagnosis
from local.aws.stack import Stack
from local.claude.faults import Fault, Kind
from local.claude.limits import Limits
from local.claude.server import StandIn
from tests.integration.diagnose.claude.client.clients import PROMPT, claude_at

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


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
