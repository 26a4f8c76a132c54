"""The stand-in's diagnosis, derived by plain word rules from nothing but the evidence lines in the request.

The rules, in full. A metric reading is a line `[M1] name = value`, the value repeated as it stands, or one
that says `name DEVIATES`, with what it says stands there now. The timeline is the changes, alarms and log
lines that begin with a date. What stands out is what is said to be new in the log, its lines with the gravest
words (`GRAVE`), the metrics that deviate, those that the ticket names, and those whose own names speak of
trouble and whose values are not zero (evidence.py); beside them the first change, and the alarm as it stands.
Severity follows from words in the evidence about the ticket itself (`CRITICAL`, `WARNING`). What lines
`[X1] ...` say is what was missing, but for the places where nothing was found or nothing was asked for.
Nothing is understood and nothing is remembered.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from local.claude.evidence import Evidence, Metric, metrics_in, read_evidence

MARK = "Stand-in answer, not Claude:"

GRAVE = (
    r"fatal|panic|out of memory|oom|sigkill|no space left|corrupt|data loss",
    r"error|exception|traceback|fail|refused|unreachable|too many connections",
    r"timeout|time-out|timed out|deadline exceeded|throttl",
    r"warn|slow|retry|retries",
)
"""Beginnings of words that make a log line stand out, the gravest first."""

CRITICAL = r"critical|down\b|unavailable|outage|exhaust|out of memory|oom|fatal|data loss"
WARNING = r"warning|lag|latency|slow|high|spike|error|degraded|restart|throttl"

_DATED = re.compile(
    r"^\W?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)\W*\s(.*)$"
)
_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_COMPONENT = re.compile(r"^(?:component|system|subject|store_id): *(\S.*)$")
_NOT_MISSING = ("looked and found nothing", "not asked")
_NEW = re.compile(r"(?:new|more often): ")
_MOST_NEW = 2
_MOST_NAMED = 3
_MOST_IN_TIMELINE = 12
_LONGEST = 200


def derive_answer(user_text: str) -> dict[str, Any]:
    """A diagnosis of the evidence, under the names that the project's schema uses."""
    evidence = read_evidence(user_text)
    about = "\n".join(item.text for item in evidence if item.is_a("E"))
    metrics = metrics_in(evidence)
    logs = [Evidence(item.id, line) for item in evidence if item.is_a("L") for line in item.text.split("\n")]
    alarms, changes, topology = ([item for item in evidence if item.is_a(letter)] for letter in "AHT")
    components = _components(about)

    named_metrics = _metrics_that_stand_out(metrics, about)
    named_logs = _logs_that_stand_out(logs)
    cited_metrics = [_shows(metric.id, metric.told) for metric in named_metrics]
    cited_logs = [_shows(line.id, line.text) for line in named_logs]
    cited_changes = [_shows(item.id, item.text) for item in changes[:1]]
    ringing = [item for item in alarms if "ALARM since" in item.text] or alarms
    cited = cited_logs + cited_metrics + cited_changes + [_shows(item.id, item.text) for item in ringing[:1]]
    place = components[0] if components else "the component"
    return {
        "verdict": "action_suggested" if cited else "inconclusive",
        "headline": f"{MARK} look at {place} and at what stands out in its evidence; nothing was understood.",
        "timeline": _timeline([*changes, *alarms], logs),
        "components": [{"name": name, "role": "bystander"} for name in components],
        "metric_readings": [_reading(metric, metric in named_metrics) for metric in metrics],
        "primary": {
            "diagnosis": _primary(place, named_logs, named_metrics, changes),
            "confidence": "low" if cited else "insufficient_data",
            "reasoning": f"{MARK} a program picked what is new in the log, its gravest words, the metrics "
            "that deviate or whose names speak of trouble, the first change, the alarm. It compares words, "
            "not causes.",
            "evidence": cited,
            "chain": [],
        },
        "alternatives": [
            {
                "diagnosis": f"Stand-in: more load on {place} than it was made for.",
                "supporting": cited_metrics,
                "contradicting": cited_logs[:1],
                "conclusion": f"{MARK} neither shown nor ruled out.",
                **_deciding("the load of the last hour beside that of the hours before"),
            },
            {
                "diagnosis": f"Stand-in: a fault in something that {place} depends on.",
                "supporting": [_shows(item.id, item.text) for item in topology[:_MOST_NAMED]],
                "contradicting": cited_changes,
                "conclusion": f"{MARK} neither shown nor ruled out.",
                **_deciding("the state of each thing that it depends on"),
            },
        ],
        "severity": _severity(about),
        "recommended_action": f"{MARK} wait and observe. Look at the evidence again before any change.",
        "commands": [_command(named_metrics)],
        "risks": [
            f"{MARK} nobody has thought about this incident; acting on it may do harm.",
            "Waiting gives a real fault time to grow.",
        ],
        "missing_data": [
            {"what": item.text, "where": ""}
            for item in evidence
            if item.is_a("X") and not item.text.startswith(_NOT_MISSING)
        ],
    }


def _starts_a_word(pattern: str, text: str) -> bool:
    return re.search(rf"\b(?:{pattern})", text, re.IGNORECASE) is not None


def _gravity(line: str) -> int:
    """The place of the line's gravest word in `GRAVE`; the length of `GRAVE` when it has none."""
    return next((rank for rank, words in enumerate(GRAVE) if _starts_a_word(words, line)), len(GRAVE))


def _gravest_first(lines: Iterable[Evidence]) -> list[Evidence]:
    return sorted(lines, key=lambda line: _gravity(line.text))


def _logs_that_stand_out(logs: Sequence[Evidence]) -> list[Evidence]:
    """Two lines at most of what the log did not say before, as they stand; then those with grave words."""
    new = [line for line in logs if _NEW.match(line.text)][:_MOST_NEW]
    grave = [line for line in _gravest_first(logs) if _gravity(line.text) < len(GRAVE)]
    return list(dict.fromkeys([*new, *grave]))[:_MOST_NAMED]


def _metrics_that_stand_out(metrics: Sequence[Metric], about: str) -> list[Metric]:
    """Those that deviate, that the ticket names, that speak of trouble; if there are none, the first."""
    deviating = [metric for metric in metrics if metric.deviation]
    named = [metric for metric in metrics if metric.name in about]
    telling = [metric for metric in metrics if metric.tells_of_trouble]
    found = list(dict.fromkeys([*deviating, *named, *telling]))
    return (found or list(metrics[:1]))[:_MOST_NAMED]


def _timeline(others: Sequence[Evidence], logs: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Dated changes, alarms and log lines; of many, the gravest. In order, where all times are in UTC."""
    dated = [(line, match) for line in [*others, *logs] if (match := _DATED.match(line.text))]
    if all(_IN_UTC.fullmatch(match[1]) for _, match in dated):
        dated.sort(key=lambda of: of[1][1])
    first = [line for line, _ in dated if line in others]
    kept = [*first, *_gravest_first(line for line, _ in dated if line not in others)][:_MOST_IN_TIMELINE]
    return [
        {"at": match[1], "event": _short(match[2]), "evidence": [line.id]}
        for line, match in dated
        if line in kept
    ]


def _reading(metric: Metric, stands_out: bool) -> dict[str, str]:
    return {
        "name": metric.name,
        "value": metric.value,
        "unit": metric.unit,
        "note": "picked by the stand-in's word rules" if stands_out else "",
        "evidence": metric.id,
    }


def _primary(
    place: str, logs: Sequence[Evidence], metrics: Sequence[Metric], changes: Sequence[Evidence]
) -> str:
    if not logs and not metrics and not changes:
        return "Stand-in: no log line, no metric and no change in the evidence stands out."
    seen = [f"the log line “{_short(logs[0].text)}”"] if logs else []
    seen += [_short(metric.told) for metric in metrics]
    seen += [f"the change “{_short(change.text)}”" for change in changes[:1]]
    return f"Stand-in: on {place}, what stands out is {', '.join(seen)}."


def _components(about: str) -> list[str]:
    found = [match[1].strip() for line in about.split("\n") if (match := _COMPONENT.match(line))]
    return list(dict.fromkeys(found))


def _severity(about: str) -> str:
    if _starts_a_word(CRITICAL, about):
        return "critical"
    return "warning" if _starts_a_word(WARNING, about) else "info"


def _command(metrics: Sequence[Metric]) -> dict[str, str]:
    command = "aws cloudwatch describe-alarms --state-value ALARM"
    if metrics:
        metric = metrics[0]
        name = metric.name.split()[0] if metric.deviation else metric.name
        command = f"aws cloudwatch list-metrics --metric-name {shlex.quote(name)}"
    return {
        "command": command,
        "purpose": f"{MARK} shows where to look next.",
        "changes": "nothing",
        "risk": "It only reads: nothing changes, but it counts against the account's rate of API calls.",
    }


def _deciding(observation: str) -> dict[str, str]:
    return {"deciding_observation": f"{MARK} {observation}.", "deciding_command": ""}


def _shows(evidence_id: str, text: str) -> dict[str, str]:
    return {"id": evidence_id, "shows": _short(text)}


def _short(text: str) -> str:
    """One line of readable length, no word or figure cut in two."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST:
        return line
    return f"{re.sub(r'[^ ,;]+$', '', line[:_LONGEST]) or line[:_LONGEST]}…"
