"""What is read of the recorded shapes of alarms and producers' events."""

import json
from typing import Any

import pytest

from intake.observation import MonitorState, Observation, Place
from intake.reading.envelope import read_json
from intake.reading.message import read_message
from local.demo.events import load_event
from runtime.items import storable
from tickets.ticket import Ticket
from timeseries.shapes import read

ALARMS = ("metric", "metric-math", "anomaly", "composite")
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


def sample(name: str) -> dict[str, Any]:
    """The event of EventBridge in a shipped message."""
    [record] = load_event(f"intake-{name}")["Records"]
    event: dict[str, Any] = json.loads(record["body"])
    return event


def observed(event: dict[str, Any]) -> Observation:
    return read_message(read_json(json.dumps(event)), "warning")


@pytest.mark.parametrize("name", [*ALARMS, "ticket-opened"])
def test_a_ticket_fits_the_model_without_loss(name: str) -> None:
    ticket = observed(sample(name)).ticket

    assert Ticket.from_item({"ticket_id": "T", "status": "open", **storable(ticket)}).unusable == ()


def test_an_alarm_of_one_metric_tells_what_the_sources_of_evidence_need() -> None:
    observation = observed(sample("metric"))

    assert observation.violation_key == observation.alarm == f"{ARN}checkout-errors-critical"
    assert observation.state == MonitorState.ALARM
    assert observation.at_ms == 1_795_831_802_305
    assert observation.place == Place("", ("arn:aws:lambda:us-east-1:123456789012:function:checkout",), "")
    assert observation.reason.startswith("Threshold Crossed: 3 out of the last 3")
    ticket = dict(observation.ticket)
    assert ticket.pop("message") == (f"{observation.reason}\nOrders are refused. 3 minutes above 5 errors.")
    snapshot = ticket.pop("metric_snapshot")
    assert ticket == {
        "invariant_name": "checkout-errors-critical",
        "component": "checkout",
        "severity": "critical",
        "alarm": f"{ARN}checkout-errors-critical",
        "account": "123456789012",
        "region": "us-east-1",
        "namespace": "AWS/Lambda",
        "metric_name": "Errors",
        "dimensions": {"FunctionName": "checkout"},
        "statistic": "Sum",
        "period": 60,
    }
    [series] = read(snapshot).series
    assert [float(value) for value in series.values] == [9, 21, 38]
    assert snapshot["threshold"] == 5


def test_datapoints_without_times_of_their_own_follow_each_other_by_the_period() -> None:
    event = sample("metric")
    data = json.loads(event["detail"]["state"]["reasonData"])
    del data["evaluatedDatapoints"]
    data["recentDatapoints"] = [9.0, None, 38.0]
    event["detail"]["state"]["reasonData"] = json.dumps(data)

    points = observed(event).ticket["metric_snapshot"]["Errors"]

    assert [(point["timestamp"][11:16], float(point["value"])) for point in points] == [
        ("02:07", 9),
        ("02:09", 38),
    ]


def test_an_alarm_of_a_formula_names_its_metrics_and_what_was_made_of_them() -> None:
    ticket = observed(sample("metric-math")).ticket

    assert (ticket["metric_name"], ticket["component"]) == ("SystemErrors", "ledger")
    assert ticket["subject_context"]["formula"] == ["100 * failed / all"]
    assert [each["metric_name"] for each in ticket["subject_context"]["metrics"]] == [
        "SystemErrors",
        "SuccessfulRequestLatency",
    ]


def test_the_value_of_a_formula_is_not_called_by_one_of_its_metrics() -> None:
    snapshot = observed(sample("metric-math")).ticket["metric_snapshot"]

    assert "SystemErrors" not in snapshot
    assert float(snapshot["Failed writes, %"][0]["value"]) == 3.4


def test_an_anomaly_brings_its_band_and_the_system_that_its_own_metric_names() -> None:
    observation = observed(sample("anomaly"))

    snapshot = observation.ticket["metric_snapshot"]
    assert {name: len(points) for name, points in snapshot.items()} == {
        "Orders": 2,
        "lower threshold": 2,
        "upper threshold": 2,
    }
    assert observation.ticket["subject"] == observation.place.subject == "checkout"


def test_a_composite_alarm_brings_its_rule_and_the_alarms_behind_it() -> None:
    observation = observed(sample("composite"))

    context = observation.ticket["subject_context"]
    assert context["alarm_rule"].startswith('ALARM("checkout-errors-critical") AND')
    assert [each["alarm"].rsplit(":", 1)[1] for each in context["alarms_behind_it"]] == [
        "checkout-errors-critical",
        "orders-anomaly",
    ]
    assert context["actions_suppressed"] == "Actions suppressed by WaitPeriod"
    assert observation.place == Place()


def test_an_alarm_that_is_over_has_the_same_key() -> None:
    over = observed(sample("metric-ok"))

    assert over.state == MonitorState.OK
    assert over.violation_key == observed(sample("metric")).violation_key


def test_a_producers_event_is_taken_as_it_is() -> None:
    opened, resolved = observed(sample("ticket-opened")), observed(sample("ticket-resolved"))

    assert opened.ticket == sample("ticket-opened")["detail"]["ticket"] | {
        "metric_snapshot": {"disk": {"used_percent": 96, "free_gb": storable(11.4)}}
    }
    assert opened.place == Place("ledger")
    assert (opened.state, resolved.state) == (MonitorState.ALARM, MonitorState.OK)
    assert opened.violation_key == resolved.violation_key == "disk_nearly_full:db-7"
    assert (resolved.reason, resolved.ticket) == ("Old logs were deleted: 61 % full.", {})


def test_a_producer_writes_none_of_what_is_the_pipelines() -> None:
    event = sample("ticket-opened")
    event["detail"]["ticket"] |= {
        "ticket_id": "T-1",
        "status": "resolved",
        "violation_key": "other",
        "diagnosis_status": "done",
        "set_aside_for": "muted",
        "whatever": 1,
        "store_id": 7,
    }

    assert observed(event).ticket.keys() - sample("ticket-opened")["detail"]["ticket"] == {"store_id"}


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("checkout-errors-critical", "critical"),
        ("CheckoutErrorsCrit", "critical"),
        ("P1: checkout", "p1"),
        ("orders_sev2_latency", "sev2"),
        ("[WARN] disk", "warning"),
        ("checkout-error-rate-high", "info"),
        ("p99-latency", "info"),
        ("TargetTracking-table/ledger-AlarmHigh-0c6f1f0e", "info"),
        ("criticality", "info"),
    ],
)
def test_severity_is_the_one_in_the_name_or_the_usual_one(name: str, severity: str) -> None:
    event = sample("metric")
    event["detail"]["alarmName"] = name
    event["resources"] = [f"{ARN}{name}"]

    assert read_message(read_json(json.dumps(event)), "info").ticket["severity"] == severity
