"""Whether what a known cause rests on is there again today, each observation of its own and anew.

Decided by code, before anybody is asked: what cannot be told is no reason to uphold anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from diagnose.diagnosis.known.cause import KnownCause
from diagnose.diagnosis.known.observations import (
    LOGS,
    METRICS,
    STANDING,
    digest_of,
    findings_in,
    gaps_in,
    is_alike,
    is_same_made,
    key_in,
    key_of,
    times_in,
)
from diagnose.diagnosis.reading.items import FOUND, GAP, Items
from diagnose.diagnosis.reading.names import folded, is_named
from diagnose.diagnosis.record import RecordedObservation
from diagnose.evidence.facts import Kind
from diagnose.evidence.prompt import Prompt

ALIKE = Decimal("0.3")
"""By so much a reading without a past may differ: code cannot tell of it whether it deviates."""
WRITTEN_BY_PROGRAMS = LOGS
"""What whoever can write into a log can make look as it did."""


class UnlikeError(Exception):
    """Raised when today is not what it was, or nobody can tell; the text completes "not upheld: "."""


@dataclass(frozen=True)
class Again:
    """The known cause beside today's evidence: of each id of then the id of today, and today's items."""

    cause: KnownCause
    ids: Mapping[str, str]
    items: Items


def again(cause: KnownCause, prompt: Prompt) -> Again:
    """Every observation of the known cause in today's evidence. Raises UnlikeError.

    1. It began after the known cause was diagnosed, or it is the same incident.
    2. Every place that could be looked at then can be today.
    3. Each observation is there, found by code in the same way, and is of today: not one of then that still
       shows. Not all of them are lines of logs, which can be planted.
    4. Nothing stands out that did not then: it may be another cause with the same signs.
    """
    items = Items(prompt)
    if items.onset is None or items.onset <= cause.diagnosed_at:
        raise UnlikeError("this incident began before that diagnosis was made")
    if gaps_in(prompt.not_looked_at) - gaps_in(cause.not_looked_at):
        raise UnlikeError("a place that was looked at then could not be looked at today")
    by_key: dict[str, list[str]] = {}
    for id_ in items.ids:
        by_key.setdefault(key_in(items, id_), []).append(id_)
    ids: dict[str, str] = {}
    for each in cause.observations.values():
        candidates = by_key.get(key_of(each.section, each.heading, each.text), [])
        ids[each.id] = _today(each, candidates, cause, items)
    _see_that_not_all_is_text(ids, items)
    found = findings_in(items)
    if found is None or found - cause.findings:
        raise UnlikeError(f"{_new(items, cause)} stands out today and did not then")
    return Again(cause, ids, items)


def _today(each: RecordedObservation, candidates: list[str], cause: KnownCause, items: Items) -> str:
    """The item of today that observes the same; the first, where there are several."""
    shown = each.text[:80]
    alike = [id_ for id_ in candidates if _shows_the_same(each, id_, items)]
    if not alike:
        raise UnlikeError(f"what {each.id} showed then is not there today: {shown}")
    named = [id_ for id_ in alike if _names_the_same(each, id_, cause, items)]
    if not named:
        raise UnlikeError(f"what {each.id} showed then is of something else today: {shown}")
    anew = [id_ for id_ in named if _is_of_today(id_, each.kind, cause, items)]
    if not anew:
        raise UnlikeError(f"what {each.id} showed then cannot be told to be of today: {shown}")
    return anew[0]


def _shows_the_same(each: RecordedObservation, id_: str, items: Items) -> bool:
    """The same kind of finding; of what is none, a reading near what it was, and the same system."""
    fact = items.facts.get(id_)
    if (fact.kind.value if fact else "") != each.kind:
        return False
    text = items.text(id_)
    if each.section in STANDING and not fact:
        return is_same_made(each.text, text)
    if each.section in METRICS and not fact:
        return is_alike(each.text, text, ALIKE)
    return True


def _names_the_same(each: RecordedObservation, id_: str, cause: KnownCause, items: Items) -> bool:
    """Each component of the chain that the item named then: a name's number is no mere number."""
    then, now = folded(each.text), folded(items.whole(id_))
    return all(is_named(now, name) for name in _components(cause) if is_named(then, name))


def _components(cause: KnownCause) -> Iterator[str]:
    for hop in cause.answer.primary.chain:
        yield hop.from_component
        yield hop.to_component


def _is_of_today(id_: str, kind: str, cause: KnownCause, items: Items) -> bool:
    """After the known cause was diagnosed; what a log or a finding does not date may be of any day."""
    needs_time = kind in FOUND or kind == Kind.WARNING or items.section(id_) in LOGS
    if not needs_time or id_.startswith(GAP):
        return True
    times = times_in(id_, items)
    return bool(times) and min(times) > cause.diagnosed_at


def _see_that_not_all_is_text(ids: Mapping[str, str], items: Items) -> None:
    seen = (id_ for id_ in ids.values() if items.section(id_) not in WRITTEN_BY_PROGRAMS)
    if not any(items.found(id_) for id_ in seen):
        raise UnlikeError("nothing but lines of logs shows it, which anybody may have written")


def _new(items: Items, cause: KnownCause) -> str:
    for id_, fact in items.facts.items():
        is_known = digest_of(key_in(items, id_)) in cause.findings
        if fact.kind in FOUND and fact.is_near and not is_known:
            return f"{id_} ({items.text(id_)[:80]})"
    return "more than can be compared"
