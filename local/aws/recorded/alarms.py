"""CloudWatch's alarms and their history, which moto does not keep."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.moments import utc, within
from local.aws.recorded.paging import page, with_token

_MOST_RECORDS = 100
_RECORDS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms", "LogAlarm": "LogAlarms"}
_NOT_OF_AN_ALARM = {"Tags"}


class Alarms:
    """Seeded with `add` and `went`, or by PutMetricAlarm and SetAlarmState."""

    def __init__(self) -> None:
        self._alarms: dict[str, dict[str, Any]] = {}
        self._history: list[dict[str, Any]] = []
        self._tags: dict[str, list[dict[str, str]]] = {}

    def add(self, alarm: Mapping[str, Any], at: datetime | None = None) -> str:
        """An alarm as PutMetricAlarm (with an AlarmRule PutCompositeAlarm) takes it; gives back its ARN."""
        name, at = str(alarm["AlarmName"]), at or datetime.now(UTC)
        arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"
        made = {
            "ActionsEnabled": True,
            "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation",
            "StateUpdatedTimestamp": at,
            "StateTransitionedTimestamp": at,
            "TreatMissingData": "missing",
            **{key: value for key, value in alarm.items() if key not in _NOT_OF_AN_ALARM},
            "AlarmArn": arn,
            "AlarmConfigurationUpdatedTimestamp": at,
        }
        kind = "Updated" if name in self._alarms else "Created"
        before = self._alarms.get(name, {})
        self._alarms[name] = made | {key: before[key] for key in before if key.startswith("State")}
        self._tags[arn] = list(alarm.get("Tags", []))
        data = {"type": kind.removesuffix("d"), "version": "1.0", f"{kind.lower()}Alarm": {"alarmName": name}}
        self._note(name, at, "ConfigurationUpdate", f'Alarm "{name}" {kind.lower()}', data)
        return arn

    def went(self, name: str, state: str, at: datetime, reason: str = "", **reason_data: Any) -> None:
        """An alarm changed its state, told in the order of time; `reason_data` as CloudWatch gives it."""
        alarm = self._alarms[name]
        old = {"stateValue": alarm["StateValue"], "stateReason": alarm["StateReason"]}
        new: dict[str, Any] = {"stateValue": state, "stateReason": reason}
        if reason_data:
            new["stateReasonData"] = {"version": "1.0", **reason_data}
            alarm["StateReasonData"] = json.dumps(new["stateReasonData"])
        if alarm["StateValue"] != state:
            alarm["StateTransitionedTimestamp"] = at
        alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": at}
        summary = f"Alarm updated from {old['stateValue']} to {state}"
        data = {"version": "1.0", "oldState": old, "newState": new}
        self._note(name, at, "StateUpdate", summary, data)

    def state_of(self, name: str) -> dict[str, Any]:
        """A copy of the alarm as it is now."""
        return dict(self._alarms[name])

    def describe_alarms(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Only metric alarms unless AlarmTypes says otherwise, as in AWS."""
        if {"AlarmNames", "AlarmNamePrefix"} <= set(asked):
            raise ApiError("ValidationError", "AlarmNamePrefix and AlarmNames are mutually exclusive")
        types = asked.get("AlarmTypes") or ["MetricAlarm"]
        found = [
            (_RECORDS[_type(alarm)], alarm)
            for name, alarm in sorted(self._alarms.items())
            if _type(alarm) in types
            and (not asked.get("AlarmNames") or name in asked["AlarmNames"])
            and name.startswith(asked.get("AlarmNamePrefix", ""))
            and asked.get("StateValue", alarm["StateValue"]) == alarm["StateValue"]
            and any(action.startswith(asked.get("ActionPrefix", "")) for action in _actions(alarm))
        ]
        shown, token = page(found, _size(asked, 50), asked.get("NextToken"))
        kinds = [_RECORDS[type_] for type_ in types]
        return with_token(
            {kind: [alarm for of_kind, alarm in shown if of_kind == kind] for kind in kinds}, token
        )

    def describe_alarms_for_metric(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        def same(alarm: Mapping[str, Any]) -> bool:
            optional = ("Statistic", "ExtendedStatistic", "Period", "Unit")
            return (
                all(alarm.get(key) == asked[key] for key in ("Namespace", "MetricName"))
                and _dimensions(alarm) == _dimensions(asked)
                and all(alarm.get(key) == asked[key] for key in optional if key in asked)
            )

        return {"MetricAlarms": [alarm for _, alarm in sorted(self._alarms.items()) if same(alarm)]}

    def describe_alarm_history(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        types = asked.get("AlarmTypes") or ["MetricAlarm"]
        found = [
            item
            for item in self._history
            if asked.get("AlarmName", item["AlarmName"]) == item["AlarmName"]
            and item["AlarmType"] in types
            and asked.get("HistoryItemType", item["HistoryItemType"]) == item["HistoryItemType"]
            and within(item["Timestamp"], asked.get("StartDate"), asked.get("EndDate"))
        ]
        newest_first = asked.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        found.sort(key=lambda item: utc(item["Timestamp"]), reverse=newest_first)
        shown, token = page(found, _size(asked, _MOST_RECORDS), asked.get("NextToken"))
        return with_token({"AlarmHistoryItems": shown}, token)

    def put_metric_alarm(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.add(asked)
        return {}

    def set_alarm_state(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked["AlarmName"] not in self._alarms:
            raise ApiError("ResourceNotFound", f"Unknown alarm {asked['AlarmName']}", 404)
        try:
            data = json.loads(asked.get("StateReasonData") or "{}")
        except ValueError as error:
            raise ApiError("InvalidFormat", "StateReasonData is not JSON") from error
        data.pop("version", None)
        self.went(asked["AlarmName"], asked["StateValue"], datetime.now(UTC), asked["StateReason"], **data)
        return {}

    def list_tags(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked["ResourceARN"] not in self._tags:
            raise ApiError("ResourceNotFoundException", f"No resource {asked['ResourceARN']}", 404)
        return {"Tags": self._tags[asked["ResourceARN"]]}

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("cloudwatch", "DescribeAlarms"): self.describe_alarms,
            ("cloudwatch", "DescribeAlarmsForMetric"): self.describe_alarms_for_metric,
            ("cloudwatch", "DescribeAlarmHistory"): self.describe_alarm_history,
            ("cloudwatch", "PutMetricAlarm"): self.put_metric_alarm,
            ("cloudwatch", "SetAlarmState"): self.set_alarm_state,
            ("cloudwatch", "ListTagsForResource"): self.list_tags,
        }

    def _note(self, name: str, at: datetime, kind: str, summary: str, data: Mapping[str, Any]) -> None:
        self._history.append(
            {
                "AlarmName": name,
                "AlarmType": _type(self._alarms[name]),
                "Timestamp": at,
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": json.dumps(data),
            }
        )


def _type(alarm: Mapping[str, Any]) -> str:
    return "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm"


def _actions(alarm: Mapping[str, Any]) -> list[str]:
    kinds = ("AlarmActions", "OKActions", "InsufficientDataActions")
    return [action for kind in kinds for action in alarm.get(kind, [])] or [""]


def _dimensions(of: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(dimension["Name"], dimension["Value"]) for dimension in of.get("Dimensions", [])}


def _size(asked: Mapping[str, Any], default: int) -> int:
    size = int(asked.get("MaxRecords") or default)
    if not 1 <= size <= _MOST_RECORDS:
        raise ApiError("ValidationError", f"MaxRecords must be from 1 to {_MOST_RECORDS}")
    return size
