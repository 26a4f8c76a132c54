"""Messages that bring tickets back: ours go round unchanged, all others are refused with a reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.faults import shown
from tickets.states import MAX_GENERATION
from tickets.wake_up import BadMessageError, FailedTicket, GateOpens, read_message

OURS = {
    "ticket_id": "T-1",
    "generation": 3,
    "kind": "failed",
    "reason": "refused",
}


def body(**fields: Any) -> str:
    return json.dumps({**OURS, **fields})


def test_a_message_says_which_ticket_failed_in_which_generation_and_why() -> None:
    message = read_message(body())
    assert isinstance(message, FailedTicket)

    assert (message.ticket_id, message.generation, message.reason) == ("T-1", 3, "refused")


def test_a_message_may_leave_out_why() -> None:
    message = read_message(json.dumps({"ticket_id": "T-1", "generation": 0, "kind": "failed"}))
    assert isinstance(message, FailedTicket)

    assert message.reason == ""


@given(
    ticket_id=st.text(min_size=1, max_size=500),
    generation=st.integers(0, 10**6),
    reason=st.text(max_size=300),
)
def test_what_is_written_is_read(**fields: Any) -> None:
    message = FailedTicket(kind="failed", **fields)

    assert read_message(message.model_dump_json()) == message


def test_the_message_that_the_gate_opens_says_when() -> None:
    message = GateOpens(kind="gate", opens_at=1_800_000_000)

    assert read_message(message.model_dump_json()) == message


def test_fields_that_we_do_not_know_are_ignored() -> None:
    assert read_message(body(added_by="a later version")) == read_message(body())


@pytest.mark.parametrize("text", ["", "hello", "{", "[]", '"T-1"', "null", "17", "\x00", "{}x"])
def test_a_malformed_body_is_refused_and_shown(text: str) -> None:
    with pytest.raises(BadMessageError, match=r"^body: must be (JSON \(.*\)|a JSON object), got "):
        read_message(text)


LONG, LONG_IN_BYTES = "x" * 2049, "店" * 683


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("ticket_id", "", "must not be empty"),
        ("ticket_id", 17, "must be text"),
        ("ticket_id", None, "must be text"),
        ("ticket_id", LONG, "must be text of at most 2048 bytes"),
        ("ticket_id", LONG_IN_BYTES, "must be text of at most 2048 bytes"),
        ("generation", -1, "must be 0 or more"),
        ("generation", "three", "must be a whole number"),
        ("generation", None, "must be a whole number"),
        ("generation", 1.5, "must be a whole number"),
        ("generation", 10**39, f"must be {MAX_GENERATION} or less"),
        ("kind", "done", "must be 'failed'"),
        ("kind", None, "must be 'failed'"),
        ("reason", {"why": "busy"}, "must be text"),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_its_value_and_what_it_must_be(
    field: str, value: Any, wanted: str
) -> None:
    with pytest.raises(BadMessageError) as refused:
        read_message(body(**{field: value}))

    assert str(refused.value) == f"{field}: {wanted}, got {shown(value)}"


@pytest.mark.parametrize("field", ["ticket_id", "generation", "kind"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(BadMessageError, match=f"^{field}: missing"):
        read_message(json.dumps({name: value for name, value in OURS.items() if name != field}))


@pytest.mark.parametrize(
    "foreign",
    [
        # a position that a stream's mapping gave up, as the stream-failure queue holds it
        {"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {"batchSize": 1}},
        {"Type": "Notification", "Message": "ALARM"},
        {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]},
    ],
)
def test_another_services_message_is_refused(foreign: dict[str, Any]) -> None:
    with pytest.raises(BadMessageError, match=r"^ticket_id: missing"):
        read_message(json.dumps(foreign))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_048_576,
        json.dumps({"kind": "failed", "generation": 0, "ticket_id": "x" * 1_000_000}),
        json.dumps({**OURS, "kind": "x" * 1_000_000}),
        "[" * 100_000,
    ],
)
def test_an_oversized_body_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(BadMessageError) as refused:
        read_message(text)

    assert len(str(refused.value)) < 300


@given(st.text(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_body_raises_anything_else(text: str) -> None:
    with pytest.raises(BadMessageError):
        read_message(text)
