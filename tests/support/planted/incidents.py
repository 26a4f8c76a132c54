"""Five incidents as prompts, made as they are in production: what planted answers are about."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from diagnose.evidence.gathering import gather
from diagnose.evidence.incident import incident_of
from diagnose.evidence.inline import told_by
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.onset import onset_of
from diagnose.evidence.prompt import Prompt, build_prompt
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.alarm.definition import definition_facts, definition_lines
from diagnose.evidence.sources.alarm.others import open_facts, open_lines
from diagnose.evidence.sources.changes.change import Change, Near, facts_of, lines_of
from diagnose.evidence.sources.logs.reading import Event, Slice
from diagnose.evidence.sources.logs.sections import sections_of
from diagnose.evidence.sources.metrics.telling import tell
from diagnose.evidence.subject import section_of
from diagnose.evidence.times import Window
from local.aws.names import ACCOUNT, REGION
from local.aws.template import ROOT
from subjects.subject import Subject
from tests.support.incidents import Says, section
from tickets.ticket import Ticket
from timeseries.analysis import analyse
from timeseries.series import Series, series

BUDGET = 100_000
ONSET = datetime(2026, 11, 28, 11, 46, tzinfo=UTC)
NOW = ONSET + timedelta(minutes=14)


@dataclass(frozen=True)
class Asked:
    """One incident as it is asked about, with the items of its evidence to be found by what they say."""

    name: str
    prompt: Prompt

    def id_of(self, prefix: str, *words: str) -> str:
        """The first item under the prefix that has all the words. Raises LookupError where none has."""
        for id_, text in self.prompt.evidence.items():
            if id_.rstrip("0123456789") == prefix and all(word in text for word in words):
                return id_
        raise LookupError(f"{self.name}: no {prefix} item says {' and '.join(words)}")

    def now(self, id_: str) -> str:
        """The last value that a metric's line gives, with its unit."""
        return self.prompt.evidence[id_].rpartition("now ")[2].partition(", ")[0]


@cache
def asked() -> dict[str, Asked]:
    """All incidents, by name."""
    return {name: Asked(name, made()) for name, made in MADE.items()}


def points(before: float, after: Mapping[int, float], wobble: float = 0.02) -> list[tuple[datetime, Any]]:
    """A point each minute from three hours before the onset, from `after` minutes on at other levels."""
    chance = random.Random(7)
    found = []
    for minute in range(-180, 15):
        level = before
        for since, value in after.items():
            level = value if minute >= since else level
        value = level * (1 + wobble * (chance.random() - 0.5))
        found.append((ONSET + timedelta(minutes=minute), Decimal(str(round(value, 3)))))
    return found


def metrics(title: str, *each: Series) -> Found:
    told = tell([analyse(one, ONSET) for one in each])
    return Found(
        (Section("metrics", title, "M", told.lines, exact=told.exact, facts=told.facts),), told.departures
    )


def _checkout() -> Prompt:
    """A release six minutes before errors of a function, which an API in front of it passes on."""
    ticket = Ticket.from_item(
        {
            "ticket_id": "t-checkout",
            "status": "open",
            "invariant_name": "lambda_error_rate",
            "component": "checkout-quote",
            "subject": "checkout",
            "message": "checkout-quote fails: customers see no price.",
            "severity": "critical",
            "first_seen_at": "2026-11-28T11:49:00Z",
        }
    )
    subject = Subject(
        subject_id="checkout",
        kind="service",
        description="Prices a basket.",
        depends_on=("tax-rates", "quote-rules"),
        resources=("arn:aws:lambda:us-east-1:123456789012:function:checkout-quote",),
        runbook="1. Roll back by pointing live at the version before.",
    )
    incident = incident_of(ticket, onset_of(ticket, NOW), NOW, subject, ACCOUNT, REGION)
    function = metrics(
        "Metrics of AWS/Lambda FunctionName=checkout-quote, a point every 1 min",
        series("Errors Sum", points(0, {0: 57}), ""),
        series("Duration p99", points(387, {0: 10010}), "ms"),
        series("MemoryUsed Maximum", points(14063512655, {0: 9063512655}, 0), "B"),
        series("Throttles Sum", points(0, {}), ""),
        series("Invocations Sum", points(482, {}), ""),
    )
    api = metrics(
        "Metrics of AWS/ApiGateway ApiName=checkout-api, a point every 1 min",
        series("5XXError Sum", points(0, {1: 61}), ""),
        series("Count Sum", points(456, {}), ""),
    )
    changes = [
        Change(
            ONSET - timedelta(minutes=6),
            "function checkout-quote: version 2 differs from 1",
            Near.ITSELF,
            "Lambda",
            more={"Environment.Variables.DISCOUNT_RULES": "v1 -> v2"},
        ),
        Change(
            ONSET + timedelta(minutes=5),
            "function checkout-quote: alias live was moved",
            Near.ITSELF,
            "Lambda",
        ),
        Change(
            ONSET - timedelta(minutes=39),
            "parameter /reports/nightly/recipients was set, version 1",
            Near.ACCOUNT,
            "Systems Manager",
            who="amelie",
        ),
    ]
    changed = Section("changes", "Changes", "H", lines_of(changes), facts=facts_of(changes))
    alarm = {
        "AlarmName": "checkout-quote-errors",
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 20.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "StateValue": "ALARM",
        "StateTransitionedTimestamp": ONSET + timedelta(minutes=3),
        "StateReason": "Threshold Crossed",
    }
    other = {
        "AlarmName": "reports-nightly-duration",
        "Namespace": "Reports",
        "MetricName": "RunMinutes",
        "StateTransitionedTimestamp": ONSET - timedelta(days=3),
    }
    rings = Section("alarm", "The alarm", "A", definition_lines(alarm), facts=definition_facts(alarm))
    others = Section(
        "alarm",
        "Other alarms in ALARM now, nearest first",
        "A",
        open_lines([other], incident, Redactor()),
        facts=open_facts([other], incident),
    )
    sources: list[Looked] = [
        function,
        api,
        Found((changed,)),
        Found((rings, others)),
        Found(_log_of_checkout()),
        Found(
            (
                section(
                    "neighbours",
                    "it depends on, 1 step: tax-rates, service, Tax rates for a country.",
                    "it depends on, 1 step: quote-rules, table, Discount rules.",
                    "what depends on it, 1 step: checkout-api, api",
                    prefix="N",
                ),
            )
        ),
        Found(
            (
                section(
                    "similar",
                    "t-1, the same violation, on checkout-quote: rates-cache was down (confidence low); "
                    "unconfirmed: nobody has said whether it was right; recommended: restart rates-cache",
                    prefix="S",
                ),
            )
        ),
        Found(
            (section("runbook", "runbook: 1. Roll back by pointing live at the version before.", prefix="G"),)
        ),
        CouldNotLook("X-Ray's traces of checkout-quote", "not allowed: xray:GetTraceSummaries"),
        CouldNotLook("events of AWS CloudTrail", "throttled"),
        FoundNothing("deployments of CodeDeploy", Window(ONSET - timedelta(hours=24), NOW)),
        NotAsked("AWS Health", "switched off"),
    ]
    known = Found((section_of(subject),))
    return _prompt(ticket, incident, [told_by(ticket), known], sources)


def _log_of_checkout() -> tuple[Section, ...]:
    texts = [
        (
            -300,
            "[env 02] INFO ready subnet=app-b discount_rules=v2 loaded 214 rules of quote-rules",
        ),
        (6, "[env 03] WARN tax-rates connect 10.44.8.20:443 from 10.40.48.23: no answer yet after 9 s"),
        (9, "[150cc6d5] Task timed out after 10.01 seconds"),
        (54, '[a040d0e1] ERROR quote failed: "tax-rates did not answer" basket_lines=11'),
        (120, "[d8678de4] INFO quote requested basket_lines=5 country=DE"),
        (180, "[d630a458] INFO tax-rates GET /v3/rates -> 200 in 31 ms"),
    ]
    quiet = [
        (second, "[d8678de4] INFO quote requested basket_lines=5 country=DE")
        for second in range(-900, -300, 60)
    ]

    def read(start: int, end: int, lines: Sequence[tuple[int, str]]) -> Slice:
        found = [
            Event(ONSET + timedelta(seconds=second), text, "stream", f"e{second}") for second, text in lines
        ]
        first, last = (ONSET + timedelta(seconds=second) for second in (start, end))
        return Slice(first, last, last, events=found)

    around, before = read(-300, 600, texts), read(-1200, -300, quiet)
    return sections_of("log group /aws/lambda/checkout-quote", [around], [before], Redactor())


def _replica() -> Prompt:
    """Writes to a primary from which a replica falls behind, all of it in the ticket's own snapshot."""

    def told(name: str, of: str, unit: str, before: float, after: Mapping[int, float]) -> dict[str, Any]:
        known = points(before, after)
        return {
            "metric_name": name,
            "dimensions": [{"Name": "DBInstanceIdentifier", "Value": of}],
            "unit": unit,
            "timestamps": [at.isoformat() for at, _ in known],
            "values": [value for _, value in known],
        }

    ticket = Ticket.from_item(
        {
            "ticket_id": "t-replica",
            "status": "open",
            "invariant_name": "replication_lag",
            "component": "analytics-prod-replica-1",
            "message": "Replication lag of analytics-prod-replica-1 exceeded 1000 seconds",
            "severity": "critical",
            "first_seen_at": "2026-11-28T11:50:00Z",
            "metric_snapshot": {
                "metrics": [
                    told("WriteIOPS", "analytics-prod", "Count/Second", 380, {0: 19010}),
                    told("TransactionLogsGeneration", "analytics-prod", "Bytes/Second", 4.19e6, {1: 189e6}),
                    told("ReplicaLag", "analytics-prod-replica-1", "Seconds", 15, {3: 1248}),
                    told("CPUUtilization", "analytics-prod-replica-1", "Percent", 28.4, {}),
                ],
                "open_cursors": 41.2,
            },
            "subject_context": {"primary": "analytics-prod", "read_replica": "analytics-prod-replica-1"},
            "log_tail": [
                "2026-11-28T11:44:02Z analytics-prod INFO batch event_queue begins batch_id=8812",
                "2026-11-28T11:48:41Z analytics-prod-replica-1 ERROR replication lag exceeded 900 seconds",
            ],
        }
    )
    incident = incident_of(ticket, onset_of(ticket, NOW), NOW, None, ACCOUNT, REGION)
    sources: list[Looked] = [
        CouldNotLook("log group /rds/analytics-prod", "there is no log group of this name")
    ]
    return _prompt(ticket, incident, [told_by(ticket)], sources)


def _store() -> Prompt:
    """A ticket as a monitor writes it: readings without a past, a topology, a log, and nothing live."""
    ticket = Ticket.from_item(_event("tikv-store-down"))
    now = datetime(2026, 11, 17, 2, 23, tzinfo=UTC)
    incident = incident_of(ticket, onset_of(ticket, now), now, None, ACCOUNT, REGION)
    return _prompt(ticket, incident, [told_by(ticket)], [NotAsked("metrics", "switched off")])


def _healthy() -> Prompt:
    """A check that rang for nothing: all metrics are as before, nothing was changed."""
    ticket = Ticket.from_item(
        {
            "ticket_id": "t-healthy",
            "status": "open",
            "invariant_name": "scheduled_check",
            "component": "payments-prod",
            "message": "Scheduled health check of payments-prod",
            "severity": "info",
            "first_seen_at": "2026-11-28T11:46:00Z",
            "log_tail": ["2026-11-28T11:40:00Z payments-prod INFO backup finished in 41 s"],
            "topology": "payments-api -> payments-prod",
        }
    )
    incident = incident_of(ticket, onset_of(ticket, NOW), NOW, None, ACCOUNT, REGION)
    quiet = metrics(
        "Metrics of AWS/RDS DBInstanceIdentifier=payments-prod, a point every 1 min",
        series("CPUUtilization Average", points(9.9, {}), "%"),
        series("DatabaseConnections Maximum", points(103, {}), ""),
    )
    return _prompt(ticket, incident, [told_by(ticket)], [quiet, FoundNothing("changes")])


def _recovered() -> Prompt:
    """It failed for some minutes, and was back before anybody looked."""
    ticket = Ticket.from_item(
        {
            "ticket_id": "t-recovered",
            "status": "open",
            "invariant_name": "error_rate",
            "component": "accounts-db",
            "message": "accounts-api cannot reach accounts-db",
            "severity": "critical",
            "first_seen_at": "2026-11-28T11:46:00Z",
            "topology": "accounts-api -> accounts-db",
            "log_tail": ["2026-11-28T11:56:00Z accounts-api INFO GET /accounts -> 200 in 22 ms"],
        }
    )
    incident = incident_of(ticket, onset_of(ticket, NOW), NOW, None, ACCOUNT, REGION)
    over = metrics(
        "Metrics of DBInstanceIdentifier=accounts-db, a point every 1 min",
        series("ConnectionsRefused Sum", points(2, {0: 410, 4: 2}), ""),
        series("CPUUtilization Average", points(21, {}), "%"),
    )
    return _prompt(ticket, incident, [told_by(ticket)], [over, FoundNothing("changes")])


def _prompt(ticket: Ticket, incident: Any, told: Sequence[Looked], sources: Sequence[Looked]) -> Prompt:
    context = gather(incident, told, [Says("all", tuple(sources))])
    return build_prompt(context, ticket.unusable, BUDGET)


def _event(name: str) -> dict[str, Any]:
    text = (ROOT / "events" / "tickets" / f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return found


MADE = {
    "checkout": _checkout,
    "replica": _replica,
    "store": _store,
    "healthy": _healthy,
    "recovered": _recovered,
}
