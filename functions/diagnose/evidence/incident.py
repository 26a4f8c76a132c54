"""What every source is told of an incident, worked out before any of them looks.

It comes from the ticket's own fields, then from the subject's record, then from what those names tell of
others (discovery.py): a metric's dimensions name the resource, and that its log group.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from diagnose.evidence.onset import Onset
from subjects.discovery import Arn, alarm_of, log_groups_of, metrics_of, resources_of
from subjects.subject import Subject
from tickets.ticket import Ticket


@dataclass(frozen=True)
class MetricId:
    """One metric of CloudWatch; an empty statistic or a period of 0 is not known."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str = ""
    period: int = 0

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.dimensions.items())
        return f"{self.namespace} {self.name}{f' ({told})' if told else ''}"


@dataclass(frozen=True)
class Incident:
    """One incident.

    `metrics` are those to begin with, nearest first; one without a name stands for all that a resource has.
    `account` and `region` are those of what is affected, `home_account` is ours. `alarm` is the alarm's
    definition as CloudWatch gives it, where it could be read.
    """

    ticket: Ticket
    began: Onset
    now: datetime
    subject: Subject | None
    alarm_name: str | None
    metric: MetricId | None
    resources: tuple[str, ...]
    log_groups: tuple[str, ...]
    account: str
    region: str
    home_account: str = ""
    metrics: tuple[MetricId, ...] = field(default=())
    alarm: Mapping[str, Any] | None = None

    @property
    def elsewhere(self) -> str:
        """Why none of our rights reach what is affected; nothing where they do."""
        if self.home_account and self.account and self.account != self.home_account:
            return f"it is in another account: {self.account}"
        return ""


def incident_of(
    ticket: Ticket,
    began: Onset,
    now: datetime,
    subject: Subject | None = None,
    home_account: str = "",
    home_region: str = "",
    alarm: Mapping[str, Any] | None = None,
) -> Incident:
    """The incident of a ticket, of its subject's record, and of its alarm's definition."""
    account, region = place_of(ticket, home_account, home_region)
    ticket = completed(ticket, alarm)
    metric = None
    if ticket.namespace and ticket.metric_name:
        metric = MetricId(
            ticket.namespace, ticket.metric_name, ticket.dimensions, ticket.statistic, ticket.period
        )
    resources = _distinct(
        ticket.resource,
        resources_of(ticket.dimensions, account, region),
        subject.resources if subject else (),
    )
    log_groups = _distinct(ticket.log_group, subject.log_groups if subject else (), log_groups_of(resources))
    return Incident(
        ticket=ticket,
        began=began,
        now=now,
        subject=subject,
        alarm_name=alarm_of(ticket.alarm) or None,
        metric=metric,
        resources=resources,
        log_groups=log_groups,
        account=account,
        region=region,
        home_account=home_account,
        metrics=_metrics(metric, subject, resources),
        alarm=alarm,
    )


def place_of(ticket: Ticket, home_account: str, home_region: str) -> tuple[str, str]:
    """Account and region of what is affected."""
    arns = [arn for arn in map(Arn.read, (ticket.alarm, *ticket.resource)) if arn]
    account = ticket.account or next((arn.account for arn in arns if arn.account), home_account)
    return account, ticket.region or next((arn.region for arn in arns if arn.region), home_region)


def completed(ticket: Ticket, alarm: Mapping[str, Any] | None) -> Ticket:
    """The ticket with the metric that its alarm watches, where it does not name one itself."""
    if not alarm or ticket.metric_name:
        return ticket
    watched = alarm
    if not alarm.get("MetricName"):
        stats = [query["MetricStat"] for query in alarm.get("Metrics") or () if "MetricStat" in query]
        if not stats:
            return ticket
        stat = stats[0]
        watched = {**stat.get("Metric", {}), "Statistic": stat.get("Stat"), "Period": stat.get("Period")}
    return ticket.model_copy(
        update={
            "namespace": str(watched.get("Namespace") or ""),
            "metric_name": str(watched.get("MetricName") or ""),
            "dimensions": {
                str(each.get("Name", "")): str(each.get("Value", ""))
                for each in watched.get("Dimensions") or ()
            },
            "statistic": str(watched.get("Statistic") or watched.get("ExtendedStatistic") or ""),
            "period": int(watched.get("Period") or 0),
        }
    )


def _metrics(
    metric: MetricId | None, subject: Subject | None, resources: Iterable[str]
) -> tuple[MetricId, ...]:
    """Nearest first; those that a resource has are its source's to know."""
    named = [
        MetricId(each.namespace, each.metric_name, each.dimensions, each.statistic)
        for each in (subject.metrics if subject else ())
    ]
    kept = [MetricId(kind[0], "", kind[1]) for each in resources if (kind := metrics_of(each))]
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], MetricId] = {}
    for each in ([metric] if metric else []) + named + kept:
        found.setdefault((each.namespace, each.name, tuple(sorted(each.dimensions.items()))), each)
    return tuple(found.values())


def _distinct(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts for text in part if text))
