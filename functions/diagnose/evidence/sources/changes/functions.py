"""Versions and configuration of Lambda functions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change, Near, differences
from subjects.names import Resource
from tickets.moments import moment

CODE = "CodeSha256"
TOLD = (
    *(CODE, "Runtime", "Handler", "MemorySize", "Timeout", "Environment", "Layers", "Role"),
    *("VpcConfig", "EphemeralStorage", "Architectures", "PackageType", "TracingConfig", "KMSKeyArn"),
)
MOST_PAGES = 20
MOST_FUNCTIONS = 3


class Functions:
    """ListVersionsByFunction: $LATEST and each version with the time at which it was made what it is."""

    place = "the versions of the Lambda function"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def why_not_asked(self, asked: Asked) -> str:
        return "" if _functions(asked) else "no Lambda function is among its resources"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        for function, near in _functions(asked)[:MOST_FUNCTIONS]:
            look_at_time(until)
            versions = [redact(each) for each in self._versions(function, until)]
            yield from _changes(function, near, sorted(versions, key=_order), asked)

    def _versions(self, function: Resource, until: Callable[[], float]) -> Iterator[Mapping[str, Any]]:
        marker: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            look_at_time(until)
            answer = self._client().list_versions_by_function(FunctionName=function.name, **marker)
            yield from (each for each in answer.get("Versions", ()) if isinstance(each, Mapping))
            if not answer.get("NextMarker"):
                return
            marker = {"Marker": answer["NextMarker"]}
        raise CutShortError(f"{function.name} has more versions than {MOST_PAGES} pages hold")


def _functions(asked: Asked) -> list[tuple[Resource, Near]]:
    resources = [(each, Near.ITSELF) for each in asked.resources]
    resources += [(each, Near.NEIGHBOUR) for each in asked.neighbours]
    return [(each, near) for each, near in resources if each.is_a("lambda", "function:")]


def _changes(
    function: Resource, near: Near, versions: list[Mapping[str, Any]], asked: Asked
) -> Iterator[Change]:
    """Each version made in the window, and how it differs from the one before it."""
    for earlier, later in pairwise([{}, *versions]):
        at = _modified(later)
        if at is None or not asked.has(at):
            continue
        number = later.get("Version", "?")
        if not earlier:
            yield Change(at, f"function {function.name}: version {number} was made", near, "Lambda")
        elif differs := differences(earlier, later, TOLD):
            if CODE in differs:
                differs[CODE] = "changed"
            what = f"function {function.name}: version {number} differs from {earlier.get('Version', '?')}"
            yield Change(at, what, near, "Lambda", "", differs)
        elif number == "$LATEST" and at != _modified(earlier):  # else it is what that version was made of
            what = f"function {function.name}: updated, without a difference from its last version"
            yield Change(at, what, near, "Lambda")


def _order(version: Mapping[str, Any]) -> tuple[bool, int]:
    """Versions by number, which is the order in which they were made, $LATEST last."""
    number = str(version.get("Version", ""))
    return (not number.isdigit(), int(number) if number.isdigit() else 0)


def _modified(version: Mapping[str, Any]) -> datetime | None:
    try:
        at = moment(version.get("LastModified"))
    except ValueError:
        return None
    return in_utc(at) if isinstance(at, datetime) else None
