"""What lies in events/ agrees with itself, with the ticket's rules and with the template's filter."""

import hashlib
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto.events.models import EventPattern

from local.aws.mappings import stream_settings
from local.aws.template import Template
from local.demo.events import LIVE, load_event, load_ticket, ticket_names
from runtime.item_size import size_of
from runtime.settings import Settings
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.ticket import Ticket
from tickets.urgency import is_due
from tickets.wake_up import FailedTicket, GateOpens, read_message

STREAM_EVENTS = {  # name -> (eventName, images, whether the mapping's filter lets it pass)
    "diagnose-insert": ("INSERT", {"NewImage"}, True),
    "diagnose-rearmed": ("MODIFY", {"NewImage", "OldImage"}, True),
    "diagnose-rediagnose": ("MODIFY", {"NewImage", "OldImage"}, True),
    "diagnose-monitor-bump": ("MODIFY", {"NewImage", "OldImage"}, False),
    "diagnose-person-edit": ("MODIFY", {"NewImage", "OldImage"}, False),
    "diagnose-remove": ("REMOVE", {"OldImage"}, False),
}
EDITED = {  # what a monitor, a person or the move to diagnosed has changed on the shipped ticket
    ("diagnose-rediagnose", "OldImage"): {"status"},
    ("diagnose-rediagnose", "NewImage"): {"status"},
    ("diagnose-monitor-bump", "NewImage"): {"last_seen_at", "occurrence_count"},
    ("diagnose-person-edit", "NewImage"): {"status"},
    ("diagnose-remove", "OldImage"): {"last_seen_at", "occurrence_count"},
}


def record(name: str) -> dict[str, Any]:
    [only] = load_event(name)["Records"]
    assert isinstance(only, dict)
    return only


def plain(image: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeDeserializer().deserialize(value) for name, value in image.items()}


def template() -> Template:
    read = Template.read()
    read.names.learn("TicketsTable", "StreamArn", record("diagnose-insert")["eventSourceARN"])
    return read


def shipped_tickets() -> dict[str, dict[str, Any]]:
    return {ticket["ticket_id"]: ticket for ticket in map(load_ticket, ticket_names())}


@pytest.mark.parametrize("name", ticket_names())
def test_a_shipped_ticket_has_what_a_ticket_must_contain(name: str) -> None:
    ticket = load_ticket(name)
    assert all(
        isinstance(ticket[field], str) and ticket[field]
        for field in ("ticket_id", "invariant_name", "message")
    )
    assert ticket["status"] == "open"
    assert not PIPELINE_ATTRIBUTES & ticket.keys()
    assert size_of(ticket) < 350_000


@pytest.mark.parametrize("name", ticket_names())
def test_a_shipped_ticket_fits_the_model_without_loss(name: str) -> None:
    ticket = Ticket.from_item(load_ticket(name))
    assert ticket.unusable == ()
    assert ticket.violation_key == f"{ticket.invariant_name}:{ticket.component}"


def test_one_shipped_ticket_says_only_that_an_alarm_fired() -> None:
    ticket = load_ticket(LIVE)
    assert ticket["alarm"].startswith("arn:aws:cloudwatch:")
    evidence = {"metric_snapshot", "topology", "log_tail", "subject_context", "first_seen_at"}
    assert not evidence & ticket.keys()


@pytest.mark.parametrize("name", [name for name in ticket_names() if name != LIVE])
def test_another_shipped_ticket_says_when_it_began_and_was_last_seen(name: str) -> None:
    ticket = Ticket.from_item(load_ticket(name))
    assert ticket.first_seen_at
    assert ticket.last_seen_at
    assert ticket.first_seen_at < ticket.last_seen_at


@pytest.mark.parametrize("name", [name for name in ticket_names() if name != LIVE])
def test_another_shipped_ticket_brings_metrics_and_a_log_in_order(name: str) -> None:
    ticket = load_ticket(name)
    readings = sum(
        len(value) if isinstance(value, dict) else 1 for value in ticket["metric_snapshot"].values()
    )
    assert 8 <= readings <= 15
    moments = [line.lstrip("[")[:19] for line in ticket["log_tail"].splitlines()]
    assert 25 <= len(moments) <= 60
    assert moments == sorted(moments)


@pytest.mark.parametrize("name", STREAM_EVENTS)
def test_an_events_images_are_the_shipped_ticket_and_the_pipelines_attributes(name: str) -> None:
    change = record(name)["dynamodb"]
    ticket = shipped_tickets()[change["Keys"]["ticket_id"]["S"]]
    for which in STREAM_EVENTS[name][1]:
        image = plain(change[which])
        differs = {field for field in image.keys() | ticket.keys() if image.get(field) != ticket.get(field)}
        assert differs - PIPELINE_ATTRIBUTES == EDITED.get((name, which), set()), which


@pytest.mark.parametrize("name", STREAM_EVENTS)
def test_a_stream_event_has_the_shape_of_one(name: str) -> None:
    kind, images, _ = STREAM_EVENTS[name]
    only = record(name)
    change = only["dynamodb"]
    assert only["eventName"] == kind
    assert only["eventSource"] == "aws:dynamodb"
    assert change["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert {key for key in change if key.endswith("Image")} == images
    assert change["SizeBytes"] > sum(size_of(plain(change[which])) for which in images)


@pytest.mark.parametrize("name", STREAM_EVENTS)
def test_the_templates_filter_passes_transitions_only(name: str) -> None:
    patterns = stream_settings(template().resource("DiagnoseFunction")).patterns
    change: Any = record(name)
    passes = [EventPattern.load(pattern).matches_event(change) for pattern in patterns]
    assert any(passes) == STREAM_EVENTS[name][2]


def test_the_retry_messages_wake_the_tickets_that_the_stream_events_left_waiting() -> None:
    waits, failed = (
        plain(record(name)["dynamodb"]["NewImage"])
        for name in ("diagnose-monitor-bump", "diagnose-person-edit")
    )
    messages = load_event("rearm-due")["Records"]
    opens, redrive = (read_message(message["body"]) for message in messages)
    assert isinstance(opens, GateOpens)
    assert is_due(waits, 0)
    assert opens.opens_at * 1000 <= int(messages[0]["attributes"]["ApproximateFirstReceiveTimestamp"])
    assert isinstance(redrive, FailedTicket)
    assert failed["diagnosis_status"] == redrive.kind
    assert (redrive.ticket_id, redrive.generation) == (failed["ticket_id"], failed["generation"])
    for message in messages:
        assert (
            message["md5OfBody"] == hashlib.md5(message["body"].encode(), usedforsecurity=False).hexdigest()
        )


def test_env_json_sets_every_variable_that_the_template_gives_a_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = load_event("env")
    for function in template().of_type("AWS::Serverless::Function"):
        variables = environment[function.logical_id]
        assert function.properties["Environment"]["Variables"].keys() <= variables.keys()
        assert all(isinstance(value, str) for value in variables.values())
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert Settings.from_environment().tickets_table == "differential-tickets"
