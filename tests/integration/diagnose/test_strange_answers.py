"""What becomes of a ticket when what comes back is no proper answer of Claude's."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from diagnose.diagnosis.findings import ASKED_AGAIN
from local.claude.server import StandIn
from tests.support.answering_server import Response, answering
from tests.support.answers import DIAGNOSIS
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline
from tests.support.keyed_claude import claude_at

NUMBERS = itertools.count(1)


@dataclass
class Asked:
    """A pipeline whose Claude is a server that says what it is told to."""

    pipeline: InvokedPipeline
    response: Response

    def diagnose(self, body: bytes, status: int = 200, **attributes: Any) -> dict[str, Any]:
        """A fresh ticket after its first invocation."""
        self.response.body, self.response.status = body, status
        ticket_id = f"t-{next(NUMBERS)}"
        self.pipeline.diagnose_ticket.capacity.open()
        self.pipeline.put(ticket_id, **attributes)
        assert self.pipeline.deliver() == 1
        return self.pipeline.item(ticket_id)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    response = Response()
    with (
        StandIn() as stand_in,
        invoked_pipeline(stand_in) as pipeline,
        answering(response) as url,
        claude_at(url) as claude,
    ):
        pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)
        yield Asked(pipeline, response)


def answer(text: Any, stop_reason: str = "end_turn", **changes: Any) -> bytes:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "stop_reason": stop_reason,
        "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 1000, "output_tokens": 200},
    }
    return json.dumps({**message, **changes}).encode()


def error(type_: str, said: str) -> bytes:
    return json.dumps({"type": "error", "error": {"type": type_, "message": said}}).encode()


def invalid(said: str) -> bytes:
    return error("invalid_request_error", said)


NOTHING = DIAGNOSIS.model_copy(
    update={
        "headline": "",
        "primary": DIAGNOSIS.primary.model_copy(update={"diagnosis": "", "confidence": "high"}),
    }
).model_dump_json()
WAIT_FOR_A_PERSON: dict[str, tuple[int, bytes]] = {
    "organization disabled": (400, invalid("This organization has been disabled.")),
    "grammar": (400, invalid("The compiled grammar is too large, which would cause performance issues.")),
    "effort": (400, invalid("This model does not support the effort parameter.")),
    "schema": (400, invalid("output_config.format.schema: Invalid schema")),
    "max_tokens": (400, invalid("max_tokens: 64000 > 8192, which is the maximum allowed for claude-x")),
}
MODELS_SIDE: dict[str, tuple[int, bytes]] = {
    "an empty answer": (200, answer("")),
    "an answer that says nothing": (200, answer(NOTHING)),
    "a paused turn": (200, answer('{"timeline"', "pause_turn")),
    "no usage": (200, answer("{}", usage=None)),
    "content of nulls": (200, answer("{}", content=[None])),
    "text that is a number": (200, answer(5)),
    "a proxy's 403": (403, b"<html>blocked by policy</html>"),
    "a proxy's 404": (404, b"<html>not here</html>"),
    "half an emoji in an error": (500, error("api_error", "broke \ud83d \uffff")),
}


@pytest.mark.parametrize(("status", "body"), WAIT_FOR_A_PERSON.values(), ids=list(WAIT_FOR_A_PERSON))
def test_what_a_person_has_to_mend_closes_the_gate_and_fails_nothing(
    asked: Asked, status: int, body: bytes
) -> None:
    item = asked.diagnose(body, status)

    assert (item["diagnosis_status"], item["deferred_for"]) == ("deferred", "gate")
    assert asked.pipeline.diagnose_ticket.capacity.read().gate == "account"


@pytest.mark.parametrize(("status", "body"), MODELS_SIDE.values(), ids=list(MODELS_SIDE))
def test_what_may_be_anybodys_fault_makes_this_ticket_wait(asked: Asked, status: int, body: bytes) -> None:
    item = asked.diagnose(body, status)

    assert item["diagnosis_status"] == "deferred"
    assert item["diagnosis"].startswith("## Diagnosis error")
    assert "\uffff" not in json.dumps(item, default=str, ensure_ascii=False)
    assert asked.pipeline.diagnose_ticket.capacity.read().gate != "account"


@pytest.mark.parametrize("status", [200, 500, 529])
def test_an_overloaded_claude_is_waited_for_whatever_its_status(asked: Asked, status: int) -> None:
    item = asked.diagnose(error("overloaded_error", "Overloaded"), status)

    assert (item["diagnosis_status"], item["deferred_for"]) == ("deferred", "gate")
    assert asked.pipeline.diagnose_ticket.capacity.read().gate == "shared"


def test_filtered_output_fails_the_ticket_as_a_refusal_does(asked: Asked) -> None:
    item = asked.diagnose(invalid("Output blocked by content filtering policy"), 400)

    assert (item["diagnosis_status"], item["diagnosis_error"]["kind"]) == ("failed", "refusal")


@pytest.mark.parametrize(
    ("wanted", "before", "calls"),
    [
        (True, {}, 2),
        (False, {}, 1),
        (True, {"attempts": 1, "diagnosis_status": "pending"}, 1),
        (True, {"answers_unused": 1, "diagnosis_status": "pending"}, 1),
    ],
    ids=["wanted", "not wanted", "an earlier attempt may have been paid for", "an earlier answer was"],
)
def test_an_answer_that_fails_a_check_costs_two_calls_at_the_most(
    asked: Asked, wanted: bool, before: dict[str, Any], calls: int
) -> None:
    use_case = asked.pipeline.diagnose_ticket
    limits = replace(use_case.limits, ask_again=wanted)
    asked.pipeline.diagnose_ticket = replace(use_case, limits=limits)

    item = asked.diagnose(answer(DIAGNOSIS.model_dump_json()), **before)

    asked.pipeline.diagnose_ticket = use_case
    assert item["diagnosis_status"] == "done"
    assert item["diagnosis_usage"]["input_tokens"] == calls * 1000
    assert (ASKED_AGAIN in item["diagnosis_notes"]) is (calls == 2)
    assert item["diagnosis_record"]["doubts"]


@pytest.mark.parametrize("bad", ["\ud83d", "\uffff", r"\ud83d", r"\u0000"], ids=ascii)
def test_a_bad_character_does_not_cost_the_paid_diagnosis(asked: Asked, bad: str) -> None:
    item = asked.diagnose(answer(DIAGNOSIS.model_dump_json().replace("worn", f"w{bad}orn")))

    assert item["diagnosis_status"] == "done"
    assert item["diagnosis_record"]["answer"]["primary"]["diagnosis"] == "a worn disk"
