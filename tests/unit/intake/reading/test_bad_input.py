"""Whatever comes is either read, bounded and clean, or refused with the field and its value."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from intake.observation import Observation
from intake.reading.envelope import UnreadableError, read_json
from intake.reading.message import MOST_BYTES, read_message
from runtime.characters import clean
from runtime.items import storable
from tests.unit.intake.reading.test_message import ALARMS, observed, sample
from tickets.ticket import Ticket

NAMES = (*ALARMS, "metric-ok", "ticket-opened", "ticket-resolved")
WRONG: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e300, 1e-300, 10**60),
    *("", "x" * 10_000, "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "\u202e<b>@here</b>\x00\ud800"),
    *([], {}, [[]], {"": {"a": None}}),
)
"""What stands in a field instead."""


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from fields(each, (*path, key))


def spoilt(event: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    copy = deepcopy(event)
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    return copy


def assert_storable(observation: Observation) -> None:
    item = {"ticket_id": "T", "status": "open", "violation_key": observation.violation_key}
    item |= storable(observation.ticket)
    TypeSerializer().serialize(item)
    assert len(observation.violation_key.encode()) <= 1024
    assert observation.at_ms > 0
    for text in texts((observation.ticket, observation.reason, observation.violation_key)):
        assert clean(text) == text
    if observation.ticket:
        Ticket.from_item(item)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def some(number: int) -> Iterator[Any]:
    """Two of the wrong values, others for each number."""
    yield from (WRONG[(number * step) % len(WRONG)] for step in (1, 7))


def assert_refused_or_read(event: Any) -> None:
    try:
        observation = observed(event)
    except UnreadableError as error:
        assert 0 < len(str(error)) < 600  # noqa: PT017 - one of two ways to end well
    else:
        assert_storable(observation)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_value_in_any_field_is_refused_or_costs_itself_alone(name: str) -> None:
    event = sample(name)
    for number, path in enumerate(fields(event)):
        for wrong in some(number):
            assert_refused_or_read(spoilt(event, path, wrong))


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_any_wrong_value_in_any_field_is_refused_or_costs_itself_alone(name: str) -> None:
    event = sample(name)
    for path in fields(event):
        for wrong in WRONG:
            assert_refused_or_read(spoilt(event, path, wrong))


@pytest.mark.parametrize("name", ALARMS)
def test_wrong_values_in_the_reasons_data_cost_the_datapoints_alone(name: str) -> None:
    event = sample(name)
    data = json.loads(event["detail"]["state"]["reasonData"])
    for number, path in enumerate(fields(data)):
        for wrong in some(number):
            event["detail"]["state"]["reasonData"] = json.dumps(spoilt(data, path, wrong))
            assert_storable(observed(event))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "body: must be JSON, 0 characters are not"),
        ("{", "body: must be JSON, 1 characters are not"),
        ("[1]", "body: must be a JSON object, got list"),
        ('{"a": NaN}', "body: must be JSON, 10 characters are not"),
        ("[" * 100_000, "body: nested too deep, 100000 characters"),
        ('{"detail": {}}', "id: missing"),
    ],
)
def test_what_is_no_event_is_refused(body: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        read_message(read_json(body), "warning")
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        (
            "metric",
            {"detail-type": "EC2 Instance State-change Notification"},
            "detail-type: must be CloudWatch",
        ),
        (
            "metric",
            {"source": "com.example"},
            "detail-type: must be CloudWatch Alarm State Change, Ticket Opened",
        ),
        ("ticket-opened", {"source": "differential"}, "detail-type: must be"),
        ("metric", {"detail": {"alarmName": "a"}}, "detail.state: missing"),
        ("ticket-opened", {"detail": {"version": 2}}, "detail.version: must be 1, got 2"),
        ("ticket-resolved", {"detail": {"version": 1, "violation_key": "k"}}, "detail.at: missing"),
        (
            "ticket-resolved",
            {"detail": {"version": 1, "violation_key": "k" * 1025, "at": 1_795_831_802}},
            "detail.violation_key: ",
        ),
        (
            "ticket-resolved",
            {"detail": {"version": 1, "violation_key": "k", "at": 0}},
            "detail.at: must be a time, got 0",
        ),
        (
            "ticket-opened",
            {"detail": {"version": 1, "violation_key": "k", "at": 1_795_831_802, "ticket": {"message": "m"}}},
            "detail.ticket.invariant_name: missing",
        ),
    ],
)
def test_an_event_that_is_not_what_its_type_says_is_refused_by_its_field(
    name: str, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnreadableError) as raised:
        observed(sample(name) | change)
    assert str(raised.value).startswith(reason)
    assert ", got " not in raised.value.without_value


def test_a_name_of_ten_thousand_characters_is_shortened_and_still_one_violation() -> None:
    event = sample("metric")
    name = "*[x](http://evil.example)* @channel \x1b[31m" + "e" * 10_000
    event["detail"]["alarmName"] = name
    event["resources"] = [f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"]
    other = deepcopy(event)
    other["resources"] = [event["resources"][0] + "!"]

    observation = observed(event)

    assert_storable(observation)
    assert len(observation.ticket["invariant_name"].encode()) <= 512
    assert observed(event).violation_key == observation.violation_key != observed(other).violation_key


def test_a_ticket_too_large_for_the_table_is_refused() -> None:
    event = sample("ticket-opened")
    event["detail"]["ticket"]["log_tail"] = "a line\n" * (MOST_BYTES // 7)

    with pytest.raises(UnreadableError, match="ticket: must have at most 262144 bytes, got"):
        observed(event)
