"""Every other alarm that is in ALARM now, nearest first; there may be thousands of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import labelled
from diagnose.evidence.sources.alarm_names import is_on, metrics_of, named_after, values_of
from diagnose.evidence.times import utc
from runtime.both_ends import both_ends
from subjects.names import names_of, resources_of

MOST_PAGES = 100
"""Of 100 alarms each; nine calls a second are what CloudWatch allows."""
MOST_SHOWN = 20
MOST_NAMESPACES = 5
NAME_CHARS = 160
LONG_AGO = datetime.min.replace(tzinfo=UTC)
NEARNESS = (
    "on the same resource",
    "named after the same resource",
    "on what the subject's record names",
    "of the same service, another resource",
    "on something else",
)
NEAR = 2
"""Up to this place of NEARNESS an alarm bears on the incident."""


@dataclass
class Open:
    """The alarms in ALARM, and why there may be more; nothing when these are all."""

    alarms: list[Mapping[str, Any]] = field(default_factory=list)
    more: str = ""


def read_open(client: Any, until: SecondsLeft) -> Open:
    """Raises what the SDK raises for the first page."""
    found = Open()
    request: dict[str, Any] = {
        "StateValue": "ALARM",
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        "MaxRecords": 100,
    }
    for _ in range(MOST_PAGES):
        page = client.describe_alarms(**request)
        found.alarms += [*(page.get("MetricAlarms") or ()), *(page.get("CompositeAlarms") or ())]
        if not page.get("NextToken"):
            return found
        if until() <= 0:
            found.more = "out of time"
            return found
        request["NextToken"] = page["NextToken"]
    found.more = f"more than {MOST_PAGES * 100:,} alarms"
    return found


def open_lines(alarms: Sequence[Mapping[str, Any]], incident: Incident, redact: Redact) -> tuple[str, ...]:
    """The nearest in place, and of those the nearest in time, one a line; the others counted by namespace."""
    near = _nearest(alarms, incident)
    lines: list[str] = []
    for each in near[:MOST_SHOWN]:
        shown = redact(each)
        where = NEARNESS[_nearness(each, incident)]
        lines += labelled(f"also in ALARM, {where}", f"{_name(shown)}{_about(shown)}")
    rest = Counter(_namespace(each) for each in near[MOST_SHOWN:])
    if rest:
        told = [f"{count:,} of {namespace}" for namespace, count in rest.most_common(MOST_NAMESPACES)]
        if left := sum(rest.values()) - sum(count for _, count in rest.most_common(MOST_NAMESPACES)):
            told.append(f"{left:,} of others")
        lines += labelled(f"{sum(rest.values()):,} more in ALARM", ", ".join(told))
    return tuple(lines)


def open_facts(alarms: Sequence[Mapping[str, Any]], incident: Incident) -> tuple[Fact, ...]:
    """Of each line that tells of one alarm."""
    return tuple(
        Fact(Kind.ALARM, _since(each), is_near=_nearness(each, incident) <= NEAR)
        for each in _nearest(alarms, incident)[:MOST_SHOWN]
    )


def _nearest(alarms: Sequence[Mapping[str, Any]], incident: Incident) -> list[Mapping[str, Any]]:
    others = [each for each in alarms if each.get("AlarmName") != incident.alarm_name]
    return sorted(others, key=lambda each: (_nearness(each, incident), _away(each, incident)))


def _nearness(alarm: Mapping[str, Any], incident: Incident) -> int:
    """A place in NEARNESS, by the rule that neighbours are told by, too (alarm_names.py)."""
    own = {
        *names_of(resources_of(incident.resources)),
        *(incident.metric.dimensions.values() if incident.metric else ()),
    }
    if is_on(alarm, own):
        return 0
    if named_after(alarm, own):
        return 1
    subject = incident.subject
    beside = {
        *names_of(resources_of(subject.depends_on if subject else ())),
        *(value for metric in incident.metrics for value in metric.dimensions.values()),
    }
    if is_on(alarm, beside) or named_after(alarm, beside):
        return 2
    return 3 if incident.metric and _namespace(alarm) == incident.metric.namespace else 4


def _away(alarm: Mapping[str, Any], incident: Incident) -> float:
    """Seconds between its going into ALARM and the onset."""
    return abs(((_since(alarm) or LONG_AGO) - incident.began.at).total_seconds())


def _about(alarm: Mapping[str, Any]) -> str:
    since = _since(alarm)
    what = " ".join(part for part in (_namespace(alarm), str(alarm.get("MetricName") or "")) if part)
    values = ", ".join(sorted(values_of(alarm)))
    return f" ({what}{f' of {values}' if values else ''}){f' since {utc(since)}' if since else ''}"


def _namespace(alarm: Mapping[str, Any]) -> str:
    found = next((str(each["Namespace"]) for each in metrics_of(alarm) if each.get("Namespace")), "")
    return found or ("composite alarms" if "AlarmRule" in alarm else "metric math")


def _name(alarm: Mapping[str, Any]) -> str:
    return both_ends(str(alarm.get("AlarmName") or "an alarm without a name"), NAME_CHARS)


def _since(alarm: Mapping[str, Any]) -> datetime | None:
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return since if isinstance(since, datetime) else None
