"""The answer checked against the evidence.

Ids that exist, figures that are there. Doubts are noted, not hidden.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from diagnose.diagnosis import Citation, Diagnosis

FIGURE = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")


def doubts(diagnosis: Diagnosis, evidence: Mapping[str, str]) -> list[str]:
    """A line for every cited id that is not there, and every quoted figure that it does not hold."""
    found = [f"cites {id_}, which is not in the evidence" for id_ in _cited(diagnosis) if id_ not in evidence]
    for reading in diagnosis.metric_readings:
        text = evidence.get(reading.evidence)
        if text is not None and not _holds(text, reading.value):
            found.append(f"reads {reading.name} as {reading.value}, which {reading.evidence} does not say")
    for citation in _citations(diagnosis):
        text = evidence.get(citation.id)
        missing = [figure for figure in FIGURE.findall(citation.shows) if text and not _holds(text, figure)]
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
    """Whether the text says the value: to the letter, or as the same numbers written another way."""
    wanted = [_number(figure) for figure in FIGURE.findall(value)]
    if not wanted:
        return value.strip().casefold() in text.casefold()
    there = {_number(figure) for figure in FIGURE.findall(text)}
    return value.strip() in text or all(number in there for number in wanted)


def _number(figure: str) -> Decimal | None:
    try:
        return Decimal(figure.replace(",", ""))
    except InvalidOperation:
        return None
