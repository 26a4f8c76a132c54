"""The dashboard: the widget at its head, and metrics that are really there."""

import json
from functools import cache
from typing import Any

import pytest

from local.aws.template import ROOT, Template
from tests.unit.stack.test_habits import SOURCE

pytestmark = pytest.mark.not_followed

OF_AWS = {"AWS/SQS": ("QueueName", {"ApproximateNumberOfMessagesVisible"})}
FREE = 50
"""Metrics that a dashboard may name before it costs. Source: CloudWatch's prices, free tier."""


@cache
def widgets(cap: str = "0") -> tuple[dict[str, Any], ...]:
    template = Template.read(parameters={"DailySpendCapUsd": cap})
    body = json.loads(template.resource("Dashboard").properties["DashboardBody"])
    return tuple(body["widgets"])


def metrics_of(widget: dict[str, Any]) -> list[tuple[str, ...]]:
    """Namespace, name and dimensions of each, a dot standing for what the one before it has."""
    found: list[tuple[str, ...]] = []
    for row in widget["properties"].get("metrics", []):
        parts = [part for part in row if isinstance(part, str)]
        if parts:
            found.append(tuple(found[-1][at] if part == "." else part for at, part in enumerate(parts)))
    return found


ALL = [metric for widget in widgets() for metric in metrics_of(widget)]


def test_the_board_is_at_its_head_and_called_by_its_arn() -> None:
    first = widgets()[0]

    assert (first["type"], first["x"], first["y"], first["width"]) == ("custom", 0, 0, 24)
    assert first["properties"]["endpoint"] == Template.read().names.attribute("BoardFunction", "Arn")


def test_every_metric_is_one_that_the_code_writes_or_of_a_resource_of_the_stack() -> None:
    template = Template.read()
    queues = {template.names.name(each.logical_id) for each in template.of_type("AWS::SQS::Queue")}
    for namespace, name, dimension, value in ALL:
        if namespace == "Differential":
            assert f'"{name}"' in SOURCE
            assert (dimension, value) == ("service", "differential")
        else:
            assert OF_AWS[namespace][0] == dimension
            assert name in OF_AWS[namespace][1]
            assert value in queues


@pytest.mark.parametrize(
    "names",
    [
        {"TicketsPending", "TicketsRunning", "TicketsDeferred", "Diagnosed", "Deferred", "Failed"},
        {"TicketsInTrouble", "OldestWaitingSeconds"},
        {"DiagnosisSeconds", "InputTokens", "OutputTokens", "CachedTokens", "CallsRefused", "GateClosed"},
        {"CostUsd", "ConfidenceCapped", "Doubts", "Confirmed", "CalledWrong"},
        {"IntakeOpened", "IntakeJoined", "Told", "NotTold"},
    ],
    ids=["pipeline", "waiting", "Claude", "money and trust", "intake and messages"],
)
def test_what_is_asked_of_a_pipeline_is_there(names: set[str]) -> None:
    assert names <= {metric[1] for metric in ALL}


def test_it_is_among_those_that_cost_nothing() -> None:
    assert len(ALL) <= FREE


def test_the_cap_is_drawn_where_there_is_one() -> None:
    def lines(cap: str) -> list[Any]:
        drawn = [widget["properties"].get("annotations") for widget in widgets(cap)]
        return [each["horizontal"] for each in drawn if each]

    assert lines("0") == []
    assert lines("12.5") == [[{"label": "DailySpendCapUsd", "value": 12.5}]]


def test_widgets_lie_beside_each_other() -> None:
    cells = [
        (x, y)
        for widget in widgets()
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_no_stack_takes_the_place_of_one_in_another_region() -> None:
    """Dashboards are global."""
    declared = (ROOT / "template.yaml").read_text("utf-8")
    assert "DashboardName: !Sub ${AWS::StackName}-${AWS::Region}\n" in declared
