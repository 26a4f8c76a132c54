"""The stand-in's rate limits, and what its headers say of them."""

import json

import pytest

from local.claude.limits import Limits
from local.claude.server import StandIn
from tests.integration.local.claude.asking import http, request


class TestLimits:
    def statuses(self, stand_in: StandIn, requests: int) -> list[tuple[int, str | None]]:
        replies = [http(stand_in, "POST", "/v1/messages", request()) for _ in range(requests)]
        return [(status, headers.get("retry-after")) for status, _, headers in replies]

    def test_requests_beyond_the_limit_are_told_when_to_come_back(self) -> None:
        now = 1_000.0
        with StandIn(limits=Limits(requests_per_minute=2), clock=lambda: now) as stand_in:
            assert self.statuses(stand_in, 3) == [(200, None), (200, None), (429, "30")]
            now += 29
            assert self.statuses(stand_in, 1) == [(429, "1")]
            now += 1
            assert self.statuses(stand_in, 2) == [(200, None), (429, "30")]
        assert (stand_in.answered, stand_in.refused) == (3, 3)

    def test_a_bucket_holds_no_more_than_a_minutes_worth(self) -> None:
        now = 1_000.0
        with StandIn(limits=Limits(requests_per_minute=2), clock=lambda: now) as stand_in:
            now += 3_600
            assert [status for status, _ in self.statuses(stand_in, 3)] == [200, 200, 429]

    def test_input_tokens_are_taken_before_the_answer(self) -> None:
        now = 1_000.0
        tokens = len(json.dumps(request()).encode()) / 4
        with StandIn(limits=Limits(input_tokens_per_minute=int(tokens * 1.5)), clock=lambda: now) as stand_in:
            assert self.statuses(stand_in, 2) == [(200, None), (429, "21")]
            now += 21
            assert self.statuses(stand_in, 1) == [(200, None)]

    def test_output_tokens_are_paid_after_the_answer_and_may_be_owed(self) -> None:
        now = 1_000.0
        with StandIn(limits=Limits(output_tokens_per_minute=60), clock=lambda: now) as stand_in:
            (first, second) = self.statuses(stand_in, 2)
            owed = stand_in.calls[0].output_tokens - 60
        assert first == (200, None)
        assert second == (429, str(owed + 1))

    def test_a_request_larger_than_a_minutes_worth_passes_a_full_bucket(self) -> None:
        with StandIn(limits=Limits(input_tokens_per_minute=10), clock=lambda: 0.0) as stand_in:
            assert [status for status, _ in self.statuses(stand_in, 2)] == [200, 429]

    def test_every_answer_has_the_headers(self) -> None:
        limits = Limits(requests_per_minute=4, input_tokens_per_minute=60_000, output_tokens_per_minute=6_000)
        with StandIn(limits=limits, clock=lambda: 0.0) as stand_in:
            _, message, headers = http(stand_in, "POST", "/v1/messages", request())
            usage = message["usage"]
        found = {name: text for name, text in headers.items() if name.startswith("anthropic-ratelimit-")}
        seconds = {
            "requests": 15,
            "input-tokens": -(-usage["input_tokens"] // 1_000),
            "output-tokens": -(-usage["output_tokens"] // 100),
        }
        left = {
            "requests": 3,
            "input-tokens": 60_000 - usage["input_tokens"],
            "output-tokens": 6_000 - usage["output_tokens"],
        }
        limit = {"requests": 4, "input-tokens": 60_000, "output-tokens": 6_000}
        assert found == {
            **{f"anthropic-ratelimit-{name}-limit": str(limit[name]) for name in limit},
            **{f"anthropic-ratelimit-{name}-remaining": str(left[name]) for name in limit},
            **{
                f"anthropic-ratelimit-{name}-reset": f"1970-01-01T00:00:{seconds[name]:02}Z" for name in limit
            },
        }

    def test_a_limit_of_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="requests_per_minute"):
            Limits(requests_per_minute=0)
