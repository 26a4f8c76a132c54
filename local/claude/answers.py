"""The stand-in's diagnosis, derived by plain word rules from nothing but the evidence lines in the request.

The rules, in full. A metric reading is a line `[M1] name = value`, the value repeated as it stands. The
timeline is the log lines that begin with a date. What stands out is the log lines with the gravest words
(`GRAVE`), the metrics that the ticket names, and those whose own names speak of trouble (`TROUBLE`) and whose
values are not zero. Severity follows from words in the evidence about the ticket itself (`CRITICAL`,
`WARNING`). What lines `[X1] ...` say is what was missing. Nothing is understood and nothing is remembered.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

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
TROUBLE = (
    r"await|conn|cpu|drop|err|evict|exit|fail|fault|full|kill|lag|latency|load|mem|oom|pending|queue|reject|restart|"
    r"stall|throttl|time|unavailable|used|util|wait"
)
"""Beginnings of words in the names of metrics that are worth naming."""

_EVIDENCE = re.compile(r"^\[([A-Z]+\d+)\] (.*)$")
_METRIC = re.compile(r"^(\S.*?) = (.*)$")
_DATED = re.compile(
    r"^\W?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)\W*\s(.*)$"
)
_COMPONENT = re.compile(r"^(?:component|system|subject|store_id): *(\S.*)$")
_NAME_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_ZERO = re.compile(r"[+-]?(?:0+(?:\.0*)?|none|null|false)(?![\w.])", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\s*[+-]?[\d.,]+\s*$")
_UNITS = {
    "ms": "ms", "us": "µs", "s": "s", "sec": "s", "seconds": "s", "minutes": "min",
    "percent": "%", "pct": "%", "ratio": "ratio", "count": "count", "total": "count",
    "bytes": "bytes", "kb": "KB", "mb": "MB", "gb": "GB", "kib": "KiB", "mib": "MiB", "gib": "GiB",
    "rps": "1/s", "qps": "1/s", "iops": "1/s",
}  # fmt: skip
_MOST_NAMED = 3
_MOST_IN_TIMELINE = 12
_LONGEST = 200


@dataclass(frozen=True)
class Evidence:
    """One item of evidence, or one line of it: the text, and the id to cite, whose letters say what it is."""

    id: str
    text: str

    def is_a(self, letters: str) -> bool:
        return self.id.rstrip("0123456789") == letters


@dataclass(frozen=True)
class Metric:
    """One metric line, the value as it stands."""

    id: str
    name: str
    value: str

    @property
    def words(self) -> list[str]:
        return [word.lower() for word in _NAME_WORDS.findall(self.name)]

    @property
    def unit(self) -> str:
        """The unit that the name ends in or holds, if the value is a bare number."""
        if not _BARE_NUMBER.match(self.value):
            return ""
        return next((_UNITS[word] for word in reversed(self.words) if word in _UNITS), "")

    @property
    def tells_of_trouble(self) -> bool:
        value = self.value.strip()
        return value != "" and not _ZERO.match(value) and any(re.match(TROUBLE, word) for word in self.words)


def read_evidence(user_text: str) -> list[Evidence]:
    """The items of evidence in a user's message, in order; indented lines belong to the item above them."""
    items: list[Evidence] = []
    in_item = False
    for line in user_text.split("\n"):
        if match := _EVIDENCE.match(line):
            items.append(Evidence(match[1], match[2]))
            in_item = True
        elif in_item and line[:1] in (" ", "\t"):
            items[-1] = Evidence(items[-1].id, f"{items[-1].text}\n{line.strip()}")
        else:
            in_item = False
    return items


def derive_answer(user_text: str) -> dict[str, Any]:
    """A diagnosis of the evidence, under the names that the project's schema uses."""
    evidence = read_evidence(user_text)
    about = "\n".join(item.text for item in evidence if item.is_a("E"))
    metrics = [
        Metric(item.id, match[1], match[2])
        for item in evidence
        if item.is_a("M") and (match := _METRIC.match(item.text.partition("\n")[0]))
    ]
    logs = [Evidence(item.id, line) for item in evidence if item.is_a("L") for line in item.text.split("\n")]
    topology = [item for item in evidence if item.is_a("T")]
    components = _components(about)

    named_metrics = _metrics_that_stand_out(metrics, about)
    named_logs = [line for line in _gravest_first(logs) if _gravity(line.text) < len(GRAVE)][:_MOST_NAMED]
    cited_metrics = [_shows(metric.id, f"{metric.name} = {metric.value}") for metric in named_metrics]
    cited_logs = [_shows(line.id, line.text) for line in named_logs]
    cited = cited_logs + cited_metrics
    place = components[0] if components else "the component"
    return {
        "timeline": _timeline(logs),
        "affected_components": components,
        "metric_readings": [_reading(metric, metric in named_metrics) for metric in metrics],
        "primary": {
            "diagnosis": _primary(place, named_logs, named_metrics),
            "confidence": "low" if cited else "insufficient_data",
            "reasoning": f"{MARK} a program picked the log lines with the gravest words and the metrics "
            "whose names speak of trouble. It compares words, not causes.",
            "evidence": cited,
        },
        "alternatives": [
            {
                "diagnosis": f"Stand-in: more load on {place} than it was made for.",
                "supporting": cited_metrics,
                "contradicting": cited_logs[:1],
                "conclusion": f"{MARK} neither shown nor ruled out.",
            },
            {
                "diagnosis": f"Stand-in: a fault in something that {place} depends on.",
                "supporting": [_shows(item.id, item.text) for item in topology[:_MOST_NAMED]],
                "contradicting": [],
                "conclusion": f"{MARK} neither shown nor ruled out.",
            },
        ],
        "severity": _severity(about),
        "recommended_action": f"{MARK} wait and observe. Look at the evidence again before any change.",
        "commands": [_command(named_metrics)],
        "risks": [
            f"{MARK} nobody has thought about this incident; acting on it may do harm.",
            "Waiting gives a real fault time to grow.",
        ],
        "missing_data": [item.text for item in evidence if item.is_a("X")],
    }


def _starts_a_word(pattern: str, text: str) -> bool:
    return re.search(rf"\b(?:{pattern})", text, re.IGNORECASE) is not None


def _gravity(line: str) -> int:
    """The place of the line's gravest word in `GRAVE`; the length of `GRAVE` when it has none."""
    return next((rank for rank, words in enumerate(GRAVE) if _starts_a_word(words, line)), len(GRAVE))


def _gravest_first(lines: Iterable[Evidence]) -> list[Evidence]:
    return sorted(lines, key=lambda line: _gravity(line.text))


def _metrics_that_stand_out(metrics: Sequence[Metric], about: str) -> list[Metric]:
    """The metrics that the ticket names, then those that speak of trouble; if there are none, the first."""
    named = [metric for metric in metrics if metric.name in about]
    telling = [metric for metric in metrics if metric not in named and metric.tells_of_trouble]
    return ([*named, *telling] or list(metrics[:1]))[:_MOST_NAMED]


def _timeline(logs: Sequence[Evidence]) -> list[dict[str, Any]]:
    """The dated log lines in the order in which they stand; if there are many, the gravest of them."""
    dated = [(line, match) for line in logs if (match := _DATED.match(line.text))]
    kept = _gravest_first(line for line, _ in dated)[:_MOST_IN_TIMELINE]
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


def _primary(place: str, logs: Sequence[Evidence], metrics: Sequence[Metric]) -> str:
    if not logs and not metrics:
        return "Stand-in: no log line and no metric in the ticket stands out."
    seen = [f"the log line “{_short(logs[0].text)}”"] if logs else []
    seen += [f"{metric.name} = {metric.value}" for metric in metrics]
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
        command = f"aws cloudwatch list-metrics --metric-name {shlex.quote(metrics[0].name)}"
    return {
        "command": command,
        "purpose": f"{MARK} shows where to look next.",
        "risk": "It only reads: nothing changes, but it counts against the account's rate of API calls.",
    }


def _shows(evidence_id: str, text: str) -> dict[str, str]:
    return {"id": evidence_id, "shows": _short(text)}


def _short(text: str) -> str:
    """One line of readable length, no word or figure cut in two."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST:
        return line
    return f"{re.sub(r'[^ ,;]+$', '', line[:_LONGEST]) or line[:_LONGEST]}…"
