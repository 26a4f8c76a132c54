"""What bears the same tag of an application as the resources of the incident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from subjects.names import Resource

APPLICATION = ("awsapplication", "application", "app", "system", "service", "project")
"""Keys of tags by which people say what belongs together, the surest first, in small letters."""
MOST_ASKED = 100
"""ARNs that one call takes."""
MOST_PAGES = 3
"""Of 100 resources each; what has more in common than that says little."""
DULL = ("cloudformation", "iam", "kms", "logs")
"""Services whose resources nothing is learnt from."""


@dataclass
class Tagged:
    """The tag that was gone by, as `key=value`, what else bears it, and why some was not read."""

    tag: str = ""
    resources: list[Resource] = field(default_factory=list)
    unread: str = ""


def tagged_alike(client: Any, resources: Sequence[Resource], until: SecondsLeft) -> Tagged:
    """By the tag of the nearest resource that has one. Raises what the client raises."""
    arns = [each.arn.text for each in resources if each.arn][:MOST_ASKED]
    own = client.get_resources(ResourceARNList=arns).get("ResourceTagMappingList", ())
    chosen = _chosen(sorted(own, key=lambda each: arns.index(each["ResourceARN"])))
    if chosen is None:
        return Tagged()
    key, value = chosen
    found = Tagged(f"{key}={value}")
    token: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        if until() <= 0:
            found.unread = "no time was left for the rest"
            return found
        page = client.get_resources(
            TagFilters=[{"Key": key, "Values": [value]}], ResourcesPerPage=100, **token
        )
        told = (Resource.of(str(each.get("ResourceARN", ""))) for each in page["ResourceTagMappingList"])
        found.resources += (
            each for each in told if each.arn and each.arn.service not in DULL and each.arn.text not in arns
        )
        if not page.get("PaginationToken"):
            return found
        token = {"PaginationToken": page["PaginationToken"]}
    found.unread = f"there are too many: more than {MOST_PAGES} pages"
    return found


def _chosen(tagged: Iterable[Mapping[str, Any]]) -> tuple[str, str] | None:
    for resource in tagged:
        tags = {str(tag.get("Key")).lower(): tag for tag in resource.get("Tags", ())}
        for key in APPLICATION:
            if key in tags and tags[key].get("Value"):
                return str(tags[key]["Key"]), str(tags[key]["Value"])
    return None
