"""What an alarm watches, and when it fires, in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.onset import with_datapoints_in_iso
from diagnose.evidence.sections import labelled
from diagnose.evidence.times import in_words, utc
from timeseries.figures import exact, figure

COMPARED = {
    "GreaterThanOrEqualToThreshold": "at or above",
    "GreaterThanThreshold": "above",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "at or below",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside of the band",
    "LessThanLowerThreshold": "below the band",
    "GreaterThanUpperThreshold": "above the band",
}
MISSING = {
    "missing": "missing data keep its state",
    "ignore": "missing data keep its state",
    "breaching": "missing data count as breaching",
    "notBreaching": "missing data count as fine",
}


def definition_lines(alarm: Mapping[str, Any]) -> tuple[str, ...]:
    """One line each: what it watches, its description, its state, and what is unusual about it."""
    return (
        *_until_state(alarm),
        *labelled("its state", _state(alarm)),
        *labelled("its actions", "" if alarm.get("ActionsEnabled", True) else "switched off"),
    )


def ringing(alarm: Mapping[str, Any]) -> Fact | None:
    """That it is in ALARM, and since when; nothing where it is not."""
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    if alarm.get("StateValue") != "ALARM":
        return None
    return Fact(Kind.ALARM, since if isinstance(since, datetime) else None)


def definition_facts(alarm: Mapping[str, Any]) -> tuple[Fact | None, ...]:
    """What its lines tell: that of its state may be a finding."""
    before = len(_until_state(alarm))
    return (*(None for _ in range(before)), ringing(alarm))


def _until_state(alarm: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        *labelled(f"alarm {alarm.get('AlarmName')}", _rule(alarm)),
        *labelled("its description", str(alarm.get("AlarmDescription") or "")),
    )


def _rule(alarm: Mapping[str, Any]) -> str:
    if "AlarmRule" in alarm:
        return f"composite, fires when {alarm['AlarmRule']}"
    periods = int(alarm.get("EvaluationPeriods") or 1)
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    seconds = int(alarm.get("Period") or 0)
    over = f" over {in_words(seconds)}" if seconds else ""
    compared = COMPARED.get(str(alarm.get("ComparisonOperator")), str(alarm.get("ComparisonOperator")))
    threshold = alarm.get("Threshold")
    beyond = f" {figure(exact(threshold))}" if isinstance(threshold, int | float) else ""
    missing = MISSING.get(str(alarm.get("TreatMissingData") or "missing"), "")
    when = f"{_watched(alarm)}{over} is {compared}{beyond}"
    return f"fires when {when} in {needed} of {periods} periods; {missing}"


def _watched(alarm: Mapping[str, Any]) -> str:
    if not alarm.get("MetricName"):
        metrics = [each.get("MetricStat", {}).get("Metric", {}) for each in alarm.get("Metrics") or ()]
        expressions = [each.get("Expression") for each in alarm.get("Metrics") or ()]
        parts = [str(part) for part in (*expressions, *(each.get("MetricName") for each in metrics)) if part]
        return f"an expression of metrics ({'; '.join(parts)})"
    of = ", ".join(f"{each.get('Name')}={each.get('Value')}" for each in alarm.get("Dimensions") or ())
    statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic") or ""
    return f"{statistic} of {alarm.get('Namespace')} {alarm['MetricName']}{f' ({of})' if of else ''}"


def _state(alarm: Mapping[str, Any]) -> str:
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    told = f" since {utc(since)}" if isinstance(since, datetime) else ""
    reason = with_datapoints_in_iso(str(alarm.get("StateReason") or ""))
    return f"{alarm.get('StateValue', 'unknown')}{told}{f': {reason}' if reason else ''}"
