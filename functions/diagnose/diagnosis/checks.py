"""The answer checked against the evidence.

Ids that exist, figures that are there. Doubts are noted, not hidden.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache

from diagnose.diagnosis.schema import Citation, Diagnosis

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
QUOTED = re.compile(rf"(?<![\w.])-?{NUMBER}")
WRITTEN = re.compile(rf"(?<![\d.])-?{NUMBER}")
"""In evidence a figure may follow a letter (`T02:10`); what follows a digit is part of a longer figure."""
SECOND = re.compile(r"(\d\d:\d\d:\d\d)[.,]\d+")
"""A time of day is often quoted without its fraction."""


def doubts(
    diagnosis: Diagnosis,
    evidence: Mapping[str, str],
    exact: Mapping[str, Collection[Decimal]] | None = None,
) -> list[str]:
    """A line for every cited id that is not there, and every quoted figure that it does not hold.

    `exact` has the values behind an item's rounded figures: both may be quoted.
    """
    behind = exact or {}
    found = [f"cites {id_}, which is not in the evidence" for id_ in _cited(diagnosis) if id_ not in evidence]

    @cache
    def numbers(id_: str) -> frozenset[Decimal | None]:
        """What an item says in numbers; an answer may quote the same long item many times."""
        return _numbers(evidence[id_]) | frozenset(behind.get(id_, ()))

    for reading in diagnosis.metric_readings:
        id_ = reading.evidence
        if id_ in evidence and not _says(evidence[id_], numbers(id_), reading.value):
            found.append(f"reads {reading.name} as {reading.value}, which {reading.evidence} does not say")
    for citation in _citations(diagnosis):
        quoted = _figures(QUOTED, citation.shows) if evidence.get(citation.id) else []
        missing = [figure for figure in quoted if _number(figure) not in numbers(citation.id)]
        if missing:
            found.append(f"quotes {', '.join(missing)} from {citation.id}, which does not hold it")
    return list(dict.fromkeys(found))


def _citations(diagnosis: Diagnosis) -> Iterable[Citation]:
    yield from diagnosis.primary.evidence
    for alternative in diagnosis.alternatives:
        yield from (*alternative.supporting, *alternative.contradicting)


def _cited(diagnosis: Diagnosis) -> Iterable[str]:
    yield from (citation.id for citation in _citations(diagnosis))
    yield from (id_ for entry in diagnosis.timeline for id_ in entry.evidence)
    yield from (reading.evidence for reading in diagnosis.metric_readings)


def _says(text: str, numbers: frozenset[Decimal | None], value: str) -> bool:
    """Whether the text says the value: the same numbers, however written, or without any the same words."""
    wanted = {_number(figure) for figure in _figures(QUOTED, value)}
    return wanted <= numbers if wanted else value.strip().casefold() in text.casefold()


def _numbers(text: str) -> frozenset[Decimal | None]:
    """The numbers that a text holds, with and without their signs."""
    written = _figures(WRITTEN, text)
    return frozenset(_number(figure) for found in written for figure in (found, found.lstrip("-")))


def _figures(pattern: re.Pattern[str], text: str) -> list[str]:
    return pattern.findall(SECOND.sub(r"\1", text))


def _number(figure: str) -> Decimal | None:
    try:
        return Decimal(figure.replace(",", ""))
    except InvalidOperation:
        return None
