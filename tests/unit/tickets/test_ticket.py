"""The ticket's model: what producers may leave out, what they may write instead, and what is refused."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.unreadable import Unreadable
from tests.support.dynamodb_values import VALUES
from tickets.plain import plain
from tickets.states import Status
from tickets.ticket import BadTicketError, Ticket

LEAST = {"ticket_id": "T-1", "status": "open", "invariant_name": "store_up", "message": "store 4 is down"}
REQUIRED = tuple(LEAST)
OPTIONAL = tuple(name for name, field in Ticket.model_fields.items() if not field.is_required())


def ticket(**attributes: Any) -> Ticket:
    return Ticket.from_item({**LEAST, **attributes})


def test_four_attributes_are_enough() -> None:
    least = ticket()

    assert (least.ticket_id, least.status) == ("T-1", Status.OPEN)
    assert (least.invariant_name, least.message) == ("store_up", "store 4 is down")
    assert (least.severity, least.occurrence_count, least.held) == ("warning", 1, False)
    assert (least.component, least.subject, least.violation_key, least.batch_key) == ("", "", "", "")
    assert (least.first_seen_at, least.last_seen_at) == (None, None)
    assert (least.metric_snapshot, least.topology, least.log_tail, least.subject_context) == ({}, "", "", "")
    assert least.unusable == ()


@pytest.mark.parametrize("name", REQUIRED)
def test_a_ticket_without_a_required_attribute_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(BadTicketError, match=f"^{name}: missing$"):
        Ticket.from_item({key: value for key, value in LEAST.items() if key != name})


@pytest.mark.parametrize("name", REQUIRED)
def test_null_is_as_good_as_missing(name: str) -> None:
    with pytest.raises(BadTicketError, match=f"^{name}: missing$"):
        ticket(**{name: None})


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("message", "", '""'),
        ("message", "   \n", r'"   \n"'),
        ("message", {"text": "down"}, '{"text": "down"}'),
        ("message", ["down"], '["down"]'),
        ("message", b"\x00\x01", '"<binary, 2 bytes>"'),
        ("ticket_id", "", '""'),
        ("invariant_name", {"a", "b"}, '["a", "b"]'),
        ("status", "opne", '"opne"'),
        ("status", Decimal(1), "1"),
        ("status", b"open", '"<binary, 4 bytes>"'),
    ],
)
def test_a_required_attribute_that_does_not_fit_is_named_with_its_value(
    name: str, value: Any, shown: str
) -> None:
    with pytest.raises(BadTicketError) as refused:
        ticket(**{name: value})

    assert str(refused.value).startswith(f"{name}: ")
    assert str(refused.value).endswith(f"got {shown}")


def test_every_faulty_required_attribute_is_named_and_no_optional_one() -> None:
    with pytest.raises(BadTicketError) as refused:
        Ticket.from_item({"ticket_id": "T-1", "status": "opne", "message": [], "held": "perhaps"})

    faults = str(refused.value).split("; ")
    assert sorted(fault.split(":")[0] for fault in faults) == ["invariant_name", "message", "status"]


def test_a_long_value_is_shown_by_its_beginning_and_its_length() -> None:
    with pytest.raises(BadTicketError) as refused:
        ticket(message=["x" * 300_000])

    assert "… (300004 chars)" in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("component", b"\x04"),
        ("store_id", b"\x04"),
        ("violation_key", {"k": "v"}),
        ("severity", ["warning"]),
        ("first_seen_at", "yesterday"),
        ("first_seen_at", "NaN"),
        ("first_seen_at", "20260301120000"),
        ("first_seen_at", "17723664005"),
        ("first_seen_at", "Sun, 99 Mar 2026 12:00:00 GMT"),
        ("first_seen_at", "Sun, 01 Mar 2026 12:00:00 +99999999"),
        ("first_seen_at", "1 Mar 99"),
        ("first_seen_at", Decimal("1E+40")),
        ("first_seen_at", Decimal("-1E+40")),
        ("first_seen_at", Decimal("1E+60")),
        ("first_seen_at", "0001-01-01T00:00:00+14:00"),
        ("last_seen_at", {"at": "noon"}),
        ("last_seen_at", True),
        ("occurrence_count", Decimal("2.5")),
        ("occurrence_count", Decimal(-1)),
        ("occurrence_count", "NaN"),
        ("occurrence_count", "many"),
        ("held", "perhaps"),
        ("metric_snapshot", "disk.await_ms=41"),
        ("metric_snapshot", Decimal(1)),
        ("metric_snapshot", b"\x00"),
        ("topology", b"\x00" * 9),
        ("log_tail", b"\x00" * 9),
        ("subject_context", b"\x00" * 9),
    ],
)
def test_an_optional_attribute_that_does_not_fit_is_left_out_and_named_with_its_value(
    name: str, value: Any
) -> None:
    found = ticket(**{name: value})

    field = "component" if name == "store_id" else name
    assert getattr(found, field) == getattr(ticket(), field)
    assert len(found.unusable) == 1
    assert found.unusable[0].startswith(f"{name}: ")
    assert ": must be " in found.unusable[0]
    assert found.unusable[0].endswith(f"got {json.dumps(plain(value), default=float)}")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("held", Decimal("3.7"), "held: must be true or false, got 3.7"),
        ("occurrence_count", Decimal("2.5"), "occurrence_count: must be a whole number, 0 or more, got 2.5"),
        ("metric_snapshot", "await = 41", 'metric_snapshot: must be a map or a list, got "await = 41"'),
        ("severity", {"a": True}, 'severity: must be text, got {"a": true}'),
        ("store_id", b"4", 'store_id: must be text, a list or a map, got "<binary, 1 bytes>"'),
        (
            "first_seen_at",
            "noon",
            'first_seen_at: must be a time in ISO 8601 or RFC 1123, or epoch time, got "noon"',
        ),
        ("topology", b"x", 'topology: must be text, a list or a map, got "<binary, 1 bytes>"'),
    ],
)
def test_an_error_says_what_is_expected_in_a_producers_words(name: str, value: Any, said: str) -> None:
    assert ticket(**{name: value}).unusable == (said,)


def test_older_producers_store_id_is_the_component() -> None:
    assert ticket(store_id="tikv-4").component == "tikv-4"


@pytest.mark.parametrize("number", [Decimal(4), Decimal("4E+0"), 4])
def test_older_producers_integer_ids_are_text(number: Any) -> None:
    older = ticket(ticket_id=number, store_id=number, violation_key=number, batch_key=number)

    assert (older.ticket_id, older.component, older.violation_key, older.batch_key) == ("4", "4", "4", "4")


def test_component_goes_before_store_id() -> None:
    assert ticket(component="tikv-4", store_id=Decimal(4)).component == "tikv-4"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"service": "api", "shard": Decimal(4)}, '{"service": "api", "shard": 4}'),
        (["api", "db"], '["api", "db"]'),
    ],
)
def test_a_component_may_be_a_list_or_a_map(value: Any, shown: str) -> None:
    assert ticket(component=value).component == ticket(store_id=value).component == shown
    assert ticket(component=value).unusable == ()


def test_an_unusable_component_leaves_store_id_to_say_it() -> None:
    found = ticket(component=b"4", store_id=Decimal(4))

    assert found.component == "4"
    assert found.unusable[0].startswith("component: ")


def test_component_and_store_id_may_both_be_unusable() -> None:
    found = ticket(component=b"4", store_id=b"4")

    assert found.component == ""
    assert [fault.split(":")[0] for fault in found.unusable] == ["component", "store_id"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01 12:00:00.5", datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-01T14:00:00+02:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (Decimal(1772366400), datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (Decimal("1772366400.5"), datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        (Decimal(1772366400500), datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        (Decimal(1772366400500000), datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        (Decimal(1772366400500000000), datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("1772366400", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (" 1772366400.5 ", datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("1772366400500", datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("1712123112345", datetime(2024, 4, 3, 5, 45, 12, 345_000, tzinfo=UTC)),  # no 31 December 1712
        ("1772366400500000000", datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("20260301T120000Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("20260301", datetime(2026, 3, 1, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 12:00:00 GMT", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("Sun, 1 Mar 2026 13:00:00 +0100", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("01 Mar 2026 12:00:00 -0000", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("Sunday, 01-Mar-26 12:00:00 GMT", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_moment_becomes_utc(written: Any, moment: datetime) -> None:
    seen = ticket(first_seen_at=written).first_seen_at

    assert seen == moment
    assert seen.tzinfo == UTC


def test_numbers_keep_their_digits_and_whole_ones_become_integers() -> None:
    snapshot: Any = ticket(
        metric_snapshot={"await_ms": Decimal("41.20"), "regions": Decimal(1200), "huge": Decimal("1E+100")}
    ).metric_snapshot

    assert str(snapshot["await_ms"]) == "41.20"
    assert snapshot["regions"] == 1200
    assert type(snapshot["regions"]) is int
    assert (snapshot["huge"], type(snapshot["huge"])) == (10**100, int)


LOST = "<a value of DynamoDB's type Q that cannot be read>"


def test_what_cannot_be_read_is_named_wherever_it_is_and_the_rest_is_used() -> None:
    lost = Unreadable("Q")
    found = ticket(severity=lost, topology={"a": [1, lost]}, runbook=lost, store_id=lost)

    assert found.topology == {"a": [1, LOST]}
    assert (found.severity, found.component) == ("warning", "")
    assert set(found.unusable) == {
        f'severity: must be text, got "{LOST}"',
        f'store_id: must be text, a list or a map, got "{LOST}"',
        f"topology: holds {LOST}",
        f"runbook: holds {LOST}",
    }


def test_a_required_attribute_that_cannot_be_read_refuses_the_ticket() -> None:
    with pytest.raises(BadTicketError, match=f'message: must be text that is not empty, got "{LOST}"'):
        ticket(message=Unreadable("Q"))


def test_a_metric_snapshot_may_nest_and_hold_sets_and_binaries() -> None:
    nested = {"disk": {"await_ms": [Decimal("41.2"), None]}, "peers": {"b", "a"}, "raw": b"\x00\x01"}

    assert ticket(metric_snapshot=nested).metric_snapshot == {
        "disk": {"await_ms": [Decimal("41.2"), None]},
        "peers": ["a", "b"],
        "raw": "<binary, 2 bytes>",
    }


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf", "null", "undefined", "1e999"])
def test_text_that_looks_like_no_number_stays_text(value: str) -> None:
    found = ticket(message=value, metric_snapshot={"await_ms": value})

    assert (found.message, found.metric_snapshot) == (value, {"await_ms": value})


@pytest.mark.parametrize("value", ["a: b", {"upstream": ["gateway"]}, ["gateway", {"zone": "a"}]])
def test_inline_context_may_be_text_or_structure(value: Any) -> None:
    found = ticket(topology=value, log_tail=value, subject_context=value)

    assert (found.topology, found.log_tail, found.subject_context) == (value, value, value)
    assert found.unusable == ()


def test_a_message_in_another_language_with_control_characters_is_kept() -> None:
    message = "存储节点 4 下线\x00\x1b[31m — узел недоступен"

    assert ticket(message=message).message == message


def test_a_large_log_tail_is_kept_whole() -> None:
    assert len(str(ticket(log_tail="x" * 300_000).log_tail)) == 300_000


def test_attributes_that_the_model_does_not_know_are_ignored() -> None:
    found = ticket(
        runbook="https://example.com", generation=Decimal(3), unusable=["a trap"], model_config="x"
    )

    assert found == ticket()


def test_tickets_alike_share_their_invariant() -> None:
    assert ticket(ticket_id="T-1").similar_key == ticket(ticket_id="T-2", message="another").similar_key
    assert ticket(invariant_name="disk_latency").similar_key != ticket().similar_key


def test_the_key_of_similar_tickets_always_fits_a_dynamodb_key() -> None:
    assert len(ticket(invariant_name="🛢" * 5000).similar_key.encode()) <= 2048


def replacing(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """A few attributes with these names and any values."""
    return st.lists(st.tuples(st.sampled_from(names), VALUES), max_size=4).map(dict)


@given(replacing(*REQUIRED, *OPTIONAL, "store_id", "other"), st.sets(st.sampled_from(REQUIRED), max_size=1))
def test_any_item_is_a_ticket_or_is_refused_for_a_required_attribute(
    attributes: dict[str, Any], left_out: set[str]
) -> None:
    item = {name: value for name, value in {**LEAST, **attributes}.items() if name not in left_out}

    try:
        found = Ticket.from_item(item)
    except BadTicketError as error:
        named = {name for name in REQUIRED if f"{name}: " in str(error)}
        assert left_out <= named
        assert named & (left_out | attributes.keys())
    else:
        assert not left_out
        assert found.message


@given(replacing(*OPTIONAL, "store_id", "other"))
def test_no_optional_attribute_can_spoil_a_ticket(attributes: dict[str, Any]) -> None:
    found = ticket(**attributes)

    assert {fault.split(":")[0] for fault in found.unusable} <= attributes.keys() - {"other"}
    assert found.message == LEAST["message"]
