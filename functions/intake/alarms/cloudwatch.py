"""What CloudWatch knows of an alarm besides its change of state: its tags, and whether it is muted."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime.observability import MetricUnit, logger, metrics
from subjects.discovery import Arn, alarm_of

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

LONGEST_NAME = 255
"""Characters of an alarm's name. Source: CloudWatch, PutMetricAlarm."""
MOST_PAGES = 10
NOT_TO_BE_KNOWN = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ValidationError",
        "ValidationException",
    )
)
"""Asking again would not help: it is forbidden, or the alarm is gone."""


class CloudWatch:
    """Asks in the alarm's region; alarms of other accounts cannot be asked about."""

    def __init__(self, client_in: Callable[[str], "CloudWatchClient"], account: str) -> None:
        self._client_in = client_in
        self._account = account

    def tags_of(self, alarm: str) -> Mapping[str, str] | None:
        """By the alarm's ARN; None where they cannot be known. Raises what boto3 does in trouble."""
        arn = self._askable(alarm)
        if arn is None:
            return None
        answer = _unless_unknown(
            alarm, lambda: self._client_in(arn.region).list_tags_for_resource(ResourceARN=alarm)
        )
        return None if answer is None else {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}

    def is_muted(self, alarm: str) -> bool:
        """Whether a mute rule is active for the alarm, by its ARN. Raises as `tags_of` does.

        Mute rules stop an alarm's actions; its changes of state come all the same.
        """
        arn = self._askable(alarm)
        if arn is None:
            return False
        asked: dict[str, Any] = {"AlarmName": alarm_of(alarm), "Statuses": ["ACTIVE"]}
        for _ in range(MOST_PAGES):
            client, given = self._client_in(arn.region), dict(asked)
            answer = _unless_unknown(
                alarm, lambda client=client, given=given: client.list_alarm_mute_rules(**given)
            )
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
