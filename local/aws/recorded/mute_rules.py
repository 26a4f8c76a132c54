"""CloudWatch's alarm mute rules, which moto lacks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.paging import page, with_token

_MOST_RECORDS = 100


class MuteRules:
    """Rules with the state that each is in; seeded with `add`. Nobody works out their schedules here."""

    def __init__(self) -> None:
        self._rules: dict[str, dict[str, Any]] = {}

    def add(self, name: str, *alarms: str, status: str = "ACTIVE", at: datetime | None = None) -> str:
        """`status` is SCHEDULED, ACTIVE or EXPIRED; gives back the rule's ARN."""
        arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm-mute-rule:{name}"
        self._rules[name] = {
            "Name": name,
            "AlarmMuteRuleArn": arn,
            "Rule": {"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT2H", "Timezone": "UTC"}},
            "MuteTargets": {"AlarmNames": list(alarms)},
            "Status": status,
            "MuteType": "RECURRING",
            "LastUpdatedTimestamp": at or datetime.now(UTC),
        }
        return arn

    def list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Summaries, of one alarm's rules or of all."""
        named, statuses = asked.get("AlarmName"), asked.get("Statuses") or []
        found = [
            {key: rule[key] for key in ("AlarmMuteRuleArn", "Status", "MuteType", "LastUpdatedTimestamp")}
            for _, rule in sorted(self._rules.items())
            if (named is None or named in rule["MuteTargets"]["AlarmNames"])
            and (not statuses or rule["Status"] in statuses)
        ]
        shown, token = page(found, int(asked.get("MaxRecords") or _MOST_RECORDS), asked.get("NextToken"))
        return with_token({"AlarmMuteRuleSummaries": shown}, token)

    def get(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """One rule by its name or ARN."""
        wanted = asked["AlarmMuteRuleName"].rpartition(":")[2]
        if wanted not in self._rules:
            raise ApiError("ResourceNotFoundException", f"No alarm mute rule {wanted}", 404)
        return self._rules[wanted]

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("cloudwatch", "ListAlarmMuteRules"): self.list,
            ("cloudwatch", "GetAlarmMuteRule"): self.get,
        }
