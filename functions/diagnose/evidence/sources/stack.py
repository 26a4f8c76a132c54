"""The CloudFormation stack that a resource belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from diagnose.evidence.gathering import SecondsLeft
from subjects.names import Resource


@dataclass(frozen=True)
class StackResource:
    """One resource of a stack: its name in the template, its own id, and its type."""

    logical: str
    physical: str
    kind: str


@dataclass(frozen=True)
class Stack:
    """A stack, the resource in question, and all that stands beside it."""

    name: str
    of: StackResource
    resources: tuple[StackResource, ...]


def stack_of(client: Any, resources: Sequence[Resource], until: SecondsLeft) -> Stack | None:
    """The stack of the first of the resources that is in one; None when none is.

    CloudFormation knows some by their name and others by their ARN. Raises what the client raises, but for
    its answer that there is no such stack, and TimeoutError when no time is left to ask about all of them.
    """
    for resource in resources:
        for physical in dict.fromkeys((resource.name, resource.written)):
            if until() <= 0:
                raise TimeoutError
            try:
                answer = client.describe_stack_resources(PhysicalResourceId=physical)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ValidationError":
                    raise
                continue
            found = [_resource(each) for each in answer.get("StackResources", ())]
            own = next((each for each in found if each.physical == physical), None)
            if own:
                return Stack(answer["StackResources"][0]["StackName"], own, tuple(found))
    return None


def _resource(told: Any) -> StackResource:
    return StackResource(
        str(told.get("LogicalResourceId", "")),
        str(told.get("PhysicalResourceId", "")),
        str(told.get("ResourceType", "")),
    )
