"""AWS Health, which moto lacks: events of the account and of the service, and what they affect."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import REGION
from local.aws.recorded.moments import utc, within
from local.aws.recorded.paging import page, with_token

_MOST_RESULTS = 100
_MOST_DETAILS = 10
_EQUAL = {
    "eventArns": "arn",
    "eventTypeCodes": "eventTypeCode",
    "services": "service",
    "regions": "region",
    "availabilityZones": "availabilityZone",
    "eventTypeCategories": "eventTypeCategory",
    "eventStatusCodes": "statusCode",
}
"""Lists in a filter -> the member of the event that must be one of them."""
_TIMES = {"startTimes": "startTime", "endTimes": "endTime", "lastUpdatedTimes": "lastUpdatedTime"}


class Health:
    """Seeded with `add`. `subscribed` False answers as in an account without a support plan that has it."""

    def __init__(self) -> None:
        self.subscribed = True
        self._events: list[dict[str, Any]] = []
        self._told: dict[str, str] = {}
        self._entities: list[dict[str, Any]] = []

    def add(
        self,
        service: str,
        code: str,
        start: datetime,
        told: str,
        *,
        end: datetime | None = None,
        category: str = "issue",
        entities: Sequence[str] = (),
        **more: Any,
    ) -> str:
        """One event (service LAMBDA, code AWS_LAMBDA_OPERATIONAL_ISSUE); gives back its ARN."""
        scope = "ACCOUNT_SPECIFIC" if entities else "PUBLIC"
        arn = f"arn:aws:health:{REGION}::event/{service}/{code}/{code}_{utc(start):%Y%m%dT%H%M%S}"
        event = {
            "arn": arn,
            "service": service,
            "eventTypeCode": code,
            "eventTypeCategory": category,
            "region": REGION,
            "startTime": start,
            "lastUpdatedTime": end or start,
            "statusCode": "closed" if end else "open",
            "eventScopeCode": scope,
            **({"endTime": end} if end else {}),
            **more,
        }
        self._events.append(event)
        self._told[arn] = told
        self._entities += [
            {
                "entityArn": f"{arn}/entity/{number}",
                "eventArn": arn,
                "entityValue": value,
                "lastUpdatedTime": event["lastUpdatedTime"],
                "statusCode": "RESOLVED" if end else "IMPAIRED",
            }
            for number, value in enumerate(entities, 1)
        ]
        return arn

    def describe_events(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._require_subscription()
        wanted = asked.get("filter") or {}
        found = [event for event in self._events if self._matches(event, wanted)]
        found.sort(key=lambda event: utc(event["lastUpdatedTime"]), reverse=True)
        return _paged(asked, "events", found)

    def describe_event_details(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._require_subscription()
        if len(asked["eventArns"]) > _MOST_DETAILS:
            raise ApiError("ValidationException", f"At most {_MOST_DETAILS} eventArns are allowed.")
        by_arn = {event["arn"]: event for event in self._events}
        known = [arn for arn in asked["eventArns"] if arn in by_arn]
        return {
            "successfulSet": [
                {"event": by_arn[arn], "eventDescription": {"latestDescription": self._told[arn]}}
                for arn in known
            ],
            "failedSet": [
                {"eventArn": arn, "errorName": "EventNotFound", "errorMessage": "There is no such event."}
                for arn in asked["eventArns"]
                if arn not in by_arn
            ],
        }

    def describe_affected_entities(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._require_subscription()
        wanted = asked["filter"]
        found = [
            entity
            for entity in self._entities
            if entity["eventArn"] in wanted["eventArns"]
            and entity["entityValue"] in wanted.get("entityValues", [entity["entityValue"]])
            and entity["statusCode"] in wanted.get("statusCodes", [entity["statusCode"]])
        ]
        return _paged(asked, "entities", found)

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("health", "DescribeEvents"): self.describe_events,
            ("health", "DescribeEventDetails"): self.describe_event_details,
            ("health", "DescribeAffectedEntities"): self.describe_affected_entities,
        }

    def _require_subscription(self) -> None:
        if not self.subscribed:
            raise ApiError("SubscriptionRequiredException", "")

    def _matches(self, event: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        affected = {one["entityValue"] for one in self._entities if one["eventArn"] == event["arn"]}
        return (
            all(event.get(_EQUAL[name]) in wanted[name] for name in _EQUAL if wanted.get(name))
            and all(_in_one(event.get(_TIMES[name]), wanted[name]) for name in _TIMES if wanted.get(name))
            and (not wanted.get("entityValues") or bool(affected & set(wanted["entityValues"])))
        )


def _in_one(moment: datetime | None, ranges: Sequence[Mapping[str, Any]]) -> bool:
    return moment is not None and any(within(moment, one.get("from"), one.get("to")) for one in ranges)


def _paged(asked: Mapping[str, Any], name: str, found: Sequence[Any]) -> dict[str, Any]:
    size = int(asked.get("maxResults") or _MOST_RESULTS)
    shown, token = page(found, size, asked.get("nextToken"), "InvalidPaginationToken")
    return with_token({name: shown}, token, "nextToken")
