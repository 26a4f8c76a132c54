"""What is read of each sender's body: contracts on shapes that they document, with values of our own."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.incoming import TicketOpened, TicketResolved
from tests.support.webhook_samples import body_of
from webhook.fields import BadFieldError
from webhook.senders.alertmanager import read_alertmanager, read_grafana
from webhook.senders.datadog import read_datadog
from webhook.senders.pagerduty import read_pagerduty
from webhook.senders.read import Read

ARRIVED = datetime(2026, 11, 28, 2, 10, 5, tzinfo=UTC).timestamp()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def only(read: Read) -> Any:
    assert (read.faults, read.ignored) == ([], 0)
    [told] = read.told
    return told


def test_alertmanager_tells_of_many_alerts_at_once() -> None:
    read = read_alertmanager(body_of("alertmanager"), ARRIVED)

    opened, resolved = read.told
    assert read.faults == []
    assert isinstance(opened, TicketOpened)
    assert opened.violation_key == "alertmanager:3f9c1d2ab7e04f55"
    assert opened.at == at("2026-11-28T02:08:12.482197Z")
    assert opened.attributes == {
        "invariant_name": "RaftLogLag",
        "message": "Raft log lag on store-7. "
        "The apply log of store-7 lags by 48,210 entries (limit 10,000) for 10 minutes.",
        "component": "store-7:20180",
        "subject": "raft-store",
        "severity": "critical",
        "first_seen_at": "2026-11-28T02:08:12.482Z",
        "subject_context": {
            "labels": {
                "alertname": "RaftLogLag",
                "instance": "store-7:20180",
                "job": "raft-store",
                "severity": "critical",
            },
            "annotations": body_of("alertmanager")["alerts"][0]["annotations"],
            "source": body_of("alertmanager")["alerts"][0]["generatorURL"],
        },
    }
    assert isinstance(resolved, TicketResolved)
    assert resolved.violation_key == "alertmanager:b71e90aa3c5d6612"
    assert resolved.at == at("2026-11-28T02:07:57.482Z")


@pytest.mark.parametrize(
    ("job", "subject"),
    [
        ("raft-store", "raft-store"),
        ("nodejs-shop", "nodejs-shop"),
        ("node", None),
        ("kube-state-metrics", None),
        ("integrations/node_exporter", None),
        ("kubernetes-pods", None),
    ],
)
def test_what_watches_others_is_not_their_subject(job: str, subject: str | None) -> None:
    body = body_of("alertmanager")
    body["alerts"] = body["alerts"][:1]
    body["alerts"][0]["labels"]["job"] = job

    assert only(read_alertmanager(body, ARRIVED)).attributes.get("subject") == subject


@pytest.mark.parametrize(
    ("labels", "component"),
    [
        ({"job": "kube-state-metrics", "pod": "shop-6f", "container": "shop"}, "shop-6f"),
        ({"job": "kube-state-metrics", "deployment": "shop"}, "shop"),
        ({"job": "kube-state-metrics", "namespace": "prod"}, None),
        ({"job": "node-exporter", "pod": "node-exporter-x7"}, "10.0.3.7:9100"),
    ],
)
def test_the_address_of_what_collects_metrics_is_not_the_component(
    labels: dict[str, str], component: str | None
) -> None:
    body = body_of("alertmanager")
    named = {"alertname": "a", "instance": "10.0.3.7:9100", **labels}
    body["alerts"] = [{**body["alerts"][0], "labels": named}]

    assert only(read_alertmanager(body, ARRIVED)).attributes.get("component") == component


def test_without_a_fingerprint_equal_labels_are_one_violation() -> None:
    first, second = body_of("alertmanager")["alerts"]
    for alert in (first, second):
        del alert["fingerprint"]
    again = {**first, "labels": dict(reversed(first["labels"].items())), "startsAt": "2026-11-28T02:09:00Z"}

    keys = [
        told.violation_key for told in read_alertmanager({"alerts": [first, again, second]}, ARRIVED).told
    ]
    assert keys[0] == keys[1] != keys[2]


def test_grafana_tells_of_its_organisation_values_and_times_with_a_zone() -> None:
    read = read_grafana(body_of("grafana"), ARRIVED)

    slow, failing = read.told
    assert read.faults == []
    assert isinstance(slow, TicketOpened)
    assert isinstance(failing, TicketOpened)
    assert slow.violation_key == "grafana:3:90ffae1c22d07b6e"
    assert slow.at == at("2026-11-28T02:09:00Z")
    assert (
        slow.attributes["message"]
        == "p99 of checkout is 2.4 s. The limit is 800 ms; quotes wait for tax-rates."
    )
    assert slow.attributes["metric_snapshot"] == {"A": 2.4127, "C": 1}
    assert (slow.attributes["subject"], failing.attributes["subject"]) == ("checkout", "checkout")
    assert (failing.attributes["component"], failing.attributes["severity"]) == ("web-2", "critical")


@pytest.mark.parametrize("kind", ["incident.triggered", "incident.reopened"])
def test_pagerduty_opens(kind: str) -> None:
    body = body_of("pagerduty")
    body["event"]["event_type"] = kind

    opened = only(read_pagerduty(body, ARRIVED))
    assert opened.violation_key == "pagerduty:Q2EXAMPLE7LEDGER"
    assert opened.at == at("2026-11-28T02:09:41.337Z")
    assert opened.attributes == {
        "invariant_name": "ledger-db: 597 of 600 connections in use",
        "message": "ledger-db: 597 of 600 connections in use",
        "component": "ledger",
        "subject": "ledger",
        "severity": "P1",
        "first_seen_at": "2026-11-28T02:09:41.000Z",
        "subject_context": {
            "number": "4117",
            "incident_key": "rds_connections_headroom/ledger-db",
            "urgency": "high",
            "page": "https://example.pagerduty.com/incidents/Q2EXAMPLE7LEDGER",
        },
    }


def test_pagerduty_resolves_and_says_how_urgent_what_has_no_priority_is() -> None:
    body = body_of("pagerduty")
    body["event"]["data"]["priority"] = None
    assert only(read_pagerduty(body, ARRIVED)).attributes["severity"] == "high"

    body["event"] |= {"event_type": "incident.resolved", "occurred_at": "2026-11-28T02:10:00Z"}
    resolved = only(read_pagerduty(body, ARRIVED))
    assert isinstance(resolved, TicketResolved)
    assert (resolved.violation_key, resolved.at) == ("pagerduty:Q2EXAMPLE7LEDGER", at("2026-11-28T02:10:00Z"))


@pytest.mark.parametrize(
    "kind", ["incident.acknowledged", "incident.annotated", "service.updated", "pagey.ping"]
)
def test_of_pagerduty_other_events_are_taken_and_tell_of_nothing(kind: str) -> None:
    assert read_pagerduty({"event": {"event_type": kind, "data": {}}}, ARRIVED) == Read(ignored=1)


@pytest.mark.parametrize(
    ("transition", "severity"),
    [("Triggered", "P2"), ("Re-Triggered", "P2"), ("No Data", "P2"), ("Warn", "warning"), ("Renotify", "P2")],
)
def test_datadog_opens(transition: str, severity: str) -> None:
    opened = only(read_datadog({**body_of("datadog"), "alert_transition": transition}, ARRIVED))

    assert opened.violation_key == "datadog:90210:20417735:host:orders-4,service:orders"
    assert opened.at == at("2026-11-28T02:09:14Z")
    ticket = opened.attributes
    assert ticket["invariant_name"] == "Tasks of orders are killed for memory"
    assert ticket["message"].startswith("6 tasks of orders were killed")
    assert (ticket["component"], ticket["subject"], ticket["severity"]) == ("orders-4", "orders", severity)
    assert ticket["subject_context"]["alert_metric"] == "ecs.fargate.mem.usage"


def test_datadog_resolves_under_the_same_key_in_whatever_order_the_scope_is() -> None:
    body = {
        **body_of("datadog"),
        "alert_transition": "Recovered",
        "alert_scope": "host:orders-4, service:orders",
    }

    resolved = only(read_datadog(body, ARRIVED))
    assert isinstance(resolved, TicketResolved)
    assert resolved.violation_key == "datadog:90210:20417735:host:orders-4,service:orders"


def test_variables_of_datadog_that_have_no_value_are_none() -> None:
    unset = {
        "alert_priority": "$ALERT_PRIORITY",
        "hostname": "null",
        "alert_metric": "N/A",
        "alert_type": "error",
    }
    opened = only(read_datadog({**body_of("datadog"), **unset}, ARRIVED))

    assert (opened.attributes["severity"], opened.attributes["component"]) == ("error", "orders-4")
    assert "alert_metric" not in opened.attributes["subject_context"]
    assert read_datadog({**body_of("datadog"), "alert_transition": "$ALERT_TRANSITION"}, ARRIVED).ignored == 1


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0, "", None, "2031-01-01T00:00:00Z", 2**31]
)
def test_a_time_that_is_unset_or_to_come_is_that_of_arrival(written: Any) -> None:
    body = body_of("alertmanager")
    body["alerts"][0]["startsAt"] = written

    assert read_alertmanager(body, ARRIVED).told[0].at.timestamp() == ARRIVED


def test_one_alert_that_cannot_be_read_costs_itself_alone() -> None:
    body = body_of("alertmanager")
    del body["alerts"][0]["labels"]["alertname"]
    body["alerts"] += ["no alert", {**body["alerts"][1], "status": "<b>pending</b>"}]

    read = read_alertmanager(body, ARRIVED)
    assert [told.violation_key for told in read.told] == ["alertmanager:b71e90aa3c5d6612"]
    assert read.faults == [
        "alerts[0].labels.alertname: missing",
        "alerts[2]: must be a JSON object, got no alert",
        "alerts[3].status: must be one of firing, resolved, got ?b?pending?/b?",
    ]


def test_alerts_that_the_sender_has_left_out_are_told_of() -> None:
    read = read_alertmanager({**body_of("alertmanager"), "truncatedAlerts": 12}, ARRIVED)

    assert len(read.told) == 2
    assert read.faults == ["truncatedAlerts: must be 0, got 12: the sender left alerts out"]


def test_what_is_long_is_cut_and_what_hides_is_gone() -> None:
    body = body_of("alertmanager")
    body["alerts"][0]["labels"] |= {f"label-{n}": "x" * 400 for n in range(200)} | {"instance": "i" * 50_000}
    body["alerts"][0]["annotations"] = {
        "description": "\x1b[31m\u202e\x00é" * 60_000,
        "summary": "\ud800 short",
    }

    [opened, _] = read_alertmanager(body, ARRIVED).told
    assert isinstance(opened, TicketOpened)
    texts = [
        opened.attributes["message"],
        opened.attributes["component"],
        *opened.attributes["subject_context"]["annotations"],
    ]
    assert all(text.isprintable() and len(text.encode()) < 5000 for text in texts)
    assert len(str(opened.attributes).encode()) < 25_000


@pytest.mark.parametrize(
    ("read", "body", "named"),
    [
        (read_alertmanager, [], "body: must be a JSON object"),
        (read_alertmanager, {}, "alerts: must be a list that is not empty, got null"),
        (read_alertmanager, {"alerts": {}}, "alerts: must be a list"),
        (read_grafana, {"alerts": [{}], "orgId": [1]}, "orgId: must be text"),
        (read_pagerduty, {"event": []}, "event.event_type: missing"),
        (read_pagerduty, {"event": "<!here>"}, "event: must be a JSON object, got ??here?"),
        (read_pagerduty, {"messages": []}, "event.event_type: missing"),
        (read_pagerduty, {"event": {"event_type": "incident.triggered"}}, "event.data.id: missing"),
        (
            read_pagerduty,
            {"event": {"event_type": "incident.triggered", "data": {"id": "P"}}},
            "event.data.title: missing",
        ),
        (
            read_pagerduty,
            {"event": {"event_type": "incident.resolved", "data": {"id": "P"}, "occurred_at": "soon"}},
            "event.occurred_at: must be a time, got soon",
        ),
        (read_datadog, {"alert_transition": "Exploded"}, "alert_transition: must be one of triggered"),
        (read_datadog, {"alert_transition": "Triggered"}, "alert_id: missing"),
        (
            read_datadog,
            {"alert_transition": "Triggered", "alert_id": True},
            "alert_id: must be text, got true",
        ),
        (
            read_datadog,
            {"alert_transition": "Triggered", "alert_id": "1", "date": "x"},
            "date: must be a time, got x",
        ),
        (read_datadog, {"alert_transition": "Triggered", "alert_id": "1"}, "alert_title: missing"),
    ],
)
def test_what_does_not_fit_is_named_with_field_and_value(read: Any, body: Any, named: str) -> None:
    with pytest.raises(BadFieldError) as raised:
        read(body, ARRIVED)

    assert str(raised.value).startswith(named)
