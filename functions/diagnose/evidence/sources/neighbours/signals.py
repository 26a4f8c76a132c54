"""Who calls whom, as Application Signals has seen it, where it is switched on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.lines import shown
from subjects.names import Resource, mentions

MOST_PAGES = 4
"""Of 100 each, of one list."""
MOST_SERVICES = 3


class CutShortError(Exception):
    """Raised when there was more than was read; the text says why."""


@dataclass
class Calls:
    """The services that are meant, what they call and what calls them, and why some was not read."""

    services: list[str] = field(default_factory=list)
    below: list[Resource] = field(default_factory=list)
    above: list[Resource] = field(default_factory=list)
    unread: str = ""


def calls_around(
    client: Any, names: tuple[str, ...], start: datetime, end: datetime, until: SecondsLeft
) -> Calls:
    """Of the services that bear one of these names. Raises what the client raises."""
    found = Calls()
    window = {"StartTime": start, "EndTime": end}
    try:
        for summary in _pages(client.list_services, "ServiceSummaries", window, until):
            key = _map(summary.get("KeyAttributes"))
            if len(found.services) < MOST_SERVICES and mentions(
                f"{shown(key)} {shown(summary.get('AttributeMaps'))}", names
            ):
                found.services.append(_name(key))
                asked = {**window, "KeyAttributes": dict(key)}
                for each in _pages(client.list_service_dependencies, "ServiceDependencies", asked, until):
                    found.below.append(Resource.of(_name(_map(each.get("DependencyKeyAttributes")))))
                for each in _pages(client.list_service_dependents, "ServiceDependents", asked, until):
                    found.above.append(Resource.of(_name(_map(each.get("DependentKeyAttributes")))))
    except CutShortError as cut:
        found.unread = str(cut)
    return found


def _pages(
    operation: Any, items: str, asked: Mapping[str, Any], until: SecondsLeft
) -> Iterator[Mapping[str, Any]]:
    token: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        if until() <= 0:
            raise CutShortError("no time was left for the rest")
        answer = operation(**asked, **token)
        yield from (each for each in answer.get(items, ()) if isinstance(each, Mapping))
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}
    raise CutShortError(f"there are too many: more than {MOST_PAGES} pages")


def _name(key: Mapping[str, Any]) -> str:
    """A service has a name, a resource of AWS an identifier."""
    return str(key.get("Name") or key.get("Identifier") or "")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
