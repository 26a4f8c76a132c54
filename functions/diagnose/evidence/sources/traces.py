"""The slowest and the failing requests that X-Ray traced around the onset."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from diagnose.evidence.clients import Clients
from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import one_item
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.times import Window, utc
from diagnose.evidence.why_not import why_not
from runtime.both_ends import both_ends
from subjects.names import resources_of

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=10)
MOST_PAGES = 5
FAILING, SLOWEST = 3, 2
"""Traces that are read whole; BatchGetTraces takes five at once."""
DEEPEST = 40
MOST_SEGMENTS = 5
TITLE = "Traces around the onset: {}"


class Traces:
    """GetTraceSummaries of the nearest resource, and of a few traces all segments."""

    name = "traces"

    def __init__(self, clients: Clients, seconds: float = SOURCE_SECONDS) -> None:
        self.seconds = seconds
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        names = [each.name for each in resources_of(incident.resources) if '"' not in each.name]
        if not names:
            return [NotAsked("X-Ray's traces", "no resource is known")]
        place = f"X-Ray's traces of {names[0]}"
        if incident.elsewhere:
            return [CouldNotLook(place, incident.elsewhere)]
        window = Window.around(min(incident.began.at, incident.now), BEFORE, AFTER, incident.now)
        client = self._clients("xray", incident.region)
        summaries, cut = _summaries(client, names[0], window, until)
        looked: list[Looked] = []
        if summaries:
            chosen = _chosen(summaries)
            lines = [_count(summaries), *map(_of_summary, chosen)]
            if until() > 0:
                try:
                    answer = client.batch_get_traces(TraceIds=[each["Id"] for each in chosen])
                    lines += _of_traces(answer, redact)
                except Exception as error:  # noqa: BLE001 - the summaries are worth telling without
                    cut = cut or why_not(error)
            else:
                cut = cut or "no time was left for their segments"
            title, shown = TITLE.format(names[0]), tuple(map(one_item, redact(lines)))
            section = Section("traces", title, "T", shown, facts=(None, *map(_fact, chosen)))
            looked.append(Found((section,)))
        elif not cut:
            looked.append(FoundNothing(place, window))
        return looked + ([CouldNotLook(f"the rest of {place}", cut)] if cut else [])


def _summaries(
    client: Any, name: str, window: Window, until: SecondsLeft
) -> tuple[list[Mapping[str, Any]], str]:
    asked: dict[str, Any] = {
        "StartTime": window.start,
        "EndTime": window.end,
        "FilterExpression": f'service("{name}")',
    }
    summaries: list[Mapping[str, Any]] = []
    for _ in range(MOST_PAGES):
        if until() <= 0:
            return summaries, "no time was left"
        answer = client.get_trace_summaries(**asked)
        summaries += (each for each in answer.get("TraceSummaries", ()) if each.get("Id"))
        if not answer.get("NextToken"):
            return summaries, ""
        asked["NextToken"] = answer["NextToken"]
    return summaries, f"only {len(summaries)} were read"


def _chosen(summaries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The slowest of those that failed, then the slowest of the others."""
    by_time = sorted(summaries, key=_seconds, reverse=True)
    failing = [each for each in by_time if _failure(each)][:FAILING]
    return failing + [each for each in by_time if each not in failing][:SLOWEST]


def _count(summaries: Sequence[Mapping[str, Any]]) -> str:
    times = sorted(map(_seconds, summaries))
    failed = sum(1 for each in summaries if _failure(each))
    return (
        f"{len(summaries)} requests were traced, {failed} of them failed; "
        f"half took {times[len(times) // 2]:.3g} s or longer, the slowest {times[-1]:.3g} s"
    )


def _of_summary(summary: Mapping[str, Any]) -> str:
    http = summary.get("Http") or {}
    asked = " ".join(str(http[name]) for name in ("HttpMethod", "HttpURL", "HttpStatus") if name in http)
    at = summary.get("StartTime")
    when = f" at {utc(at)}" if isinstance(at, datetime) else ""
    failure = f", {_failure(summary)}" if _failure(summary) else ""
    return f"trace {summary['Id']}{when}: {_seconds(summary):.3g} s{failure} {both_ends(asked, 300)}".rstrip()


def _fact(summary: Mapping[str, Any]) -> Fact | None:
    at = summary.get("StartTime")
    return Fact(Kind.ERROR, at if isinstance(at, datetime) else None) if _failure(summary) else None


def _of_traces(answer: Mapping[str, Any], redact: Redact) -> Iterator[str]:
    """Of each trace the segments that failed, deepest first, and those that took longest by themselves."""
    for trace in answer.get("Traces", ()):
        segments = [
            found
            for each in trace.get("Segments", ())
            for found in _flattened(redact(_json(each.get("Document"))), "", 0)
        ]
        failing = sorted((each for each in segments if each[3]), key=lambda each: -each[0])
        slow = sorted((each for each in segments if not each[3]), key=lambda each: -each[2])
        for _, path, own, failure in (*failing[:MOST_SEGMENTS], *slow[:2]):
            said = f", {failure}" if failure else ""
            yield f"trace {trace.get('Id', '')}: {path}: {own:.3g} s by itself{said}"


Segment = tuple[int, str, float, str]
"""How deep it lies, the names down to it, its seconds without those of what it called, and its failure."""


def _flattened(segment: Any, path: str, depth: int) -> Iterator[Segment]:
    if not isinstance(segment, Mapping) or depth > DEEPEST:
        return
    name = f"{path} > {segment.get('name', '?')}" if path else str(segment.get("name", "?"))
    below = segment.get("subsegments")
    inner = [each for each in below if isinstance(each, Mapping)] if isinstance(below, list) else []
    own = _length(segment) - sum(map(_length, inner))
    causes = segment.get("cause")
    told = [
        f"{each.get('type', '')}: {both_ends(str(each.get('message', '')), 300)}"
        for each in (causes.get("exceptions") or () if isinstance(causes, Mapping) else ())
        if isinstance(each, Mapping)
    ]
    kinds = [kind for kind in ("fault", "error", "throttle") if segment.get(kind)]
    yield depth, name, max(0.0, own), "; ".join((*kinds, *told)) if kinds else ""
    for each in inner:
        yield from _flattened(each, name, depth + 1)


def _length(segment: Mapping[str, Any]) -> float:
    start, end = segment.get("start_time"), segment.get("end_time")
    known = isinstance(start, int | float) and isinstance(end, int | float)
    return float(end) - float(start) if known else 0.0  # type: ignore[arg-type]


def _failure(summary: Mapping[str, Any]) -> str:
    return ", ".join(kind.lower() for kind in ("Fault", "Error", "Throttle") if summary.get(f"Has{kind}"))


def _seconds(summary: Mapping[str, Any]) -> float:
    value = summary.get("ResponseTime", summary.get("Duration"))
    return float(value) if isinstance(value, int | float) else 0.0


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
