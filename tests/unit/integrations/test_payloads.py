"""The templates of docs/integrations are sound, and send what their systems expect, whatever is told."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern
from samtranslator.yaml_helper import yaml_parse

from local.aws.template import ROOT
from notify.event import Place, event_of
from notify.findings import findings_of
from notify.messages.of_tickets import message_of
from notify.telling import Kind
from tests.support.injections import INJECTIONS
from tests.support.input_transformer import transformed
from tests.support.told import record_of_answer, ticket

FOLDER = ROOT / "docs" / "integrations"
TEMPLATES = sorted(path.name for path in FOLDER.glob("*.yaml"))
GIVEN = {"ProjectKey": "OPS", "IssueType": "Task"}
LINK = "https://console.aws.amazon.com/dynamodbv2/home?region=eu-west-1#edit-item?pk=t-1"

# What is looked at are documents: there is nothing of ours to follow.
pytestmark = pytest.mark.not_followed


def told(kind: Kind, **attributes: Any) -> dict[str, Any]:
    """The event that tells of a ticket."""
    item = ticket(**attributes)
    findings = findings_of(item)
    message = message_of(kind, item, findings, LINK, "differential")
    detail = event_of(kind, item, findings, message, Place("tickets", LINK), "2026-11-20T10:05:01.220Z")
    return {"source": "differential", "detail-type": kind.detail_type, "detail": json.loads(detail)}


def sent(name: str, event: dict[str, Any]) -> list[Any]:
    """What the rules of a template send for an event."""
    document = yaml_parse((FOLDER / name).read_text("utf-8"))
    payloads = []
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule":
            rule = resource["Properties"]
            pattern: Any = EventPattern.load(json.dumps(rule["EventPattern"]))
            if pattern.matches_event(event):
                [target] = rule["Targets"]
                payloads.append(transformed(_given(target["InputTransformer"]), event))
    return payloads


def _given(transformer: dict[str, Any]) -> dict[str, Any]:
    template = transformer["InputTemplate"]
    if isinstance(template, dict):
        template = template["Fn::Sub"]
        for name, value in GIVEN.items():
            template = template.replace(f"${{{name}}}", value)
    return {**transformer, "InputTemplate": template}


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_finds_no_fault(name: str) -> None:
    from cfnlint.api import lint  # noqa: PLC0415 - a second of each worker's, for one test

    assert [str(match) for match in lint((FOLDER / name).read_text("utf-8"))] == []


def test_pagerduty_is_triggered_by_a_diagnosis_and_by_a_failure_and_resolved() -> None:
    diagnosed, resolved = told(Kind.DIAGNOSED), told(Kind.RESOLVED, status="resolved")
    failed = told(Kind.FAILED, diagnosis_status="failed", severity="sev2", incident_id="t-0")

    assert sent("pagerduty.yaml", diagnosed) == [
        {
            "event_action": "trigger",
            "dedup_key": "t-1",
            "client": "Differential",
            "payload": {
                "summary": "Action required (critical): A slow disk holds up tikv-4: move its leaders away.",
                "severity": "critical",
                "source": "t-1",
                "component": "tikv-4",
                "custom_details": {"diagnosis": diagnosed["detail"]["text"], "ticket": LINK},
            },
        }
    ]
    [payload] = sent("pagerduty.yaml", failed)
    assert (payload["dedup_key"], payload["payload"]["severity"]) == ("t-0", "error")
    assert sent("pagerduty.yaml", resolved) == [{"event_action": "resolve", "dedup_key": "t-1"}]


def test_jira_gets_an_issue_for_the_first_diagnosis_of_what_is_no_member() -> None:
    event = told(Kind.DIAGNOSED)

    assert sent("jira.yaml", event) == [
        {
            "fields": {
                "project": {"key": "OPS"},
                "issuetype": {"name": "Task"},
                "summary": event["detail"]["title"],
                "description": event["detail"]["jira"],
                "labels": ["differential"],
            }
        }
    ]
    assert sent("jira.yaml", told(Kind.DIAGNOSED, diagnosis_history=[{}])) == []
    assert sent("jira.yaml", told(Kind.DIAGNOSED, incident_id="t-0")) == []
    assert sent("jira.yaml", told(Kind.RESOLVED)) == []


def test_servicenow_gets_an_incident_for_the_first_diagnosis() -> None:
    event = told(Kind.DIAGNOSED)

    assert sent("servicenow.yaml", event) == [
        {
            "short_description": event["detail"]["title"],
            "description": event["detail"]["text"],
            "correlation_id": "t-1",
            "correlation_display": "Differential",
        }
    ]
    assert sent("servicenow.yaml", told(Kind.DIAGNOSED, diagnosis_history=[{}])) == []


@pytest.mark.parametrize("kind", Kind)
def test_a_webhook_gets_everything_that_is_told_of_tickets(kind: Kind) -> None:
    event = told(kind)

    assert sent("webhook.yaml", event) == [
        {
            "kind": kind.detail_type,
            "id": f"t-1/0/{kind}",
            "at": "2026-11-20T10:05:01.220Z",
            "title": event["detail"]["title"],
            "text": event["detail"]["text"],
            "severity": "critical",
            "ticket_id": "t-1",
            "component": "tikv-4",
            "thread": "t-1",
            "link": LINK,
        }
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_text_of_a_ticket_or_an_answer_leaves_its_place(name: str) -> None:
    """As many payloads of the same shape, whatever stands in them."""
    usual = [shape(payload) for payload in sent(name, told(Kind.DIAGNOSED))]
    for text in ['"', '", "event_action": "resolve", "x": "', "\\", "</text>", "<title>", *INJECTIONS]:
        answer = record_of_answer(headline=text, recommended_action=text)
        event = told(Kind.DIAGNOSED, message=text, component=text, diagnosis_record=answer)
        assert [shape(payload) for payload in sent(name, event)] == usual


def shape(payload: Any) -> Any:
    return (
        {key: shape(value) for key, value in payload.items()} if isinstance(payload, dict) else type(payload)
    )
