"""The evidence in a request as the stand-in reads it: items under ids, and the metrics among them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

TROUBLE = (
    r"await|conn|cpu|drop|err|evict|exit|fail|fault|full|kill|lag|latency|load|mem|oom|pending|queue|reject|restart|"
    r"stall|throttl|time|unavailable|used|util|wait"
)
"""Beginnings of words in the names of metrics that are worth naming."""

_EVIDENCE = re.compile(r"^\[([A-Z]+\d+)\] (.*)$")
_METRIC = re.compile(r"^(\S.*?) = (.*)$")
_DEVIATING = re.compile(r"^(\S.*?) DEVIATES (\w+): (.*)$")
_NOW = re.compile(r"\bnow (.+?)(?:, (?:yesterday|no data)\b|$)")
_NAME_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_ZERO = re.compile(r"[+-]?(?:0+(?:\.0*)?|none|null|false)(?![\w.])", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\s*[+-]?[\d.,]+\s*$")
_UNITS = {
    "ms": "ms", "us": "µs", "s": "s", "sec": "s", "seconds": "s", "minutes": "min",
    "percent": "%", "pct": "%", "ratio": "ratio", "count": "count", "total": "count",
    "bytes": "bytes", "kb": "KB", "mb": "MB", "gb": "GB", "kib": "KiB", "mib": "MiB", "gib": "GiB",
    "rps": "1/s", "qps": "1/s", "iops": "1/s",
}  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """One item of evidence, or one line of it: the text, and the id to cite, whose letters say what it is."""

    id: str
    text: str

    def is_a(self, letters: str) -> bool:
        return self.id.rstrip("0123456789") == letters


@dataclass(frozen=True)
class Metric:
    """One metric line, the value as it stands; `deviation` is what the line says of one that deviates."""

    id: str
    name: str
    value: str
    deviation: str = ""

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

    @property
    def told(self) -> str:
        """The metric in a few words, all of them from its line."""
        return f"{self.name} {self.deviation}" if self.deviation else f"{self.name} = {self.value}"


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


def metrics_in(evidence: Sequence[Evidence]) -> list[Metric]:
    """Readings (`name = value`), and metrics whose lines say that they deviate and where they stand now."""
    found = []
    for item in evidence:
        if not item.is_a("M"):
            continue
        line = item.text.partition("\n")[0]
        if match := _DEVIATING.match(line):
            now = _NOW.search(match[3])
            told = f"deviates {match[2]}: {match[3]}"
            found.append(Metric(item.id, match[1], now[1] if now else match[3], told))
        elif match := _METRIC.match(line):
            found.append(Metric(item.id, match[1], match[2]))
    return found
