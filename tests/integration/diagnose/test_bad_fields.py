"""Fields that do not fit: the ticket ends failed, naming field and value, or diagnosed without them."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from local.claude.server import StandIn
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline

DEEP: Any = "bottom"
for _ in range(28):
    DEEP = {"down": DEEP}
NUMBERS = count(1)


@pytest.fixture(scope="module")
def pipeline() -> Iterator[InvokedPipeline]:
    with StandIn() as stand_in, invoked_pipeline(stand_in) as opened:
        yield opened


@pytest.fixture
def ticket_id() -> str:
    """A ticket of the test's own on the pipeline that all share."""
    return f"t-{next(NUMBERS)}"


WRONG_REQUIRED = [
    ("message", None, "message: missing"),
    ("message", "", 'got ""'),
    ("message", " \n ", r'got " \n "'),
    ("message", b"\x00\x01", 'message: must be text that is not empty, got "<binary, 2 bytes>"'),
    ("message", {"text": "slow"}, 'message: must be text that is not empty, got {"text": "slow"}'),
    ("message", ["slow"], 'message: must be text that is not empty, got ["slow"]'),
    ("message", {"a"}, 'message: must be text that is not empty, got ["a"]'),
    ("message", {"text": "x" * 300_000}, "(300012 chars)"),
    ("invariant_name", None, "invariant_name: missing"),
    ("invariant_name", [], "invariant_name: must be text that is not empty, got []"),
]


@pytest.mark.parametrize(("field", "value", "said"), WRONG_REQUIRED, ids=lambda given: str(given)[:40])
def test_a_required_field_that_does_not_fit_fails_the_ticket_and_is_named_with_its_value(
    pipeline: InvokedPipeline, ticket_id: str, field: str, value: Any, said: str
) -> None:
    answered = pipeline.stand_in.answered
    pipeline.put(ticket_id, **{"invariant_name": ticket_id, field: value})

    assert pipeline.deliver() == 1

    item = pipeline.item(ticket_id)
    assert item["diagnosis_status"] == "failed"
    assert item["diagnosis_error"]["kind"] == "bad_ticket"
    assert said in item["diagnosis_error"]["message"]
    assert len(item["diagnosis_error"]["message"]) < 400
    assert pipeline.stand_in.answered == answered
    dead = pipeline.sent("DeadLetterQueue")[-1].body
    assert (dead["ticket_id"], dead["reason"]) == (ticket_id, "bad_ticket")


def test_every_required_field_that_is_missing_is_named(pipeline: InvokedPipeline, ticket_id: str) -> None:
    pipeline.put(ticket_id, message=None, invariant_name=None)

    pipeline.deliver()

    message = pipeline.item(ticket_id)["diagnosis_error"]["message"]
    assert "message: missing" in message
    assert "invariant_name: missing" in message


WRONG_OPTIONAL = [
    ("severity", {"level": 1}),
    ("component", b"\x00"),
    ("subject", b"\x00"),
    ("batch_key", {"a"}),
    ("violation_key", {"a": 1}),
    ("occurrence_count", "many"),
    ("occurrence_count", -1),
    ("occurrence_count", Decimal("1.5")),
    ("held", "perhaps"),
    ("first_seen_at", "yesterday"),
    ("first_seen_at", "NaN"),
    ("first_seen_at", "Infinity"),
    ("first_seen_at", Decimal("1E+100")),
    ("first_seen_at", Decimal("-1E+20")),
    ("first_seen_at", "0001-01-01T00:00:00+14:00"),
    ("first_seen_at", "0001-01-01T00:00:00Z"),
    ("first_seen_at", 0),
    ("first_seen_at", "9999-12-31T23:59:59-14:00"),
    ("first_seen_at", "2" * 150_000),
    ("first_seen_at", ["2026-11-17"]),
    ("last_seen_at", True),
    ("metric_snapshot", "await = 41"),
    ("metric_snapshot", 41),
    ("metric_snapshot", b"\x00"),
    ("topology", b"\x00"),
    ("log_tail", b"\x00" * 1000),
    ("subject_context", b"\x00"),
]


@pytest.mark.parametrize(("field", "value"), WRONG_OPTIONAL, ids=lambda given: str(given)[:40])
def test_an_optional_field_that_does_not_fit_is_left_out_and_named_with_its_value(
    pipeline: InvokedPipeline, ticket_id: str, field: str, value: Any
) -> None:
    pipeline.put(ticket_id, **{"invariant_name": ticket_id, field: value})

    pipeline.deliver()

    item = pipeline.item(ticket_id)
    assert item["diagnosis_status"] == "done"
    [note] = item["diagnosis_notes"]
    assert note.startswith(f"not usable: {field}: ")
    assert ", got " in note
    assert len(note) < 400
    assert "## Notes\n" in item["diagnosis"]
    assert f"not usable as given: {field}: " in pipeline.asked()


USABLE = [
    ("message", 5, "message: 5"),
    ("message", "\x00\x1b[31mred\u202e", "message: red"),
    ("message", "磁盘延迟过高", "message: 磁盘延迟过高"),
    ("message", "تأخير القرص مرتفع", "message: تأخير القرص مرتفع"),
    ("severity", "NaN", "severity as reported: NaN"),
    ("component", Decimal(7), "component: 7"),
    ("component", {"service": "api", "shard": 4}, 'component: {"service": "api", "shard": 4}'),
    ("component", ["api", "db"], 'component: ["api", "db"]'),
    ("metric_snapshot", [41, {"await": Decimal("1.5")}], '[M2] {"await": 1.5}'),
    (
        "metric_snapshot",
        [{"Timestamp": "2026-11-17T02:10:00Z", "Average": Decimal("93.1"), "Unit": "Percent"}],
        "[M1] Average: 93.1 % at 2026-11-17T02:10:00Z (",
    ),
    ("occurrence_count", "48", "occurrences: 48"),
    ("first_seen_at", Decimal(1_795_000_000), "first seen: 2026-11-18T11:06:40Z (at the onset)"),
    ("first_seen_at", Decimal(1_795_000_000_250), "first seen: 2026-11-18T11:06:40.25Z (at the onset)"),
    ("first_seen_at", "1795000000", "first seen: 2026-11-18T11:06:40Z (at the onset)"),
    ("last_seen_at", "Wed, 18 Nov 2026 11:06:40 GMT", "last seen: 2026-11-18T11:06:40Z (at the onset)"),
    ("first_seen_at", "9999-12-31T23:59:59.999999Z", "message: await"),
    ("metric_snapshot", {"ratio": "NaN", "rate": "-Infinity", "n": "1e999"}, "[M2] rate = -Infinity"),
    ("metric_snapshot", {"big": Decimal("9.9E+125")}, "[M1] big = 99000000"),
    (
        "metric_snapshot",
        {"exact": Decimal("0.12345678901234567890123456789012345678")},
        "0.1234567890123456789",
    ),
    (
        "metric_snapshot",
        {"blob": b"\x00\x01", "nothing": None, "hosts": {"b", "a"}},
        '[M3] hosts = ["a", "b"]',
    ),
    ("metric_snapshot", {" ": 1, "a\n[E9] b": 2}, "  (E9) b = 2"),
    ("metric_snapshot", DEEP, "down.down = bottom"),
    ("topology", DEEP, "down.down = bottom"),
    ("topology", [{"name": "lb"}, 5, None], '[T1] {"name": "lb"}'),
    ("topology", Decimal(5), "[T1] 5"),
    ("log_tail", ["one\ntwo", b"\x00"], "[L1] one\n[L2] two"),
    ("log_tail", {"host-1": "one\ntwo"}, "[L1] host-1: one\n[L2] host-1: two"),
    ("an unknown attribute", {"of": {"any kind"}}, "message: await"),
    ("unusable", ["forged"], "message: await"),
    ("model_config", "x", "message: await"),
]


@pytest.mark.parametrize(("field", "value", "seen"), USABLE, ids=lambda given: ascii(given)[:40])
def test_what_is_odd_but_usable_is_used(
    pipeline: InvokedPipeline, ticket_id: str, field: str, value: Any, seen: str
) -> None:
    pipeline.put(ticket_id, **{"invariant_name": ticket_id, field: value})

    pipeline.deliver()

    assert pipeline.item(ticket_id)["diagnosis_status"] == "done"
    assert pipeline.item(ticket_id)["diagnosis_notes"] == []
    assert seen in pipeline.asked()
