"""The webhook's door: who comes in, what goes over the bus, and what a sender is told."""

import base64
import json
from io import StringIO
from typing import Any

import pytest

from local.demo.events import load_event
from tests.integration.webhook.conftest import Door
from tests.support.throttled_aws import throttled
from tests.support.webhook_samples import SECRET, SENDERS, body_of

KINDS = {
    "alertmanager": ["Ticket Opened", "Ticket Resolved"],
    "datadog": ["Ticket Opened"],
    "grafana": ["Ticket Opened", "Ticket Opened"],
    "pagerduty": ["Ticket Opened"],
    "plain": ["Ticket Opened"],
}
UNKNOWN = (401, {"error": "not authorised"})
TOLD = '{"version": 1, "violation_key": "k", "at": "2026-11-28T02:09:30Z"'
"""The beginning of a plain event."""
NEW = "another-secret-after-rotation"


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The metrics of the last request."""
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    return {name: value[0] for name, value in line.items() if name.startswith("Webhook")}


@pytest.mark.parametrize("sender", SENDERS)
def test_a_sample_of_each_sender_is_taken_and_goes_over_the_bus(door: Door, sender: str) -> None:
    kinds = KINDS[sender]

    assert door.sample(sender) == (202, {"events": len(kinds), "ignored": 0})

    events = door.on_the_bus()
    assert [event["detail-type"] for event in events] == kinds
    assert {event["source"] for event in events} == {"differential.webhook"}
    for event in events:
        detail = event["detail"]
        assert detail["version"] == 1
        assert detail["violation_key"]
        assert detail["at"].startswith("2026-11-28T02:0")
        assert ("ticket" in detail) == (event["detail-type"] == "Ticket Opened")


def test_many_alerts_go_in_batches_and_each_once(door: Door) -> None:
    body = body_of("alertmanager")
    alert = body["alerts"][0]
    body["alerts"] = [{**alert, "fingerprint": f"f-{number}"} for number in range(37)]

    assert door.post("/alertmanager", body) == (202, {"events": 37, "ignored": 0})
    keys = sorted(event["detail"]["violation_key"] for event in door.on_the_bus())
    assert keys == sorted(f"alertmanager:f-{number}" for number in range(37))


def test_what_the_bus_does_not_take_is_to_be_sent_again(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], logged: StringIO
) -> None:
    client = door.receive.bus._connect()
    put = client.put_events

    def takes_all_but_one(Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        put(Entries=Entries[1:])
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}

    monkeypatch.setattr(client, "put_events", takes_all_but_one)

    status, said = door.sample("grafana")
    assert (status, said["error"]) == (503, "1 of 2 events were not taken: send it again")
    assert counted(capsys)["WebhookTroubles"] == 1
    assert "ThrottlingException" in logged.getvalue()
    monkeypatch.undo()
    door.sample("grafana")
    keys = [event["detail"]["violation_key"] for event in door.on_the_bus()]
    assert set(keys) == {"grafana:3:90ffae1c22d07b6e", "grafana:3:17c05be9a1f3d284"}


@pytest.mark.parametrize("operation", ["PutEvents", "GetSecretValue"])
def test_aws_in_trouble_has_the_sender_send_it_again(
    door: Door, operation: str, capsys: pytest.CaptureFixture[str], logged: StringIO
) -> None:
    with throttled(operation):
        assert door.sample("plain") == (503, {"error": "the stack is in trouble: send it again"})
    assert counted(capsys)["WebhookTroubles"] == 1
    assert '"level":"ERROR"' in logged.getvalue()

    assert door.sample("plain")[0] == 202
    assert len(door.on_the_bus()) == 1


def test_whoever_is_not_known_learns_nothing(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    requests: list[dict[str, Any]] = [
        {},
        {"rawPath": "/nowhere", "body": "{"},
        {"rawPath": "/", "body": "x" * 1_000_000},
        {"rawPath": "/", "body": "[" * 100_000},
        {**load_event("webhook-plain"), "headers": {}},
        {**load_event("webhook-pagerduty"), "body": "{}"},
        {**load_event("webhook-plain"), "headers": {"authorization": "Bearer guessed-it-have-I"}},
        {**load_event("webhook-plain"), "headers": {}, "requestContext": {"http": {"method": "GET"}}},
    ]
    for request in requests:
        assert door.send(request) == UNKNOWN
        assert counted(capsys) == {"WebhookEvents": 0, "WebhookRefused": 1}
    assert door.on_the_bus() == []


def test_both_secrets_are_good_during_a_rotation_and_then_the_new_one_alone(door: Door) -> None:
    door.set_secret(json.dumps({"current": NEW, "previous": SECRET}))
    assert door.post("/", body_of("plain"), SECRET)[0] == 202
    door.clock.advance(61)
    assert door.post("/", body_of("plain"), NEW)[0] == 202, "it is read again for a secret that is not known"
    assert door.post("/", body_of("plain"), SECRET)[0] == 202

    door.set_secret(json.dumps({"current": NEW}))
    door.clock.advance(301)
    assert door.post("/", body_of("plain"), SECRET) == UNKNOWN
    assert door.post("/", body_of("plain"), NEW)[0] == 202


def test_whoever_guesses_has_the_secret_read_once_a_minute_at_the_most(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.receive.secret._client
    read, reads = client.get_secret_value, []

    def noted(**asked: str) -> Any:
        reads.append(asked)
        return read(**asked)

    monkeypatch.setattr(client, "get_secret_value", noted)

    for _ in range(20):
        door.post("/", {}, "a wrong one")
    assert len(reads) == 1
    door.clock.advance(60)
    for _ in range(20):
        door.post("/", {}, "a wrong one")
    assert len(reads) == 2


def test_a_secret_that_cannot_be_read_again_goes_on_being_good(door: Door) -> None:
    door.sample("plain")
    door.clock.advance(301)

    with throttled("GetSecretValue"):
        assert door.sample("plain")[0] == 202


@pytest.mark.parametrize("value", ["short", '{"previous": "only-the-previous-one"}', '{"current'])
def test_a_secret_that_cannot_be_used_is_a_trouble_of_ours_and_not_shown(
    door: Door, value: str, logged: StringIO
) -> None:
    door.set_secret(value)

    assert door.sample("plain")[0] == 503
    assert "BadSecretError" in logged.getvalue()
    assert value not in logged.getvalue()


def test_pagerduty_may_have_secrets_of_its_own(door: Door) -> None:
    door.set_secret(json.dumps({"current": NEW, "pagerduty": [SECRET]}))

    assert door.sample("pagerduty")[0] == 202
    assert door.sample("plain") == UNKNOWN


def test_a_body_in_base64_is_the_same(door: Door) -> None:
    event = load_event("webhook-pagerduty")
    encoded = base64.b64encode(event["body"].encode()).decode()

    assert door.send({**event, "body": encoded, "isBase64Encoded": True})[0] == 202


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("/", "", (400, "body: must be JSON, 0 bytes are not")),
        ("/", "{", (400, "body: must be JSON, 1 bytes are not")),
        ("/", '{"at": NaN}', (400, "body: must be JSON, 11 bytes are not")),
        ("/", "9" * 5000, (400, "body: must be JSON, 5000 bytes are not")),
        ("/", "[" * 100_000 + "]" * 100_000, (400, "body: nested too deep, 200000 bytes")),
        ("/", "[]", (400, "body: must hold an event, got an empty list")),
        ("/", '"<!channel>"', (400, "body: must be a JSON object, got ??channel?")),
        ("/", "x" * 262_145, (413, "body: must have at most 262144 bytes, got 262145")),
        ("/", '{"violation_key": "k", "version": 2}', (400, "version: must be 1, got 2")),
        ("/", '{"version": 1, "ticket": {"message": "m"}}', (400, "violation_key: missing")),
        ("/", f'{TOLD}, "ticket": {{"message": "m"}}}}', (400, "ticket.invariant_name: missing")),
        ("/", f'{TOLD}, "ticket": "open"}}', (400, "ticket: must be a JSON object, got open")),
        ("/alertmanager", "{}", (400, "alerts: must be a list that is not empty, got null")),
        ("/grafana/", '{"alerts": [7]}', (400, "alerts[0]: must be a JSON object, got 7")),
        ("/nagios", "{}", (404, "path: must be one of /, /alertmanager, /datadog, /grafana, /pagerduty")),
    ],
)
def test_what_cannot_be_read_is_named_and_counted(
    door: Door, path: str, body: str, answer: tuple[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = door.post(path, body)

    assert (status, said["error"]) == answer
    assert counted(capsys)["WebhookUnreadable"] == 1
    assert door.on_the_bus() == []


def test_a_number_beyond_all_floats_is_a_text_and_stops_nothing(door: Door) -> None:
    ticket = '{"invariant_name": "i", "message": "m", "metric_snapshot": {"a": 1e999, "b": -0.5}}'

    assert door.post("/", f'{TOLD}, "ticket": {ticket}}}')[0] == 202
    assert door.on_the_bus()[0]["detail"]["ticket"]["metric_snapshot"] == {"a": "1e999", "b": -0.5}


def test_only_what_is_sent_is_taken(door: Door) -> None:
    event = {**load_event("webhook-plain"), "requestContext": {"http": {"method": "GET"}}}

    assert door.send(event) == (405, {"error": "method: must be POST or PUT"})


def test_of_many_alerts_those_that_can_be_read_are_taken_and_the_others_named(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    body = body_of("alertmanager")
    body["alerts"] += [{"status": "firing", "labels": {}}] * 7

    status, said = door.post("/alertmanager", body)
    assert (status, said["events"]) == (400, 2)
    assert said["error"].startswith("alerts[2].labels.alertname: missing; ")
    assert said["error"].endswith("; 2 more")
    assert counted(capsys) == {"WebhookEvents": 2, "WebhookUnreadable": 1}
    assert len(door.on_the_bus()) == 2


def test_what_tells_of_no_violation_is_taken_and_left(door: Door) -> None:
    body = {"event": {"event_type": "pagey.ping", "data": {}}}

    assert door.post("/pagerduty", body) == (202, {"events": 0, "ignored": 1})
    assert door.on_the_bus() == []


def test_neither_secrets_nor_texts_are_logged(door: Door, logged: StringIO) -> None:
    for sender in SENDERS:
        door.sample(sender)
    bad = f'{TOLD}, "ticket": "canary-93b1f0"}}'
    assert "got canary-93b1f0" in door.post("/", bad)[1]["error"]
    door.post("/", bad, "canary-93b1f0")
    door.post("/alertmanager", {"alerts": ["canary-93b1f0", "canary-93b1f0"]})

    assert SECRET not in logged.getvalue()
    assert "canary-93b1f0" not in logged.getvalue()
    assert "RaftLogLag" not in logged.getvalue()
    assert "ticket: must be a JSON object" in logged.getvalue()
