"""Application Signals, which moto lacks: services, what they depend on, and what was deployed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.moments import utc, within
from local.aws.recorded.paging import page, with_token

Attributes = Mapping[str, str]
"""What Application Signals knows an entity by: Type, Name, Environment."""

_MOST_RESULTS = 100


def service(name: str, environment: str = "lambda:default") -> dict[str, str]:
    """The key attributes of a service."""
    return {"Type": "Service", "Name": name, "Environment": environment}


class ApplicationSignals:
    """Seeded with `add`, `depends` and `changed`; empty where it is not switched on."""

    def __init__(self) -> None:
        self._services: list[dict[str, str]] = []
        self._calls: list[tuple[dict[str, str], str, dict[str, str], str]] = []
        self._events: list[dict[str, Any]] = []

    def add(self, entity: Attributes) -> None:
        self._services.append(dict(entity))

    def depends(self, caller: Attributes, on: Attributes, operation: str = "*", called: str = "*") -> None:
        """One service calls another, or a resource of AWS."""
        self._calls.append((dict(caller), operation, dict(on), called))

    def changed(
        self,
        entity: Attributes,
        at: datetime,
        event: str,
        *,
        kind: str = "DEPLOYMENT",
        user: str = "deployer",
    ) -> None:
        """A deployment, or a change of configuration (kind CONFIGURATION)."""
        self._events.append(
            {
                "Timestamp": at,
                "AccountId": ACCOUNT,
                "Region": REGION,
                "Entity": dict(entity),
                "ChangeEventType": kind,
                "EventId": f"{event}-{utc(at):%Y%m%dT%H%M%S}",
                "UserName": user,
                "EventName": event,
            }
        )

    def list_services(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {"KeyAttributes": one, "AttributeMaps": [], "MetricReferences": []} for one in self._services
        ]
        return _answer(asked, "ServiceSummaries", found)

    def list_service_states(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Each service with its newest change; no filter of attributes is emulated."""
        if asked.get("AttributeFilters"):
            raise ApiError("ValidationException", "AttributeFilters are not emulated by the local stack")
        states = []
        for one in self._services:
            latest = self._events_of(one, asked)[:1]
            states.append({"AttributeFilters": [], "Service": one, "LatestChangeEvents": latest})
        return _answer(asked, "ServiceStates", states)

    def list_entity_events(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return _answer(asked, "ChangeEvents", self._events_of(asked["Entity"], asked))

    def list_service_dependencies(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {
                "OperationName": operation,
                "DependencyKeyAttributes": on,
                "DependencyOperationName": called,
                "MetricReferences": [],
            }
            for caller, operation, on, called in self._calls
            if _is(caller, asked["KeyAttributes"])
        ]
        return _answer(asked, "ServiceDependencies", found)

    def list_service_dependents(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {
                "OperationName": called,
                "DependentKeyAttributes": caller,
                "DependentOperationName": operation,
                "MetricReferences": [],
            }
            for caller, operation, on, called in self._calls
            if _is(on, asked["KeyAttributes"])
        ]
        return _answer(asked, "ServiceDependents", found)

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        name = "application-signals"
        return {
            (name, "ListServices"): self.list_services,
            (name, "ListServiceStates"): self.list_service_states,
            (name, "ListEntityEvents"): self.list_entity_events,
            (name, "ListServiceDependencies"): self.list_service_dependencies,
            (name, "ListServiceDependents"): self.list_service_dependents,
        }

    def _events_of(self, entity: Attributes, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Newest first."""
        found = [
            event
            for event in self._events
            if _is(event["Entity"], entity)
            and within(event["Timestamp"], asked["StartTime"], asked["EndTime"])
        ]
        return sorted(found, key=lambda event: utc(event["Timestamp"]), reverse=True)


def _is(entity: Attributes, wanted: Attributes) -> bool:
    return all(entity.get(name) == value for name, value in wanted.items())


def _answer(asked: Mapping[str, Any], name: str, found: Sequence[Any]) -> dict[str, Any]:
    start, end = utc(asked["StartTime"]), utc(asked["EndTime"])
    if start > end:
        raise ApiError("ValidationException", "StartTime must not be after EndTime")
    size = int(asked.get("MaxResults") or _MOST_RESULTS)
    shown, token = page(found, size, asked.get("NextToken"), "ValidationException")
    return with_token({"StartTime": start, "EndTime": end, name: shown}, token)
