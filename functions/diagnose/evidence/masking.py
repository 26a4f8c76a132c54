"""Kinds of log lines: lines that differ only in numbers, times and identifiers are of one kind."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERED = re.compile(r"(?<![\w.-])[A-Za-z_.-]*+\d[\w.-]*+", re.ASCII)
DIGIT = re.compile(r"\d", re.ASCII)
NOUGHT = re.compile(r"(?<![\w.-])0(?![\w.-])")
NOUGHT_OR_FAULT = re.compile(r"(?<![\w.-])(?:0|[45]\d\d)(?![\w.-])")
"""Numbers that make a difference: nought, and the HTTP statuses of faults."""
REQUESTS = ("HTTP", "status", "code", "return", "GET ", "POST ")
"""Words of lines in which a number from 400 to 599 may be an HTTP status."""
KLOG = re.compile(r"[IWEF]\d{4}")
LONGEST_TOKEN = 200
MOST_TOKENS = 100_000
"""Of those whose mask is remembered, which bounds the memory."""


class Masks(dict[str, str]):
    """The mask of each token met: `10.2.3.4:8080` and `10.9.9.9:443` both become `#:#`."""

    def __init__(self, telling: re.Pattern[str]) -> None:
        super().__init__()
        self._telling = telling

    def __missing__(self, token: str) -> str:
        if len(self) >= MOST_TOKENS:
            self.clear()
        mask = self[token] = self._mask(token[:LONGEST_TOKEN])
        return mask

    def _mask(self, token: str) -> str:
        if not DIGIT.search(token):
            return token
        if KLOG.fullmatch(token):
            return token[0] + "####"
        return NUMBERED.sub(self._number if self._telling.search(token) else "#", token)

    def _number(self, found: re.Match[str]) -> str:
        text = found[0]
        return text if text == "0" else f"{text[0]}xx" if self._telling.fullmatch(text) else "#"


@dataclass(frozen=True)
class Kinds:
    """The kinds among some lines.

    Of each line its kind; of each kind its template (a line's masked tokens), its first and last line, and
    how many lines it has.
    """

    of_line: Sequence[int]
    templates: Sequence[str]
    first: Sequence[int]
    last: Sequence[int]
    counts: Sequence[int]


def kinds_of(lines: Sequence[str]) -> Kinds:
    """The kinds of these lines, numbered in the order in which they appear."""
    plain, request = Masks(NOUGHT).__getitem__, Masks(NOUGHT_OR_FAULT).__getitem__
    numbers: dict[str, int] = {}
    of_line, first, last, counts = array("L"), array("L"), array("L"), array("L")
    for index, line in enumerate(lines):
        tokens = line.split()
        if tokens and tokens[0][0].isdigit() and ":" in tokens[0]:  # a time, of which no two are the same
            tokens[0] = "#"
        template = " ".join(map(request if _may_be_request(line) else plain, tokens))
        kind = numbers.setdefault(template, len(first))
        if kind == len(first):
            first.append(index)
            last.append(index)
            counts.append(0)
        of_line.append(kind)
        last[kind] = index
        counts[kind] += 1
    return Kinds(of_line, list(numbers), first, last, counts)


def _may_be_request(line: str) -> bool:
    for word in REQUESTS:  # noqa: SIM110 - any() takes twice the time
        if word in line:
            return True
    return False
