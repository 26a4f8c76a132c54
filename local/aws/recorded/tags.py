"""The tagging API over what was recorded: moto's knows its own resources alone."""

from collections.abc import Mapping
from typing import Any

from local.aws.recorded.paging import page

_A_PAGE = 100


class Tags:
    """Resources by ARN with their tags; seeded with `add`."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def add(self, arn: str, **tags: str) -> None:
        self._tags[arn] = {**self._tags.get(arn, {}), **tags}

    def get_resources(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        arns, filters = asked.get("ResourceARNList") or [], asked.get("TagFilters") or []
        types = asked.get("ResourceTypeFilters") or []
        found = [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in sorted(self._tags.items())
            if (not arns or arn in arns)
            and (not types or any(_is_of(arn, type_) for type_ in types))
            and all(_has(tags, wanted) for wanted in filters)
        ]
        size = int(asked.get("ResourcesPerPage") or _A_PAGE)
        shown, token = page(found, size, asked.get("PaginationToken"), "InvalidParameterException")
        return {"ResourceTagMappingList": shown, "PaginationToken": token or ""}

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {("resourcegroupstaggingapi", "GetResources"): self.get_resources}


def _is_of(arn: str, type_: str) -> bool:
    """Whether the ARN is of a service (`lambda`), or of a type of its (`lambda:function`)."""
    service, _, kind = type_.partition(":")
    parts = arn.split(":", 5)
    return parts[2] == service and (not kind or parts[5].startswith(kind))


def _has(tags: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    """Whether the key is there, with one of the values if any are named."""
    values = wanted.get("Values") or []
    return wanted["Key"] in tags and (not values or tags[wanted["Key"]] in values)
