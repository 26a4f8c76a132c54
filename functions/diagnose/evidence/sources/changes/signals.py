"""Change events that Application Signals has of services, where it is switched on."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from diagnose.evidence.lines import shown
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change, Near

MOST_PAGES = 4
MOST_SERVICES = 3


class Signals:
    """ListServiceStates finds the services that are meant; ListEntityEvents has all their events."""

    place = "Application Signals' change events"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def why_not_asked(self, asked: Asked) -> str:
        return "" if asked.resources else "no resource is known"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        window = {"StartTime": asked.start, "EndTime": asked.end}
        services = []
        for state in self._pages("list_service_states", "ServiceStates", window, until):
            near = asked.near(f"{shown(_map(state.get('Service')))} {shown(state.get('AttributeFilters'))}")
            if near is not Near.ACCOUNT:
                services.append((near, _map(state.get("Service"))))
        for near, service in sorted(services, key=lambda each: each[0])[:MOST_SERVICES]:
            asked_for = {**window, "Entity": dict(service)}
            for event in self._pages("list_entity_events", "ChangeEvents", asked_for, until):
                if asked.has(event.get("Timestamp")):
                    kind = str(event.get("ChangeEventType", "")).lower()
                    what = f"{kind} {event.get('EventName', '')} of {service.get('Name', 'a service')}"
                    who = str(event.get("UserName", ""))
                    yield Change(
                        in_utc(event["Timestamp"]), redact(what), near, "Application Signals", redact(who)
                    )

    def _pages(
        self, operation: str, items: str, asked: Mapping[str, Any], until: Callable[[], float]
    ) -> Iterator[Mapping[str, Any]]:
        token: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            look_at_time(until)
            answer = getattr(self._client(), operation)(**asked, **token)
            yield from (each for each in answer.get(items, ()) if isinstance(each, Mapping))
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}
        raise CutShortError(f"it had more than {MOST_PAGES} pages")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
