"""ListMetrics: what else is kept of the dimensions of a metric whose namespace is not one of AWS's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.incident import MetricId
from diagnose.evidence.sources.metrics.siblings import Group, Wanted, one_wanted

MOST_LISTED = 20
"""Of one group."""
MOST_PAGES = 5
"""Of 500 metrics each, those with more dimensions among them."""
KEPT_SECONDS = 3.0
"""Of the source's time, for reading the metrics that are named."""


def list_others(
    client: Any, group: Group, known: Sequence[Wanted], until: SecondsLeft
) -> tuple[list[Wanted], str]:
    """Up to MOST_LISTED metrics that are not known yet, and why there may be more.

    Raises what the SDK raises.
    """
    found: list[Wanted] = []
    request: dict[str, Any] = {
        "Namespace": group[0],
        "Dimensions": [{"Name": name, "Value": value} for name, value in group[1]],
    }
    for _ in range(MOST_PAGES):
        if until() <= KEPT_SECONDS:
            return found, f"no time was left after {len(found)}" if found else "no time was left"
        page = client.list_metrics(**request)
        found += _of_group(group, page.get("Metrics") or (), [*known, *found])
        if len(found) > MOST_LISTED:
            return found[:MOST_LISTED], f"only {MOST_LISTED} are asked for"
        if not page.get("NextToken"):
            return found, ""
        request["NextToken"] = page["NextToken"]
    return found, f"only {MOST_PAGES} pages of their names were read"


def _of_group(group: Group, answers: Iterable[Mapping[str, Any]], known: Iterable[Wanted]) -> list[Wanted]:
    """Those of exactly these dimensions that are not known yet."""
    namespace, dimensions = group
    names = {each.metric.name for each in known}
    found = []
    for answer in answers:
        theirs = {str(each.get("Name")): str(each.get("Value")) for each in answer.get("Dimensions") or ()}
        name = str(answer.get("MetricName") or "")
        if name and name not in names and theirs == dict(dimensions):
            names.add(name)
            found.append(one_wanted(MetricId(namespace, name, theirs), is_alarms=False))
    return found
