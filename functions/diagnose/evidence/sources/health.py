"""What AWS itself says of its services: AWS Health's events."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from diagnose.evidence.clients import Clients
from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import one_item
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.times import Window, utc

ENDPOINT_REGION = "us-east-1"
"""Health has one endpoint for all regions."""
BEFORE, AFTER = timedelta(hours=24), timedelta(hours=1)
MOST_PAGES = 5
MOST_SHOWN = 15
TITLE = "AWS Health's events, those of the incident's services first"
NO_PLAN = "SubscriptionRequiredException"


class Health:
    """DescribeEvents of the region, open ones and those that began or ended around the onset."""

    name = "AWS Health"

    def __init__(self, clients: Clients, seconds: float = SOURCE_SECONDS) -> None:
        self.seconds = seconds
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        place = f"AWS Health's events in {incident.region or 'our region'}"
        if incident.elsewhere:
            return [CouldNotLook(place, incident.elsewhere)]
        window = Window.around(min(incident.began.at, incident.now), BEFORE, AFTER, incident.now)
        try:
            events, cut = self._events(incident, window, until)
        except ClientError as error:
            if error.response["Error"]["Code"] != NO_PLAN:
                raise
            return [CouldNotLook(place, "AWS answers only accounts with a Business support plan or better")]
        near = sorted(events, key=lambda event: (not _bears_on(event, incident), -_seconds(event)))
        lines = [one_item(redact(_told(event, incident))) for event in near[:MOST_SHOWN]]
        if len(near) > MOST_SHOWN:
            lines.append(f"{len(near) - MOST_SHOWN} more events, of other services or older, are not shown")
        looked: list[Looked] = []
        if lines:
            facts = tuple(_fact(event, incident) for event in near[:MOST_SHOWN])
            looked.append(Found((Section("health", TITLE, "N", tuple(lines), facts=facts),)))
        elif not cut:
            looked.append(FoundNothing(place, window))
        return looked + ([CouldNotLook(f"the rest of {place}", cut)] if cut else [])

    def _events(
        self, incident: Incident, window: Window, until: SecondsLeft
    ) -> tuple[list[Mapping[str, Any]], str]:
        client = self._clients("health", ENDPOINT_REGION)
        regions = [incident.region, "global"] if incident.region else ["global"]
        asked: dict[str, Any] = {
            "filter": {
                "regions": regions,
                "eventTypeCategories": ["issue", "scheduledChange"],
                "lastUpdatedTimes": [{"from": window.start}],
            },
            "maxResults": 100,
        }
        events: list[Mapping[str, Any]] = []
        for _ in range(MOST_PAGES):
            if until() <= 0:
                return events, "no time was left"
            answer = client.describe_events(**asked)
            events += (event for event in answer.get("events", ()) if _overlaps(event, window))
            if not answer.get("nextToken"):
                return events, ""
            asked["nextToken"] = answer["nextToken"]
        return events, f"there were more than {MOST_PAGES} pages"


def _overlaps(event: Mapping[str, Any], window: Window) -> bool:
    start, end = event.get("startTime"), event.get("endTime")
    begun = not isinstance(start, datetime) or start <= window.end
    return begun and (not isinstance(end, datetime) or end >= window.start)


def _bears_on(event: Mapping[str, Any], incident: Incident) -> bool:
    """Whether it is about a service that one of the resources or the metric is of."""
    service = str(event.get("service", "")).lower()
    names: Iterable[str] = [
        *(resource.split(":")[2] for resource in incident.resources if resource.count(":") >= 5),
        incident.metric.namespace.rpartition("/")[2].lower() if incident.metric else "",
    ]
    return service in {name for name in names if name}


def _seconds(event: Mapping[str, Any]) -> float:
    start = event.get("startTime")
    return start.timestamp() if isinstance(start, datetime) else 0.0


def _fact(event: Mapping[str, Any], incident: Incident) -> Fact | None:
    """AWS's own alarm: an issue, not a change that is planned."""
    if event.get("eventTypeCategory") != "issue":
        return None
    start, end = event.get("startTime"), event.get("endTime")
    return Fact(
        Kind.ALARM,
        start if isinstance(start, datetime) else None,
        over_at=end if isinstance(end, datetime) else None,
        is_near=_bears_on(event, incident),
    )


def _told(event: Mapping[str, Any], incident: Incident) -> str:
    times = [
        f"{word} {utc(at)}"
        for word, name in (("from", "startTime"), ("to", "endTime"))
        if isinstance(at := event.get(name), datetime)
    ]
    zone = f" {event['availabilityZone']}" if event.get("availabilityZone") else ""
    mine = ", a service of the incident" if _bears_on(event, incident) else ""
    return (
        f"{event.get('service', '')}{mine}, {event.get('eventTypeCode', '')}, {event.get('statusCode', '')}, "
        f"{event.get('region', '')}{zone}, {' '.join(times)}"
    )
