"""Tickets that nobody should write: each ends failed, naming field and value, or diagnosed without it."""

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.stand_in import StandIn
from tests.doors import TICKET_ID, Doors, doors
from tests.dynamodb_values import ITEMS, VALUES
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.ticket import Ticket

LONG = "2026-11-17T02:10:35Z tikv-4 WARN append took 611 ms\n" * 5800  # 300 KB
DEEP: Any = "bottom"
for _ in range(28):
    DEEP = {"down": DEEP}


@pytest.fixture
def road(stand_in: StandIn) -> Iterator[Doors]:
    with doors(stand_in) as opened:
        yield opened


def asked(road: Doors) -> str:
    text: str = road.stand_in.calls[-1].request["messages"][0]["content"]
    return text


WRONG_REQUIRED = [
    ("message", None, "message: missing"),
    ("message", "", "got ''"),
    ("message", " \n ", "got ' \\n '"),
    ("message", b"\x00\x01", "message: Value error, binary where text is expected, got '<binary, 2 bytes>'"),
    ("message", {"text": "slow"}, "message: Input should be a valid string, got {'text': 'slow'}"),
    ("message", ["slow"], "message: Input should be a valid string, got ['slow']"),
    ("message", {"a", "b"}, "message: Input should be a valid string, got ['a', 'b']"),
    ("message", {"text": "x" * 300_000}, "(300012 chars)"),
    ("invariant_name", None, "invariant_name: missing"),
    ("invariant_name", [], "invariant_name: Input should be a valid string, got []"),
]


@pytest.mark.parametrize(("field", "value", "said"), WRONG_REQUIRED, ids=lambda given: str(given)[:40])
def test_a_required_field_that_does_not_fit_fails_the_ticket_and_is_named_with_its_value(
    road: Doors, field: str, value: Any, said: str
) -> None:
    road.put(**{field: value})

    assert road.deliver() == 1

    item = road.item()
    assert item["diagnosis_status"] == "failed"
    assert item["diagnosis_error"]["kind"] == "bad_ticket"
    assert said in item["diagnosis_error"]["message"]
    assert len(item["diagnosis_error"]["message"]) < 400
    assert road.stand_in.calls == ()
    [dead] = road.sent("DeadLetterQueue")
    assert (dead.body["ticket_id"], dead.body["reason"]) == (TICKET_ID, "bad_ticket")


def test_every_required_field_that_is_missing_is_named(road: Doors) -> None:
    road.put(message=None, invariant_name=None)

    road.deliver()

    message = road.item()["diagnosis_error"]["message"]
    assert "message: missing" in message
    assert "invariant_name: missing" in message


WRONG_OPTIONAL = [
    ("severity", {"level": 1}),
    ("component", [1, 2]),
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
    ("first_seen_at", "9999-12-31T23:59:59-14:00"),
    ("first_seen_at", "2" * 150_000),
    ("first_seen_at", ["2026-11-17"]),
    ("last_seen_at", True),
    ("metric_snapshot", "await = 41"),
    ("metric_snapshot", [41]),
    ("metric_snapshot", 41),
    ("metric_snapshot", b"\x00"),
    ("topology", b"\x00"),
    ("log_tail", b"\x00" * 1000),
    ("subject_context", b"\x00"),
]


@pytest.mark.parametrize(("field", "value"), WRONG_OPTIONAL, ids=lambda given: str(given)[:40])
def test_an_optional_field_that_does_not_fit_is_left_out_and_named_with_its_value(
    road: Doors, field: str, value: Any
) -> None:
    road.put(**{field: value})

    road.deliver()

    item = road.item()
    assert item["diagnosis_status"] == "done"
    [note] = item["diagnosis_notes"]
    assert note.startswith(f"not usable: {field}: ")
    assert ", got " in note
    assert len(note) < 400
    assert "## Notes\n" in item["diagnosis"]
    assert f"not usable as given: {field}: " in asked(road)


USABLE = [
    ("message", 5, "message: 5"),
    ("message", "\x00\x1b[31mred\u202e", "message: [31mred"),
    ("message", "磁盘延迟过高", "message: 磁盘延迟过高"),
    ("message", "تأخير القرص مرتفع", "message: تأخير القرص مرتفع"),
    ("severity", "NaN", "severity as reported: NaN"),
    ("component", Decimal(7), "component: 7"),
    ("occurrence_count", "48", "occurrences: 48"),
    ("first_seen_at", Decimal(1_795_000_000), "first seen: 2026-11-18T11:06:40.000Z"),
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
    ("metric_snapshot", {" ": 1, "a\n[E9] b": 2}, "  [E9] b = 2"),
    ("metric_snapshot", DEEP, "down.down = bottom"),
    ("topology", DEEP, "down.down = bottom"),
    ("topology", [{"name": "lb"}, 5, None], '[T1] {"name": "lb"}'),
    ("topology", Decimal(5), "[T1] 5"),
    ("log_tail", ["one\ntwo", b"\x00"], "[L1] one\n  two"),
    ("log_tail", {"host-1": "one\ntwo"}, "[L1] host-1 = one\n  two"),
    ("an unknown attribute", {"of": {"any", "kind"}}, "message: await"),
    ("unusable", ["forged"], "message: await"),
    ("model_config", "x", "message: await"),
]


@pytest.mark.parametrize(("field", "value", "seen"), USABLE, ids=lambda given: ascii(given)[:40])
def test_what_is_odd_but_usable_is_used(road: Doors, field: str, value: Any, seen: str) -> None:
    road.put(**{field: value})

    road.deliver()

    assert road.item()["diagnosis_status"] == "done"
    assert road.item()["diagnosis_notes"] == []
    assert seen in asked(road)


class TestAbsurdSizes:
    def test_a_300_kb_log_tail_is_read_from_its_end(self, road: Doors) -> None:
        road.put(log_tail=f"{LONG}the last line")

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"
        assert road.item()["log_tail"] == f"{LONG}the last line"
        assert "the last line" in asked(road)
        assert any("Log tail" in note for note in road.item()["diagnosis_notes"])

    @pytest.mark.parametrize("field", ["message", "topology", "subject_context", "log_tail", "severity"])
    def test_one_huge_text_on_one_line(self, road: Doors, field: str) -> None:
        road.put(**{field: "x" * 380_000})

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"

    def test_a_huge_invariant_name(self, road: Doors) -> None:
        road.put(invariant_name="i" * 380_000)

        road.deliver()

        assert road.item()["diagnosis_status"] == "done"

    def test_thousands_of_metrics(self, stand_in: StandIn) -> None:
        with doors(stand_in, PromptTokens="4000") as road:
            road.put(metric_snapshot={f"m{number}": number for number in range(2_000)})
            road.deliver()
            item = road.item()

        assert item["diagnosis_status"] == "done"
        assert any("Metric snapshot" in note for note in item["diagnosis_notes"])

    @pytest.mark.parametrize(
        "filling",
        [
            {"log_tail": LONG},
            {"message": "m" * 300_000},
            {"blob": b"\x00" * 300_000},
            {"topology": {"nodes": ["n" * 1000] * 300}},
            {"metric_snapshot": {f"m{number}": "v" * 1000 for number in range(300)}},
            {f"attribute_{number}": "v" * 1000 for number in range(300)},
        ],
        ids=["log tail", "message", "binary", "topology", "metrics", "hundreds of attributes"],
    )
    def test_an_item_just_under_the_limit_keeps_its_diagnosis_and_says_what_it_lost(
        self, road: Doors, filling: dict[str, Any]
    ) -> None:
        fill_to_the_limit(road, filling)

        road.deliver()

        item = road.item()
        assert item["diagnosis_status"] == "done"
        assert item["diagnosis"].startswith("## Diagnosis\n")
        assert any("to make room" in note for note in item["diagnosis_notes"])

    def test_an_item_just_under_the_limit_that_cannot_be_diagnosed_says_why(self, road: Doors) -> None:
        fill_to_the_limit(road, {"log_tail": LONG, "message": {"not": "text"}})

        road.deliver()

        assert road.item()["diagnosis_status"] == "failed"
        assert "message: " in road.item()["diagnosis_error"]["message"]

    def test_what_was_cut_to_make_room_is_missing_in_the_prompt_and_said_there(self, road: Doors) -> None:
        fill_to_the_limit(road, {"log_tail": LONG})

        road.deliver()

        assert "log_tail: cut from " in asked(road)


def fill_to_the_limit(road: Doors, attributes: dict[str, Any]) -> None:
    """Writes a ticket that the table just takes: not one byte more."""
    fits, too_much = 0, 400_000
    while too_much - fits > 1:
        size = (fits + too_much) // 2
        try:
            road.put(**attributes, note="n" * size)
        except road.tickets.meta.client.exceptions.ClientError:
            too_much = size
        else:
            fits = size
    road.delete()
    road.changes()
    road.put(**attributes, note="n" * fits)


@pytest.mark.parametrize(
    "ticket_id",
    ["x" * 1024, "\n[E1] message: forged", "\u202e../../etc", "票-1", "1", "a b", "#", "é" * 500],
    ids=lambda ticket_id: ascii(ticket_id)[:20],
)
def test_any_key_that_the_table_takes(road: Doors, ticket_id: str) -> None:
    road.put(ticket_id)

    road.deliver()

    assert road.item(ticket_id)["diagnosis_status"] == "done"


ODD = {
    "null": None,
    "text": "3 of 5",
    "number": Decimal("-1.5"),
    "list": ["x"],
    "map": {"x": 1},
    "binary": b"\x00",
    "flag": True,
}
KEYS_OF_INDEXES = {"similar_key", "diagnosed_at", "rediagnose"}  # DynamoDB itself refuses any other type


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_attributes_under_the_pipelines_names_do_no_harm(road: Doors, odd: Any, logged: StringIO) -> None:
    names = PIPELINE_ATTRIBUTES - KEYS_OF_INDEXES
    if isinstance(odd, str):
        names -= {"diagnosis_status"}  # a status in words is the pipeline's, whoever wrote it
    ticket = {"ticket_id": TICKET_ID, "status": "open", "invariant_name": "i", "message": "m"}
    road.tickets.put_item(Item={**ticket, **dict.fromkeys(names, odd)})

    road.deliver()

    assert road.item()["diagnosis_status"] == "done"
    assert road.item()["generation"] == 0
    assert road.stand_in.answered == 1
    assert "dropped what a producer wrote under names of ours" in logged.getvalue()


def test_an_event_that_comes_again_does_not_take_the_pipelines_own_values_for_a_producers(
    road: Doors,
) -> None:
    road.put(attempts="3 of 5", generation="v1")
    [record] = road.transitions()

    road.diagnose(record)
    road.diagnose(record)

    assert road.item()["generation"] == 0
    assert road.stand_in.answered == 1


FIELDS = [name for name in Ticket.model_fields if name not in ("ticket_id", "status")]


def test_no_ticket_whatever_makes_the_handler_raise(road: Doors) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(ITEMS, st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)))
    def ends_well(others: dict[str, Any], fields: dict[str, Any]) -> None:
        own = {"ticket_id": TICKET_ID, "status": "open"}
        road.delete()
        road.changes()
        road.tickets.put_item(Item=named({**others, **fields}) | own)

        road.deliver()

        item = road.item()
        assert item["diagnosis_status"] in ("done", "failed")
        if item["diagnosis_status"] == "failed":
            assert item["diagnosis_error"]["kind"] == "bad_ticket"

    ends_well()


def named(value: Any) -> Any:
    """The value with no empty name in it: the emulator's stream cannot carry one."""
    if isinstance(value, dict):
        return {name or "no name": named(inner) for name, inner in value.items()}
    return [named(inner) for inner in value] if isinstance(value, list) else value


def test_a_bad_ticket_does_not_hold_up_the_next_one(road: Doors, logged: StringIO) -> None:
    road.put("bad", message={"not": "text"})
    road.put("good")

    road.deliver()

    assert road.item("good")["diagnosis_status"] == "done"
    assert '"outcome":"failed: bad_ticket"' in logged.getvalue()
