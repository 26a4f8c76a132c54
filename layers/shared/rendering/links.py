"""Addresses in the console of AWS, made of names that a source asked for; never of what a model wrote.

Each begins with CONSOLE, and what follows is percent-encoded: no name leads elsewhere or ends a link early.
The console has no documented addresses; these are those that it shows in its own address bar.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

CONSOLE = "https://console.aws.amazon.com"
REGION = re.compile(r"(?!cn-|us-gov-|\w+-iso)[a-z]{2}(?:-[a-z]+)+-\d{1,2}")
"""The partitions of China, of governments and others have consoles of their own."""
LONGEST = 2000
MOST_METRICS = 10


def to_alarm(region: str, name: str) -> str:
    """An alarm with its history; nothing, as of all these, where the address cannot be made."""
    return _address("cloudwatch/home", region, f"alarmsV2:alarm/{_encoded(name)}")


def to_log_group(region: str, name: str) -> str:
    """A log group, whose name the console wants encoded twice, with `$` in place of `%`."""
    twice = _encoded(_encoded(name)).replace("%", "$")
    return _address("cloudwatch/home", region, f"logsV2:log-groups/log-group/{twice}")


def to_metrics(region: str, namespace: str, dimensions: Mapping[str, str], names: Iterable[str]) -> str:
    """A graph of some metrics of one resource."""
    of = [part for dimension in dimensions.items() for part in dimension]
    rows = [f"~(~{'~'.join(map(_jsurl, (namespace, name, *of)))})" for name in list(names)[:MOST_METRICS]]
    graph = f"~(metrics~({''.join(rows)})~region~{_jsurl(region)})"
    return _address("cloudwatch/home", region, f"metricsV2:graph={_encoded(graph)}") if rows else ""


def to_changes(region: str) -> str:
    """The events of CloudTrail that changed something."""
    return _address("cloudtrailv2/home", region, "/events?ReadOnly=false")


def to_stack(region: str, name: str) -> str:
    """A stack of CloudFormation."""
    return _address("cloudformation/home", region, f"/stacks/stackinfo?stackId={_encoded(name)}")


def to_ticket(region: str, table: str, ticket_id: str) -> str:
    """A ticket in its table."""
    key = f"itemMode=2&pk={_encoded(ticket_id)}&route=ROUTE_ITEM_EXPLORER&sk=&table={_encoded(table)}"
    return _address("dynamodbv2/home", region, f"edit-item?{key}")


def _address(page: str, region: str, place: str) -> str:
    address = f"{CONSOLE}/{page}?region={region}#{place}"
    return address if REGION.fullmatch(region) and len(address) <= LONGEST else ""


def _encoded(name: str) -> str:
    return quote(name, safe="", errors="replace")


def _jsurl(text: str) -> str:
    """A text in the notation that the console keeps a graph in: all but letters and digits in hexadecimal."""
    return "'" + re.sub(r"[^\w.-]", lambda found: _hexadecimal(ord(found[0])), text, flags=re.ASCII)


def _hexadecimal(point: int) -> str:
    return f"*{point:02x}" if point < 0x100 else f"**{point:04x}"
