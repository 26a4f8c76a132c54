"""Operations on the CloudFormation stack that the resource belongs to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change, Near
from diagnose.evidence.sources.stack import Stack, stack_of

STARTS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
MOST_PAGES = 10
MOST_NAMED = 15


class CloudFormation:
    """DescribeStackEvents, the newest first, back to the window's start; one change an operation."""

    place = "the events of its CloudFormation stack"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def why_not_asked(self, asked: Asked) -> str:
        return "" if asked.resources else "no resource is known"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        client = self._client()
        stack = stack_of(client, asked.resources, until)
        if stack is None:
            return
        operation = _Operation(stack)
        token: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            look_at_time(until)
            answer = client.describe_stack_events(StackName=stack.name, **token)
            for event in answer.get("StackEvents", ()):
                at = in_utc(event["Timestamp"])
                if at < asked.start:
                    yield from operation.change(asked)
                    return
                operation.add(at, redact(event))
                if operation.is_whole:
                    yield from operation.change(asked)
                    operation = _Operation(stack)
            if not answer.get("NextToken"):
                yield from operation.change(asked)
                return
            token = {"NextToken": answer["NextToken"]}
        yield from operation.change(asked)
        raise CutShortError(f"only the last {MOST_PAGES} pages of the stack's events were read")


@dataclass
class _Operation:
    """What the events of one operation say, read from its end to its start."""

    stack: Stack
    started: datetime | None = None
    status: str = ""
    is_whole: bool = False
    changed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, at: datetime, event: dict[str, Any]) -> None:
        status, logical = str(event.get("ResourceStatus", "")), str(event.get("LogicalResourceId", ""))
        self.started = at
        if event.get("PhysicalResourceId") == event.get("StackId"):
            self.status = self.status or status
            self.is_whole = status in STARTS
        elif logical not in self.changed:
            self.changed.append(logical)
        if status.endswith("_FAILED"):
            self.failed.setdefault(logical, str(event.get("ResourceStatusReason", "")))

    def change(self, asked: Asked) -> Iterator[Change]:
        if self.started is None or not asked.has(self.started):
            return
        named = [*reversed(self.changed)]
        more: dict[str, Any] = {"changed": named[:MOST_NAMED]}
        if len(named) > MOST_NAMED:
            more["and more"] = len(named) - MOST_NAMED
        if self.failed:
            more["failed"] = self.failed
        near = Near.ITSELF if self.stack.of.logical in self.changed else Near.ITS_STACK
        what = f"stack {self.stack.name}: an operation began that is now {self.status or 'under way'}"
        yield Change(self.started, what, near, "CloudFormation", "", more)
