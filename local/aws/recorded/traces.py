"""X-Ray's service graph, trace summaries and traces as they were recorded: moto makes its own up."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.recorded.moments import utc, within
from local.aws.recorded.paging import page, with_token

_LONGEST = timedelta(hours=6)
"""Longer windows are refused. X-Ray refuses some, too: a source should keep to what passes here."""
_SUMMARIES_A_PAGE = 50
_MOST_TRACES = 5
_TERM = re.compile(
    r'\s*(?:service\("(?P<service>[^"]+)"\)(?:\s*\{\s*(?P<of>fault|error|throttle)\s*\})?'
    r"|(?P<flag>fault|error|throttle)(?:\s*=\s*(?P<wanted>true|false))?"
    r"|(?P<name>responsetime|duration)\s*(?P<than>>=|>|<=|<)\s*(?P<seconds>\d+(?:\.\d+)?))\s*"
)
_FLAGS = {"fault": "HasFault", "error": "HasError", "throttle": "HasThrottle"}


class Traces:
    """Seeded with `add_service` and `add_trace`, in the shapes of the API."""

    def __init__(self) -> None:
        self._services: list[dict[str, Any]] = []
        self._traces: list[tuple[dict[str, Any], list[Mapping[str, Any]]]] = []

    def add_service(self, service: Mapping[str, Any]) -> None:
        """A node of the graph as GetServiceGraph shows it, with its StartTime, EndTime and Edges."""
        self._services.append({"Edges": [], "SummaryStatistics": {}, **service})

    def add_trace(self, summary: Mapping[str, Any], segments: Sequence[Mapping[str, Any]] = ()) -> None:
        """A trace: its summary, which must have Id and StartTime, and the documents of its segments."""
        has = dict.fromkeys(_FLAGS.values(), False)
        self._traces.append(({**has, "IsPartial": False, "ServiceIds": [], **summary}, list(segments)))

    def get_service_graph(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        start, end = _window(asked)
        found = [
            service
            for service in self._services
            if utc(service["StartTime"]) <= end and start <= utc(service["EndTime"])
        ]
        shown, token = page(found, _SUMMARIES_A_PAGE, asked.get("NextToken"), "InvalidRequestException")
        answer = {"StartTime": start, "EndTime": end, "Services": shown, "ContainsOldGroupVersions": False}
        return with_token(answer, token)

    def get_trace_summaries(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Of the filter expressions: `service("name")`, flags, and times, joined by AND."""
        start, end = _window(asked)
        terms = _terms(asked.get("FilterExpression") or "")
        found = [
            summary
            for summary, _ in self._traces
            if within(summary["StartTime"], start, end) and all(_matches(summary, term) for term in terms)
        ]
        shown, token = page(found, _SUMMARIES_A_PAGE, asked.get("NextToken"), "InvalidRequestException")
        answer = {
            "TraceSummaries": shown,
            "ApproximateTime": datetime.now(UTC),
            "TracesProcessedCount": len(self._traces),
        }
        return with_token(answer, token)

    def batch_get_traces(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        ids = asked["TraceIds"]
        if not 1 <= len(ids) <= _MOST_TRACES:
            raise ApiError("InvalidRequestException", f"TraceIds must hold 1 to {_MOST_TRACES} ids")
        by_id = {summary["Id"]: (summary, segments) for summary, segments in self._traces}
        return {
            "Traces": [
                {
                    "Id": id_,
                    "Duration": by_id[id_][0].get("Duration", 0.0),
                    "LimitExceeded": False,
                    "Segments": [_document(segment) for segment in by_id[id_][1]],
                }
                for id_ in ids
                if id_ in by_id
            ],
            "UnprocessedTraceIds": [id_ for id_ in ids if id_ not in by_id],
        }

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("xray", "GetServiceGraph"): self.get_service_graph,
            ("xray", "GetTraceSummaries"): self.get_trace_summaries,
            ("xray", "BatchGetTraces"): self.batch_get_traces,
        }


def _document(segment: Mapping[str, Any]) -> dict[str, str]:
    return {"Id": str(segment["id"]), "Document": json.dumps(segment)}


def _window(asked: Mapping[str, Any]) -> tuple[datetime, datetime]:
    start, end = utc(asked["StartTime"]), utc(asked["EndTime"])
    if start > end:
        raise ApiError("InvalidRequestException", "StartTime must not be after EndTime")
    if end - start > _LONGEST:
        raise ApiError("InvalidRequestException", "Time range cannot be longer than 6 hours.")
    return start, end


def _terms(expression: str) -> list[re.Match[str]]:
    terms = [_TERM.fullmatch(part) for part in re.split(r"\bAND\b", expression) if part.strip()]
    if not all(terms):
        raise ApiError("InvalidRequestException", f"Not emulated by the local stack: {expression}")
    return [term for term in terms if term]


def _matches(summary: Mapping[str, Any], term: re.Match[str]) -> bool:
    if name := term["service"]:
        named = any(name in {one.get("Name"), *one.get("Names", [])} for one in summary["ServiceIds"])
        return named and (term["of"] is None or bool(summary[_FLAGS[term["of"]]]))
    if flag := term["flag"]:
        return bool(summary[_FLAGS[flag]]) is (term["wanted"] != "false")
    measured = summary.get("ResponseTime" if term["name"] == "responsetime" else "Duration", 0.0)
    bound, than = float(term["seconds"]), term["than"]
    above = measured >= bound if than == ">=" else measured > bound
    below = measured <= bound if than == "<=" else measured < bound
    return bool(above if ">" in than else below)
