"""What CloudWatch knows of an alarm besides its change of state: its tags, and whether it is muted."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from runtime.observability import MetricUnit, logger, metrics
from subjects.discovery import Arn, alarm_of

LONGEST_NAME = 255
"""Characters of an alarm's name. Source: CloudWatch, PutMetricAlarm."""
MOST_PAGES = 10
NOT_TO_BE_KNOWN = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "InvalidAction",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "UnknownOperation",
        "UnknownOperationException",
        "ValidationError",
        "ValidationException",
    )
)
"""Asking again would not help: it is forbidden, the alarm is gone, or its region has no mute rules."""


class CloudWatch:
    """Asks boto3's client in the alarm's region; alarms of other accounts cannot be asked about."""

    def __init__(self, client_in: Callable[[str], Any], account: str) -> None:
        self._client_in = client_in
        self._account = account

    def tags_of(self, alarm: str) -> Mapping[str, str] | None:
        """By the alarm's ARN; None where they cannot be known. Raises what boto3 does in trouble."""
        arn = self._askable(alarm)
        if arn is None:
            return None
        client = self._client_in(arn.region)
        answer = _unless_unknown(alarm, partial(client.list_tags_for_resource, ResourceARN=alarm))
        return None if answer is None else {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}

    def is_muted(self, alarm: str) -> bool:
        """Whether a mute rule is active for the alarm, by its ARN. Raises as `tags_of` does.

        Mute rules stop an alarm's actions; its changes of state come all the same.
        """
        arn = self._askable(alarm)
        if arn is None:
            return False
        asked: dict[str, Any] = {"AlarmName": alarm_of(alarm), "Statuses": ["ACTIVE"]}
        client = self._client_in(arn.region)
        for _ in range(MOST_PAGES):
            answer = _unless_unknown(alarm, partial(client.list_alarm_mute_rules, **asked))
            if not answer or answer.get("AlarmMuteRuleSummaries"):
                return bool(answer)
            if not answer.get("NextToken"):
                return False
            asked["NextToken"] = answer["NextToken"]
        return False

    def _askable(self, alarm: str) -> Arn | None:
        arn = Arn.read(alarm)
        is_ours = arn is not None and arn.account == self._account and len(alarm_of(alarm)) <= LONGEST_NAME
        return arn if is_ours else None


def _unless_unknown(alarm: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        if code not in NOT_TO_BE_KNOWN:
            raise
        logger.warning("not known of the alarm", alarm=alarm, operation=error.operation_name, code=code)
        metrics.add_metric("AlarmsNotAsked", MetricUnit.Count, 1)
        return None
