"""What a diagnosis rested on, said so that it can be found again in the evidence of another day."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from diagnose.diagnosis.reading.items import FOUND, GUIDANCE, HINT, Items
from diagnose.diagnosis.reading.quantities import WRITTEN, quantities
from diagnose.diagnosis.reading.written_times import times_of, without_times
from diagnose.diagnosis.record import RecordedObservation
from diagnose.evidence.masking import kinds_of

LONGEST = 600
"""Characters of an item that are kept, and by which it is found again."""
MOST_FINDINGS = 400
METRICS = frozenset(("metrics", "metric_snapshot"))
LOGS = frozenset(("log", "log_tail", "log_differences", "traces"))
STANDING = frozenset(("topology", "subject_context", "subject", "template", "neighbours"))
"""Sections that say how the system is made: there a figure that differs is another system."""
DEVIATING = re.compile(r"(\S.*?) DEVIATES (up|down): ")
READING = re.compile(r"(\S.*?) = ")
OFFSETS = re.compile(r"\(\s*(?:at the onset)?\s*\)")
NUMBER = re.compile(r"(?<![\w.-])-?\d[\d.,]*(?:e[+-]?\d+)?(?![\w-])")
"""One that stands by itself, and is no part of a name."""
ONCE = re.compile(r"\bonce\b")
FARTHEST_ZONE = timedelta(hours=14)
"""A time without a zone may be so far from what it would be in UTC."""


def observation_of(id_: str, items: Items) -> RecordedObservation:
    fact = items.facts.get(id_)
    kind = fact.kind.value if fact else ""
    return RecordedObservation(
        id=id_,
        section=items.section(id_),
        heading=items.heading(id_)[:LONGEST],
        kind=kind,
        text=items.text(id_)[:LONGEST],
    )


def observed(ids: Iterable[str], items: Items) -> tuple[RecordedObservation, ...]:
    """The items of these ids that observe something, each once: earlier diagnoses and guidance do not."""
    there = (id_ for id_ in dict.fromkeys(ids) if id_ in items)
    return tuple(observation_of(id_, items) for id_ in there if not id_.startswith((HINT, GUIDANCE)))


def key_in(items: Items, id_: str) -> str:
    return key_of(items.section(id_), items.heading(id_), items.text(id_))


def key_of(section: str, heading: str, text: str) -> str:
    """The same for items that observe the same, under headings that say the same but for times and numbers.

    1. A metric that left its baseline in the same direction, or a reading of the same name.
    2. Lines of logs that differ in times, numbers and identifiers alone.
    3. Other lines that differ in times and numbers alone: `db-7` is not `db-1`.
    """
    text = text[:LONGEST]
    of = "" if section == "log_tail" else NUMBER.sub("#", _timeless(heading[:LONGEST]))
    where = f"{section} under {of}"
    if section in METRICS:
        if deviating := DEVIATING.match(text):
            return f"{where}: {deviating[1]} deviates {deviating[2]}"
        if reading := READING.match(text):
            return f"{where}: {reading[1]} ="
    told = _timeless(text)
    return f"{where}: {kinds_of([told]).templates[0] if section in LOGS else NUMBER.sub('#', told)}"


def findings_in(items: Items) -> frozenset[str] | None:
    """What stands out near the incident, each as a digest of its key; None where that is too much to keep."""
    found = {
        digest_of(key_in(items, id_))
        for id_, fact in items.facts.items()
        if fact.kind in FOUND and fact.is_near
    }
    return frozenset(found) if len(found) <= MOST_FINDINGS else None


def gaps_in(not_looked_at: Iterable[str]) -> frozenset[str]:
    """The keys of places that could not be looked at."""
    return frozenset(key_of("gaps", "", line) for line in not_looked_at)


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]


def is_same_made(then: str, text: str) -> bool:
    """Whether an item that says how the system is made says the same, whenever it says so."""
    return _timeless(then) == _timeless(text[:LONGEST])


def is_alike(then: str, text: str, share: Decimal) -> bool:
    """Whether each number of a reading is within that share of what it was; without any, the same words."""
    before, today = _numbers(then), _numbers(text[:LONGEST])
    if [family for family, _ in before] != [family for family, _ in today] or not before:
        return then.split() == text[:LONGEST].split()
    pairs = zip(before, today, strict=True)
    return all(abs(one - other) <= share * abs(one) for (_, one), (_, other) in pairs)


def times_in(id_: str, items: Items) -> list[datetime]:
    """When what an item tells of happened, at the earliest: as code found it, else as the item begins.

    A time without a zone is taken as early as it may have been.
    """
    fact = items.facts.get(id_)
    if fact and fact.at:
        return [fact.at]
    stamps = times_of(items.text(id_)).stamps[:1]
    return [stamp.at if stamp.is_zoned else stamp.at - FARTHEST_ZONE for stamp in stamps]


def _timeless(text: str) -> str:
    return " ".join(ONCE.sub("1 times", OFFSETS.sub(" ", without_times(text))).split())


def _numbers(text: str) -> list[tuple[str, Decimal]]:
    """Each with the family of its unit, in the smallest unit of that."""
    told = READING.sub("", _timeless(text), count=1)
    return [(each.family, each.base) for each in quantities(WRITTEN, told)]
