"""The answer checked against the evidence.

Ids that exist, figures that are there. Doubts are noted, not hidden.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from diagnose.diagnosis.schema import Citation, Diagnosis

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
QUOTED = re.compile(rf"(?<![\w.])-?{NUMBER}")
WRITTEN = re.compile(rf"(?<![\d.])-?{NUMBER}")
"""In evidence a figure may follow a letter (`T02:10`); what follows a digit is part of a longer figure."""
SECOND = re.compile(r"(\d\d:\d\d:\d\d)[.,]\d+")
"""A time of day is often quoted without its fraction."""


def doubts(diagnosis: Diagnosis, evidence: Mapping[str, str]) -> list[str]:
    """A line for every cited id that is not there, and every quoted figure that it does not hold."""
    found = [f"cites {id_}, which is not in the evidence" for id_ in _cited(diagnosis) if id_ not in evidence]
    for reading in diagnosis.metric_readings:
        text = evidence.get(reading.evidence)
        if text is not None and not _holds(text, reading.value):
            found.append(f"reads {reading.name} as {reading.value}, which {reading.evidence} does not say")
    for citation in _citations(diagnosis):
        text = evidence.get(citation.id)
        quoted = _figures(QUOTED, citation.shows)
        missing = [figure for figure in quoted if text and not _holds(text, figure)]
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


def _holds(text: str, value: str) -> bool:
    """Whether the text says the value: the same numbers, however written, or without any the same words."""
    wanted = {_number(figure) for figure in _figures(QUOTED, value)}
    if not wanted:
        return value.strip().casefold() in text.casefold()
    written = _figures(WRITTEN, text)
    return wanted <= {_number(figure) for found in written for figure in (found, found.lstrip("-"))}


def _figures(pattern: re.Pattern[str], text: str) -> list[str]:
    return pattern.findall(SECOND.sub(r"\1", text))


def _number(figure: str) -> Decimal | None:
    try:
        return Decimal(figure.replace(",", ""))
    except InvalidOperation:
        return None
