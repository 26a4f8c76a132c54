"""Write events of CloudTrail on the resources, or else what it says of them among all write events."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change, Near
from runtime.both_ends import both_ends

SECONDS_BETWEEN = 0.5
"""LookupEvents takes two requests a second of an account in a region."""
LATE = timedelta(minutes=15)
"""So long after a call its event may still be missing. Source: CloudTrail's user guide."""
MOST_FILTERS = 4
MOST_PAGES = 4
"""Of events without a filter, 50 each, the newest first."""
FAR_REACHING = re.compile(
    r"SecurityGroup|NetworkAcl|Route(?!\w*Tags)|Policy|Secret|PutParameter|DisableKey|ScheduleKeyDeletion"
    r"|ModifyDB|RebootDB|FailoverDB|Concurrency|Throttl|Quota|ChangeResourceRecordSets|UpdateAutoScalingGroup"
    r"|SetDesiredCapacity|TerminateInstances|DeleteNatGateway|DisassociateAddress"
)
"""Events that reach resources which they do not name."""
API_VERSION = re.compile(r"20\d{6}(?:v\d+)?$")
"""What Lambda has behind the names of its events: `UpdateFunctionCode20150331v2`."""


class CloudTrail:
    """LookupEvents by the name of each resource, and once without when that finds nothing."""

    place = "CloudTrail's write events"

    def __init__(self, client: Callable[[], Any], sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def why_not_asked(self, asked: Asked) -> str:
        return "" if asked.start < asked.end else "the window is empty"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        calls = 0
        seen: set[str] = set()
        for name in _filters(asked):
            calls += 1
            answer = self._look_up(asked, until, calls, {"ResourceName": name})
            yield from _changes(answer, asked, redact, seen)
        if seen:
            return
        token = None
        for _ in range(MOST_PAGES):
            calls += 1
            answer = self._look_up(asked, until, calls, {"ReadOnly": "false"}, token)
            for change in _changes(answer, asked, redact, seen):
                if change.near is not Near.ACCOUNT or FAR_REACHING.search(change.what):
                    yield change
            token = answer.get("NextToken")
            if not token:
                return
        raise CutShortError(f"of all write events only the last {50 * MOST_PAGES} before the onset were read")

    def _look_up(
        self,
        asked: Asked,
        until: Callable[[], float],
        calls: int,
        attribute: Mapping[str, str],
        token: str | None = None,
    ) -> Any:
        if calls > 1:
            if until() <= SECONDS_BETWEEN:
                raise CutShortError("no time was left: it takes two requests a second")
            self._sleep(SECONDS_BETWEEN)
        look_at_time(until)
        [(key, value)] = attribute.items()
        return self._client().lookup_events(
            LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}],
            StartTime=asked.start,
            EndTime=asked.end,
            MaxResults=50,
            **({"NextToken": token} if token else {}),
        )


def _filters(asked: Asked) -> list[str]:
    """Names before ARNs: which of them an event has depends on the service."""
    names = [resource.name for resource in asked.resources] + [each.written for each in asked.resources]
    return list(dict.fromkeys(name for name in names if name))[:MOST_FILTERS]


def _changes(answer: Mapping[str, Any], asked: Asked, redact: Redact, seen: set[str]) -> Iterator[Change]:
    """The write events that were not there before: one is found by a resource's name and by its ARN."""
    for event in answer.get("Events", ()):
        id_ = str(event.get("EventId"))
        if asked.has(event.get("EventTime")) and event.get("ReadOnly") != "true" and id_ not in seen:
            seen.add(id_)
            yield _change(event, asked, redact)


def _change(event: Mapping[str, Any], asked: Asked, redact: Redact) -> Change:
    written = str(event.get("CloudTrailEvent") or "")
    detail = redact(_json(written))
    service = str(event.get("EventSource", "")).removesuffix(".amazonaws.com")
    error = detail.get("errorCode")
    refused = f" (it failed: {error})" if error else ""
    resources = " ".join(str(each.get("ResourceName", "")) for each in event.get("Resources") or ())
    return Change(
        in_utc(event["EventTime"]),
        f"{service} {API_VERSION.sub('', str(event.get('EventName', '')))}{refused}",
        asked.near(f"{written} {resources}"),
        "CloudTrail",
        redact(_who(event, detail)),
        _map(detail.get("requestParameters")),
    )


def _who(event: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    identity = _map(detail.get("userIdentity"))
    who = str(event.get("Username") or identity.get("arn") or identity.get("invokedBy") or "")
    through = identity.get("invokedBy") or detail.get("userAgent")
    return f"{who} through {both_ends(str(through), 80)}" if who and through and through != who else who


def _json(text: str) -> Mapping[str, Any]:
    try:
        return _map(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
