"""CloudTrail's LookupEvents, which moto lacks: write and read events of the last 90 days, newest first."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.moments import utc, within
from local.aws.recorded.paging import page, with_token

_MOST_RESULTS = 50
_KEPT = timedelta(days=90)


class CloudTrail:
    """Management events; seeded with `add`."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []

    def add(
        self,
        name: str,
        source: str,
        at: datetime,
        *,
        user: str = "deployer",
        resources: Sequence[tuple[str, str]] = (),
        parameters: Mapping[str, Any] | None = None,
        read_only: bool = False,
        error: str | None = None,
        **more: Any,
    ) -> str:
        """One call of a service (`lambda.amazonaws.com`) on `resources` as (type, name); gives back its id.

        `more` is put into the record as it is, such as `userIdentity` or `sourceIPAddress`.
        """
        id_ = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name} {source} {at} {user} {resources} {parameters}"))
        record = {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{user}/{user}",
                "accountId": ACCOUNT,
                "accessKeyId": "ASIALOCALLOCALLOCAL0",
            },
            "eventTime": f"{utc(at):%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": source,
            "eventName": name,
            "awsRegion": REGION,
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2",
            "requestParameters": dict(parameters) if parameters else None,
            "responseElements": None,
            "eventID": id_,
            "readOnly": read_only,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            **({"errorCode": error} if error else {}),
            **more,
        }
        self._events.append(
            {
                "EventId": id_,
                "EventName": name,
                "ReadOnly": str(read_only).lower(),
                "AccessKeyId": record["userIdentity"].get("accessKeyId", ""),
                "EventTime": utc(at).replace(microsecond=0),
                "EventSource": source,
                "Username": user,
                "Resources": [{"ResourceType": type_, "ResourceName": named} for type_, named in resources],
                "CloudTrailEvent": json.dumps(record),
            }
        )
        return id_

    def lookup_events(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Exact matches on one attribute at most."""
        attributes = asked.get("LookupAttributes") or []
        start, end = asked.get("StartTime"), asked.get("EndTime")
        size = int(asked.get("MaxResults") or _MOST_RESULTS)
        if len(attributes) > 1:
            raise ApiError("InvalidLookupAttributesException", "You can look up by one attribute only.")
        if start and end and utc(start) > utc(end):
            raise ApiError("InvalidTimeRangeException", "The start time is after the end time.")
        if not 1 <= size <= _MOST_RESULTS:
            raise ApiError("InvalidMaxResultsException", f"MaxResults must be from 1 to {_MOST_RESULTS}.")
        oldest = datetime.now(UTC) - _KEPT
        found = [
            event
            for event in self._events
            if within(event["EventTime"], start, end)
            and event["EventTime"] >= oldest
            and all(_matches(event, attribute) for attribute in attributes)
        ]
        found.sort(key=lambda event: event["EventTime"], reverse=True)
        shown, token = page(found, size, asked.get("NextToken"), "InvalidNextTokenException")
        return with_token({"Events": shown}, token)

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {("cloudtrail", "LookupEvents"): self.lookup_events}


def _matches(event: Mapping[str, Any], attribute: Mapping[str, str]) -> bool:
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if key in {"ResourceType", "ResourceName"}:
        return any(resource[key] == value for resource in event["Resources"])
    return bool(event[key] == value)
