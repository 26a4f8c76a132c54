"""The stand-in's findings are made of what the request says, the live sources' sections included."""

from typing import Any

from local.claude.answers import derive_answer

DEVIATING = (
    "Errors (FunctionName=checkout) DEVIATES up: baseline 0 ± 1, left it 2026-11-28T02:06:00Z (at the onset)"
    ", peak {peak} at 2026-11-28T02:09:00Z (+3 min), steady there, now 56, yesterday at this time 1"
)
EVIDENCE = """\
[E1] message: CloudWatch alarm checkout-errors went to ALARM.
[E2] component: checkout
[M1] {deviating}
[M2] within their baselines, with their last values: Throttles 0; Invocations 1,450
[A1] 2026-11-28T02:09:00Z (+3 min) went to ALARM: 3 datapoints were greater than 20
[H1] 2026-11-28T02:00:00Z (-6 min) {change}
[L1] 2026-11-28T02:05:00.1Z (-59 s) [7a10] INFO  all is well
[L2] 2026-11-28T02:06:10Z (+10 s) [7a11] Task timed out after 10.01 seconds
[L3] new: 34 times; first at 2026-11-28T02:06:11Z (+11 s): no answer from 10.44.8.20
[X1] could not look: traces (not allowed: xray:GetTraceSummaries)
[X2] looked and found nothing: AWS Health's events
[X3] not asked: the ECS service's deployments (no ECS service is among its resources)
"""


def answer(peak: str = "58", change: str = "function checkout: version 61") -> dict[str, Any]:
    return derive_answer(EVIDENCE.format(deviating=DEVIATING.format(peak=peak), change=change))


def test_a_deviating_metric_is_read_where_it_stands_now() -> None:
    [reading] = answer()["metric_readings"]
    assert (reading["name"], reading["value"], reading["evidence"]) == (
        "Errors (FunctionName=checkout)",
        "56",
        "M1",
    )


def test_what_deviates_was_changed_and_rings_is_named_and_cited() -> None:
    primary = answer()["primary"]
    assert "Errors (FunctionName=checkout) deviates up: baseline 0 ± 1" in primary["diagnosis"]
    assert "function checkout: version 61" in primary["diagnosis"]
    assert "new: 34 times" in primary["diagnosis"]
    assert [cited["id"] for cited in primary["evidence"]] == ["L3", "L2", "M1", "H1", "A1"]


def test_another_figure_or_change_in_the_request_is_another_in_the_answer() -> None:
    other = answer(peak="977", change="stack shop: an operation began")["primary"]
    assert "peak 977" in next(cited["shows"] for cited in other["evidence"] if cited["id"] == "M1")
    assert "stack shop" in other["diagnosis"]
    assert "version 61" not in other["diagnosis"]


def test_changes_and_alarms_are_in_the_timeline_in_the_order_of_time() -> None:
    assert [entry["evidence"] for entry in answer()["timeline"]] == [["H1"], ["L1"], ["L2"], ["A1"]]
    entries = {entry["evidence"][0]: entry["at"] for entry in answer()["timeline"]}
    assert entries["H1"] == "2026-11-28T02:00:00Z"
    assert entries["A1"] == "2026-11-28T02:09:00Z"
    assert entries["L2"] == "2026-11-28T02:06:10Z"


def test_only_what_could_not_be_seen_is_missing() -> None:
    assert answer()["missing_data"] == [
        {"what": "could not look: traces (not allowed: xray:GetTraceSummaries)", "where": ""}
    ]


def test_the_command_names_the_metric_without_its_statistic() -> None:
    text = "[M1] Errors Sum DEVIATES up: baseline 0, left it 2026-11-28T02:06:00Z (at the onset), now 56"
    [command] = derive_answer(text)["commands"]
    assert command["command"] == "aws cloudwatch list-metrics --metric-name Errors"
