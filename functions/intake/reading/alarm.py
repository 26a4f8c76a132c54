"""A change of a CloudWatch alarm's state: of one metric, of a formula, of an anomaly's band, or composite."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from events.incoming import MOST_BYTES_OF_A_KEY, At
from intake.observation import MonitorState, Observation, Place
from intake.reading.envelope import Envelope, validated
from intake.reading.metrics import Metric, datapoints_of, metrics_of
from intake.reading.severity import severity_in
from intake.reading.values import listed, mapping, storable_json, text
from runtime.characters import bounded
from subjects.discovery import alarm_of, resources_of

MOST_BYTES_OF_A_NAME = 512
MOST_BYTES_OF_A_REASON = 2048
MOST_BYTES_OF_A_RULE = 10_240
"""Source: CloudWatch, PutCompositeAlarm, AlarmRule."""
MOST_CHILDREN = 100
"""Source: CloudWatch quotas, alarms of a composite one."""
COMPONENTS = (
    "FunctionName",
    "ServiceName",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "TableName",
    "QueueName",
    "StreamName",
    "TopicName",
    "LoadBalancer",
    "InstanceId",
    "ClusterName",
)
"""Dimensions that name what a metric was seen on, the most telling first."""
SUBJECTS = ("Service", "service", "service.name", "ServiceName", "Application")
"""Dimensions of one's own metrics that name a system. AWS's name what is unique in a cluster at the most."""


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    value: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    timestamp: At
    reason: Any = ""
    reasonData: Any = ""  # noqa: N815 - CloudWatch's name
    actionsSuppressedReason: Any = ""  # noqa: N815


class _Detail(BaseModel):
    """Without these it tells of no alarm; whatever else does not fit is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alarmName: str = Field(min_length=1)  # noqa: N815
    state: _State
    configuration: Any = None
    alarmTags: Any = None  # noqa: N815


def read_alarm(event: Envelope, usual_severity: str) -> Observation:
    """Raises UnreadableError. Source: CloudWatch user guide, alarm events and EventBridge."""
    detail = validated(_Detail, event.detail, "detail")
    arn = _arn(event, detail.alarmName)
    metrics = metrics_of(mapping(detail.configuration).get("metrics"))
    state = detail.state
    return Observation(
        event_id=event.id,
        violation_key=_key(arn),
        state=MonitorState(state.value.lower()),
        at_ms=int(state.timestamp.timestamp() * 1000),
        ticket=_ticket(event, detail, arn, metrics, usual_severity),
        alarm=arn,
        place=_place(event, metrics),
        reason=text(state.reason, MOST_BYTES_OF_A_REASON),
        tags=tags_of(detail.alarmTags),
    )


def tags_of(value: Any) -> Mapping[str, str] | None:
    """Tags that came along; None when there are none, and they may be asked for."""
    return {name: text(tag, MOST_BYTES_OF_A_NAME) for name, tag in mapping(value).items()} or None


def _arn(event: Envelope, name: str) -> str:
    found = [each for each in event.resources if isinstance(each, str) and ":alarm:" in each]
    return found[0] if found else f"arn:aws:cloudwatch:{event.region}:{event.account}:alarm:{name}"


def _key(arn: str) -> str:
    """The ARN, or the beginning and a digest of one that no alarm of CloudWatch's has."""
    if len(arn.encode()) <= MOST_BYTES_OF_A_KEY:
        return arn
    return f"{bounded(arn, MOST_BYTES_OF_A_KEY // 2)}:{sha256(arn.encode()).hexdigest()}"


def _place(event: Envelope, metrics: list[Metric]) -> Place:
    found = [name for each in metrics for name in resources_of(each.dimensions, event.account, event.region)]
    return Place(_subject(metrics), tuple(dict.fromkeys(found)), "")


def _subject(metrics: list[Metric]) -> str:
    own = [each for each in metrics if not each.namespace.startswith("AWS/")]
    return next((each.dimensions[name] for each in own for name in SUBJECTS if name in each.dimensions), "")


def _component(metrics: list[Metric]) -> str:
    named = {name: value for each in reversed(metrics) for name, value in each.dimensions.items()}
    told = [named[name] for name in COMPONENTS if name in named]
    return (told or [*named.values(), ""])[0]


def _ticket(
    event: Envelope, detail: _Detail, arn: str, metrics: list[Metric], usual_severity: str
) -> dict[str, Any]:
    configuration, state = mapping(detail.configuration), detail.state
    name = bounded(alarm_of(arn), MOST_BYTES_OF_A_NAME) or "alarm"
    reason = text(state.reason, MOST_BYTES_OF_A_REASON)
    description = text(configuration.get("description"), MOST_BYTES_OF_A_REASON)
    told = [reason or f"{name} is in {state.value}", description]
    data = _reason_data(state.reasonData)
    found: dict[str, Any] = {
        "invariant_name": name,
        "message": "\n".join(each for each in told if each),
        "component": _component(metrics),
        "subject": _subject(metrics),
        "severity": severity_in(name) or usual_severity,
        "alarm": bounded(arn, MOST_BYTES_OF_A_KEY),
        "account": text(event.account, 64),
        "region": text(event.region, 64),
        "metric_snapshot": datapoints_of(data, configuration.get("metrics")),
        "subject_context": _context(configuration, state, data, metrics),
        **(metrics[0].attributes() if metrics else {}),
    }
    return {key: value for key, value in found.items() if value}


def _reason_data(value: Any) -> Mapping[str, Any]:
    """It is JSON in a text."""
    try:
        return mapping(storable_json(json.loads(value))) if isinstance(value, str) else {}
    except (ValueError, RecursionError):
        return {}


def _context(
    configuration: Mapping[str, Any], state: _State, data: Mapping[str, Any], metrics: list[Metric]
) -> dict[str, Any]:
    """What else it says: its formula and other metrics, or its rule and the alarms that set it off."""
    children = [mapping(each) for each in listed(data.get("triggeringAlarms"))[:MOST_CHILDREN]]
    found = {
        "formula": [
            text(each.get("expression"), MOST_BYTES_OF_A_REASON)
            for each in map(mapping, listed(configuration.get("metrics")))
            if each.get("expression")
        ],
        "metrics": [each.attributes() for each in metrics] if len(metrics) > 1 else [],
        "alarm_rule": text(configuration.get("alarmRule"), MOST_BYTES_OF_A_RULE),
        "alarms_behind_it": [
            {
                "alarm": text(each.get("arn"), MOST_BYTES_OF_A_KEY),
                "state": text(mapping(each.get("state")).get("value"), 64),
                "since": text(mapping(each.get("state")).get("timestamp"), 64),
            }
            for each in children
        ],
        "actions_suppressed": text(state.actionsSuppressedReason, MOST_BYTES_OF_A_REASON),
    }
    return {name: value for name, value in found.items() if value}
