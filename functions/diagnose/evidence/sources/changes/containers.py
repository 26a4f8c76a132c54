"""Deployments and events of ECS services."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change, Near, differences
from subjects.names import Resource

TOLD = ("image", "cpu", "memory", "memoryReservation", "command", "environment", "secrets", "portMappings")
COMPARED = ("task", "containers")
MOST_SERVICES = 3
MOST_EVENTS = 10
STEADY = "has reached a steady state"


class Containers:
    """DescribeServices; for a deployment in the window the two task definitions, and what differs."""

    place = "the ECS service's deployments"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def why_not_asked(self, asked: Asked) -> str:
        return "" if _services(asked) else "no ECS service is among its resources"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        client = self._client()
        for (cluster, name), near in _services(asked)[:MOST_SERVICES]:
            look_at_time(until)
            answer = client.describe_services(cluster=cluster, services=[name])
            for service in answer.get("services", ()):
                yield from self._deployments(client, service, near, asked, redact, until)
                events = [event for event in service.get("events", ()) if asked.has(event.get("createdAt"))]
                telling = [event for event in events if STEADY not in str(event.get("message"))]
                for event in telling[:MOST_EVENTS]:
                    message = redact(str(event.get("message", "")))
                    yield Change(in_utc(event["createdAt"]), message, near, "an event of ECS")

    def _deployments(
        self,
        client: Any,
        service: Mapping[str, Any],
        near: Near,
        asked: Asked,
        redact: Redact,
        until: Callable[[], float],
    ) -> Iterator[Change]:
        deployments = sorted(service.get("deployments", ()), key=lambda each: str(each.get("createdAt")))
        for place, deployment in enumerate(deployments):
            if not asked.has(deployment.get("createdAt")):
                continue
            now = str(deployment.get("taskDefinition", ""))
            before = str(deployments[place - 1].get("taskDefinition", "")) if place else _revision_before(now)
            counts = ", ".join(
                f"{name} {deployment[key]}"
                for name, key in (
                    ("desired", "desiredCount"),
                    ("running", "runningCount"),
                    ("failed", "failedTasks"),
                )
                if deployment.get(key) is not None
            )
            state = deployment.get("rolloutState") or deployment.get("status", "")
            what = (
                f"service {service.get('serviceName', '')}: deployment of {_short(now)} "
                f"after {_short(before)}, {state} ({counts})"
            )
            differs: Mapping[str, str] = {}
            if before and before != now and until() > 0:
                old, new = (_containers(client, each, redact) for each in (before, now))
                differs = differences(old, new, COMPARED)
            yield Change(in_utc(deployment["createdAt"]), what, near, "ECS", "", differs)


def _containers(client: Any, task_definition: str, redact: Redact) -> dict[str, Any]:
    """What of a task definition makes a difference, with lists of names and values as maps."""
    told = redact(client.describe_task_definition(taskDefinition=task_definition)["taskDefinition"])
    containers = {
        str(each.get("name", "")): {name: _map(each.get(name)) for name in TOLD}
        for each in told.get("containerDefinitions", ())
    }
    return {
        "task": {name: told.get(name) for name in ("cpu", "memory", "taskRoleArn")},
        "containers": containers,
    }


def _map(value: Any) -> Any:
    if (
        isinstance(value, list)
        and value
        and all(isinstance(each, Mapping) and "name" in each for each in value)
    ):
        return {str(each["name"]): each.get("value", each.get("valueFrom")) for each in value}
    return value


def _services(asked: Asked) -> list[tuple[tuple[str, str], Near]]:
    resources = [(each, Near.ITSELF) for each in asked.resources]
    resources += [(each, Near.NEIGHBOUR) for each in asked.neighbours]
    return [(_cluster_and_name(each), near) for each, near in resources if each.is_a("ecs", "service/")]


def _cluster_and_name(resource: Resource) -> tuple[str, str]:
    """Older ARNs of services do not say their cluster, which is then the one called default."""
    parts = resource.arn.name.split("/") if resource.arn else []
    return (parts[1], parts[2]) if len(parts) == 3 else ("default", parts[-1])


def _revision_before(task_definition: str) -> str:
    family, _, revision = task_definition.rpartition(":")
    return f"{family}:{int(revision) - 1}" if revision.isdigit() and int(revision) > 1 else ""


def _short(task_definition: str) -> str:
    return task_definition.rsplit("/", 1)[-1] or "an unknown task definition"
