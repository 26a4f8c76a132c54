"""The stand-in misbehaves as it is told to, one request at a time."""

import json
from typing import Any

import anthropic
import pytest

from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from tests.integration.local.claude.asking import EVIDENCE, Asking, http, request, text_of
from tests.support.answers import DIAGNOSIS


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "error", "code"),
        [
            (Kind.BAD_REQUEST, anthropic.BadRequestError, None),
            (Kind.CREDIT_BALANCE, anthropic.BadRequestError, None),
            (Kind.USAGE_LIMITS, anthropic.BadRequestError, None),
            (Kind.PROMPT_TOO_LONG, anthropic.BadRequestError, None),
            (Kind.UNAUTHORISED, anthropic.AuthenticationError, None),
            (Kind.PAYMENT_REQUIRED, anthropic.PaymentRequiredError, None),
            (Kind.FORBIDDEN, anthropic.PermissionDeniedError, None),
            (Kind.MODEL_NOT_FOUND, anthropic.NotFoundError, None),
            (Kind.REQUEST_TIMEOUT, anthropic.RequestTimeoutError, None),
            (Kind.CONFLICT, anthropic.ConflictError, None),
            (Kind.TOO_LARGE, anthropic.ContentTooLargeError, None),
            (Kind.UNPROCESSABLE, anthropic.UnprocessableEntityError, None),
            (Kind.RATE_LIMIT, anthropic.RateLimitError, None),
            (Kind.RAMP_LIMIT, anthropic.RampLimitExceededError, "ramp_limit_exceeded"),
            (Kind.SPEND_LIMIT, anthropic.EnforcedSpendLimitReachedError, "enforced_spend_limit_reached"),
            (Kind.SERVER_ERROR, anthropic.InternalServerError, None),
            (Kind.BAD_GATEWAY, anthropic.InternalServerError, None),
            (Kind.UNAVAILABLE, anthropic.ServiceUnavailableError, None),
            (Kind.GATEWAY_TIMEOUT, anthropic.GatewayTimeoutError, None),
            (Kind.OVERLOADED, anthropic.OverloadedError, None),
        ],
    )
    def test_an_error_reaches_the_caller_as_the_sdks_class_for_it(
        self,
        ask: Asking,
        stand_in: StandIn,
        kind: Kind,
        error: type[anthropic.APIStatusError],
        code: str | None,
    ) -> None:
        stand_in.script(Fault(kind))
        with pytest.raises(error) as raised:
            ask()
        assert type(raised.value) is error
        assert raised.value.error_code == code
        assert "retry-after" not in raised.value.response.headers
        assert (stand_in.answered, stand_in.refused) == (0, 1)
        assert ask().stop_reason == "end_turn"

    def test_an_error_says_what_it_is_told_to_say(self, ask: Asking, stand_in: StandIn) -> None:
        fault = Fault(Kind.SPEND_LIMIT, message="no more", error_code="contract_spend_limit_reached")
        stand_in.script(fault)
        with pytest.raises(anthropic.ContractSpendLimitReachedError, match="no more") as raised:
            ask()
        assert raised.value.request_id == stand_in.calls[-1].request_id

    @pytest.mark.parametrize("kind", [Kind.RATE_LIMIT, Kind.OVERLOADED, Kind.ANSWER])
    @pytest.mark.parametrize(
        ("fault", "header"),
        [
            ({"retry_after": 30}, "30"),
            ({"retry_after": 0.5}, "0.5"),
            ({"retry_after": 90, "as_date": True}, "Thu, 01 Jan 1970 00:01:31 GMT"),
            ({"retry_after": "soon"}, "soon"),
            ({"headers": {"Retry-After": "7"}}, "7"),
            ({}, None),
        ],
    )
    def test_retry_after_is_sent_in_every_form(
        self, kind: Kind, fault: dict[str, Any], header: str | None
    ) -> None:
        with StandIn(clock=lambda: 0.5) as stand_in:
            stand_in.script(Fault(kind, **fault))
            _, _, headers = http(stand_in, "POST", "/v1/messages", request())
        assert headers.get("retry-after") == header

    @pytest.mark.parametrize(
        ("kind", "stop_reason"),
        [
            (Kind.ANSWER, "end_turn"),
            (Kind.REFUSAL, "refusal"),
            (Kind.EMPTY_REFUSAL, "refusal"),
            (Kind.TRUNCATED, "max_tokens"),
            (Kind.CONTEXT_WINDOW, "model_context_window_exceeded"),
            (Kind.NOT_JSON, "end_turn"),
            (Kind.MISFIT, "end_turn"),
        ],
    )
    def test_a_spoilt_answer_is_a_message_all_the_same(
        self, ask: Asking, stand_in: StandIn, kind: Kind, stop_reason: str
    ) -> None:
        stand_in.script(Fault(kind))
        message = ask()
        assert message.stop_reason == stop_reason
        assert message.usage.output_tokens > 0
        assert (stand_in.answered, stand_in.refused) == (1, 0)

    def test_a_refusal_has_prose_or_no_content_at_all(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.REFUSAL), Fault(Kind.EMPTY_REFUSAL))
        assert text_of(ask()) == "Stand-in answer, not Claude: I cannot help with this ticket."
        assert ask().content == []

    @pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.CONTEXT_WINDOW, Kind.NOT_JSON])
    def test_what_is_cut_off_or_prose_is_not_json(self, ask: Asking, stand_in: StandIn, kind: Kind) -> None:
        stand_in.script(Fault(kind))
        with pytest.raises(json.JSONDecodeError):
            json.loads(text_of(ask()))

    def test_a_misfit_is_json_but_not_the_schema(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.MISFIT))
        assert list(json.loads(text_of(ask()))) == ["stand_in"]

    def test_an_empty_body_is_no_error_that_the_sdk_knows(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.EMPTY_BODY))
        with pytest.raises(json.JSONDecodeError):
            ask()

    @pytest.mark.parametrize("kind", [Kind.DROP, Kind.DROP_MID_BODY])
    def test_a_connection_that_ends_early(self, ask: Asking, stand_in: StandIn, kind: Kind) -> None:
        stand_in.script(Fault(kind))
        with pytest.raises(anthropic.APIConnectionError) as raised:
            ask()
        assert not isinstance(raised.value, anthropic.APITimeoutError)
        assert (stand_in.answered, stand_in.dropped) == (0, 1)
        assert ask().stop_reason == "end_turn"

    @pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.SERVER_ERROR, Kind.DROP])
    def test_a_delay_longer_than_the_callers_patience(
        self, ask: Asking, stand_in: StandIn, kind: Kind
    ) -> None:
        stand_in.script(Fault(kind, delay=600))
        with pytest.raises(anthropic.APITimeoutError):
            ask(timeout=0.05)

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "no such thing"},
            {"kind": Kind.DROP, "times": 0},
            {"kind": Kind.DROP, "delay": -1},
        ],
    )
    def test_a_fault_that_makes_no_sense_is_refused(self, fault: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"kind|times|delay"):
            Fault(**fault)


class TestScripts:
    def outcome(self, ask: Asking, evidence: str = EVIDENCE) -> str:
        try:
            return str(ask(evidence).stop_reason)
        except anthropic.APIStatusError as error:
            return str(error.status_code)

    def test_faults_are_consumed_in_order_one_per_request(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.OVERLOADED, times=2), Fault(Kind.REFUSAL))
        assert [self.outcome(ask) for _ in range(4)] == ["529", "529", "refusal", "end_turn"]

    def test_a_fault_with_a_match_waits_for_its_ticket(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.SERVER_ERROR, match="ticket 2"), Fault(Kind.UNAVAILABLE))
        assert [self.outcome(ask, f"ticket {n}") for n in (1, 1, 2, 2)] == [
            "503",
            "end_turn",
            "500",
            "end_turn",
        ]

    def test_a_fault_without_an_end_lasts_until_cleared(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.OVERLOADED, times=None))
        assert [self.outcome(ask) for _ in range(3)] == ["529"] * 3
        stand_in.clear()
        assert self.outcome(ask) == "end_turn"

    def test_a_request_that_is_refused_anyway_consumes_nothing(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.REFUSAL))
        with pytest.raises(anthropic.NotFoundError):
            ask(model="unknown")
        assert self.outcome(ask) == "refusal"

    def test_a_script_can_be_sent_looked_at_and_cleared_over_http(
        self, ask: Asking, stand_in: StandIn
    ) -> None:
        script = [{"kind": "rate-limit", "retry_after": 5, "times": 2}, {"kind": "refusal", "match": "x"}]
        assert http(stand_in, "POST", "/stand-in/faults", script)[:2] == (200, {"queued": 2})
        assert self.outcome(ask) == "429"
        assert http(stand_in, "DELETE", "/stand-in/faults")[:2] == (200, {"cleared": 2})
        assert self.outcome(ask) == "end_turn"
        _, summary, _ = http(stand_in, "GET", "/stand-in/calls")
        counts = {name: summary[name] for name in ("answered", "refused", "dropped", "faults_queued")}
        assert counts == {"answered": 1, "refused": 1, "dropped": 0, "faults_queued": 0}
        assert [(call["status"], call["model"]) for call in summary["calls"]] == [
            (429, "claude-sonnet-5-5"),
            (200, "claude-sonnet-5-5"),
        ]

    @pytest.mark.parametrize(
        ("script", "words"),
        [
            (b"{", "Expecting"),
            ({}, "a list of faults"),
            (["drop"], "at least 'kind'"),
            ([{"kind": "surprise"}], "surprise"),
            ([{"kind": "drop", "often": 3}], "no often"),
            ([{"kind": "drop", "match": 3}], "match"),
            ([{"kind": "drop", "times": "3"}], "times"),
        ],
    )
    def test_a_script_that_makes_no_sense_is_refused_whole(
        self, stand_in: StandIn, script: object, words: str
    ) -> None:
        content = [{"kind": "drop"}, *script] if isinstance(script, list) else script
        status, body, _ = http(stand_in, "POST", "/stand-in/faults", content)
        assert status == 400
        assert words in body["error"]
        assert http(stand_in, "DELETE", "/stand-in/faults")[1] == {"cleared": 0}


class TestPlayedAnswers:
    def test_an_answer_is_played_back_word_for_word(self, ask: Asking, stand_in: StandIn) -> None:
        answer = DIAGNOSIS.model_dump()
        stand_in.script(Fault(Kind.ANSWER, answer=answer))

        assert json.loads(text_of(ask())) == answer
        assert json.loads(text_of(ask())) != answer

    def test_an_answer_can_be_given_over_http_and_spoilt_like_any_other(
        self, ask: Asking, stand_in: StandIn
    ) -> None:
        answer = DIAGNOSIS.model_dump()
        http(stand_in, "POST", "/stand-in/faults", [{"kind": "truncated", "answer": answer}])

        said = ask()
        assert said.stop_reason == "max_tokens"
        assert json.dumps(answer, ensure_ascii=False).startswith(text_of(said))

    def test_an_answer_that_does_not_fit_the_schema_is_not_sent(self, ask: Asking, stand_in: StandIn) -> None:
        stand_in.script(Fault(Kind.ANSWER, answer={"verdict": "maybe"}))

        with pytest.raises(anthropic.InternalServerError, match="the answer to play back does not fit"):
            ask()
