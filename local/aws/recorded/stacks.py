"""CloudFormation stacks as they are described: resources, events and templates of deployments that were."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.moments import utc
from local.aws.recorded.paging import page, with_token

_A_PAGE = 100


class Stacks:
    """Seeded with `add`, `resource` and `event`."""

    def __init__(self) -> None:
        self._stacks: dict[str, dict[str, Any]] = {}
        self._resources: dict[str, list[dict[str, Any]]] = {}
        self._events: dict[str, list[dict[str, Any]]] = {}
        self._templates: dict[str, Mapping[str, Any]] = {}

    def add(
        self, name: str, created: datetime, template: Mapping[str, Any] | None = None, **more: Any
    ) -> str:
        """A stack, `more` as DescribeStacks has it (`LastUpdatedTime`, `Tags`); gives back its id."""
        id_ = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/recorded"
        described = {"StackName": name, "StackId": id_, "CreationTime": created}
        self._stacks[name] = {**described, "StackStatus": "UPDATE_COMPLETE", "Parameters": [], **more}
        self._templates[name] = template or {"Resources": {}}
        self._resources[name], self._events[name] = [], []
        return id_

    def resource(self, stack: str, logical_id: str, type_: str, physical_id: str, updated: datetime) -> None:
        self._resources[stack].append(
            {
                "StackName": stack,
                "StackId": self._stacks[stack]["StackId"],
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": physical_id,
                "ResourceType": type_,
                "Timestamp": updated,
                "ResourceStatus": "UPDATE_COMPLETE",
                "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
            }
        )

    def event(
        self, stack: str, at: datetime, status: str, logical_id: str | None = None, reason: str | None = None
    ) -> None:
        """What happened to a resource of the stack, or, without one, to the stack itself."""
        described = self._stacks[stack]
        of = next((one for one in self._resources[stack] if one["LogicalResourceId"] == logical_id), None)
        number = len(self._events[stack]) + 1
        self._events[stack].append(
            {
                "StackId": described["StackId"],
                "StackName": stack,
                "EventId": f"{logical_id or stack}-{status}-{number}",
                "LogicalResourceId": logical_id or stack,
                "PhysicalResourceId": of["PhysicalResourceId"] if of else described["StackId"],
                "ResourceType": of["ResourceType"] if of else "AWS::CloudFormation::Stack",
                "Timestamp": at,
                "ResourceStatus": status,
                **({"ResourceStatusReason": reason} if reason else {}),
            }
        )

    def describe_stacks(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked.get("StackName"):
            return {"Stacks": [self._stacks[self._named(asked["StackName"])]]}
        return _paged(asked, "Stacks", list(self._stacks.values()))

    def describe_stack_events(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Newest first; there is no filter by time, as in AWS."""
        events = self._events[self._named(asked["StackName"])]
        newest_first = sorted(events, key=lambda event: utc(event["Timestamp"]), reverse=True)
        return _paged(asked, "StackEvents", newest_first)

    def describe_stack_resources(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """By the stack's name, or by a resource's physical id: then all resources of its stack."""
        physical = asked.get("PhysicalResourceId")
        if bool(physical) == bool(asked.get("StackName")):
            raise ApiError("ValidationError", "Name either StackName or PhysicalResourceId")
        if physical:
            of = [one["StackName"] for every in self._resources.values() for one in every
                  if one["PhysicalResourceId"] == physical]  # fmt: skip
            if not of:
                raise ApiError("ValidationError", f"Stack for {physical} does not exist")
        name = of[0] if physical else self._named(asked["StackName"])
        logical = asked.get("LogicalResourceId")
        found = [one for one in self._resources[name] if logical in {None, one["LogicalResourceId"]}]
        return {"StackResources": found}

    def list_stack_resources(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {**one, "LastUpdatedTimestamp": one["Timestamp"]}
            for one in self._resources[self._named(asked["StackName"])]
        ]
        return _paged(asked, "StackResourceSummaries", found)

    def get_template(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        template = self._templates[self._named(asked["StackName"])]
        return {"TemplateBody": json.dumps(template), "StagesAvailable": ["Original", "Processed"]}

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("cloudformation", "DescribeStacks"): self.describe_stacks,
            ("cloudformation", "DescribeStackEvents"): self.describe_stack_events,
            ("cloudformation", "DescribeStackResources"): self.describe_stack_resources,
            ("cloudformation", "ListStackResources"): self.list_stack_resources,
            ("cloudformation", "GetTemplate"): self.get_template,
        }

    def _named(self, asked: str) -> str:
        for name, described in self._stacks.items():
            if asked in {name, described["StackId"]}:
                return name
        raise ApiError("ValidationError", f"Stack with id {asked} does not exist")


def _paged(asked: Mapping[str, Any], name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    shown, token = page(found, _A_PAGE, asked.get("NextToken"), "ValidationError")
    return with_token({name: shown}, token)
