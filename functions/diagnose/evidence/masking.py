"""Kinds of log lines: lines that differ only in numbers, times and identifiers are of one kind."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERED = re.compile(r"(?<![\w.-])[A-Za-z_.-]*+\d[\w.-]*+", re.ASCII)
DIGIT = re.compile(r"\d", re.ASCII)
TELLING = re.compile(r"[045](?<![\w.-].)(?:(?<=0)|(?<!0)\d\d)(?![\w.-])")
"""Numbers that make a difference: nought, and the HTTP statuses of faults.

It begins with what a search can look for quickly, and asks only then what stands before that.
"""
REQUESTS = ("HTTP", "status", "code", "return", "GET ", "POST ")
"""Words of lines in which a number from 400 to 599 may be an HTTP status."""
MARK = "\x00"
"""Stands on both sides of what may be a status until it is known whether its line tells of a request."""
MARKED = re.compile(f"{MARK}[45]xx{MARK}")
KLOG = re.compile(r"[IWEF]\d{4}")
LONGEST_TOKEN = 200
MOST_TOKENS = 100_000
"""Of those whose mask is remembered, which bounds the memory."""


class Masks(dict[str, str]):
    """The mask of each token met: `10.2.3.4:8080` and `10.9.9.9:443` both become `#:#`."""

    def __missing__(self, token: str) -> str:
        if len(self) >= MOST_TOKENS:
            self.clear()
        mask = self[token] = _mask(token) if len(token) <= LONGEST_TOKEN else _mask(token[:LONGEST_TOKEN])
        return mask


def _mask(token: str) -> str:
    if token.isalpha() or not DIGIT.search(token):
        return token
    if KLOG.fullmatch(token):
        return token[0] + "####"
    return NUMBERED.sub(_number if TELLING.search(token) else "#", token)


def _number(found: re.Match[str]) -> str:
    text = found[0]
    return text if text == "0" else f"{MARK}{text[0]}xx{MARK}" if TELLING.fullmatch(text) else "#"


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
    mask = Masks().__getitem__
    numbers: dict[str, int] = {}
    of_line, first, last, counts = array("L"), array("L"), array("L"), array("L")
    for index, line in enumerate(lines):
        tokens = line.split()
        if tokens and tokens[0][0].isdigit() and ":" in tokens[0]:  # a time, of which no two are the same
            tokens[0] = "#"
        template = " ".join(map(mask, tokens))
        if MARK in template:
            template = template.replace(MARK, "") if _may_be_request(line) else MARKED.sub("#", template)
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
    return any(word in line for word in REQUESTS)
