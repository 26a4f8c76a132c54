"""No hop begins after its effect."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims, hop_place
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded
from diagnose.diagnosis.reading.whose import is_of
from diagnose.diagnosis.reading.written_times import moment_of
from diagnose.diagnosis.schema import Hop
from diagnose.evidence.facts import Fact, Kind

TOLERANCE = timedelta(seconds=60)
"""Clocks and the points of metrics are no finer."""


def check_order(claims: Claims, items: Items) -> Iterator[Check]:
    """A hop's cause begins at its `since`, or at the first finding of it that is cited.

    Its effect is there at the latest by the first finding of that which is cited for the hop, by the
    beginning of a later hop, and, where it is what the ticket is of, by the onset.
    """
    begins = [_begins(hop, items) for hop in claims.hops]
    for place, (hop, begun) in enumerate(zip(claims.hops, begins, strict=True)):
        effects = [*_effects(hop, items), *_later(begins[place + 1 :])]
        result, says = _order(hop, begun, effects)
        yield Check("order", hop_place(place), result, says)


Effect = tuple[datetime, str]
"""By when an effect was there at the latest, and what says so."""


def _order(hop: Hop, begun: datetime | None, effects: list[Effect]) -> tuple[Result, str]:
    cause, effect = hop.from_component[:80], hop.to_component[:80]
    if begun is None or not effects:
        return Result.UNKNOWN, f"has {cause} act on {effect}, of which no two times are known"
    first, told = min(effects)
    if begun > first + TOLERANCE:
        when = f"{begun:%H:%M:%S} and {first:%H:%M:%S}"
        return Result.FAILED, f"has {cause} act on {effect}, whose trouble began before it ({when}, {told})"
    return Result.PASSED, f"has {cause} begin no later than its effect on {effect}"


def _begins(hop: Hop, items: Items) -> datetime | None:
    if (since := moment_of(hop.since, items.onset)) is not None:
        return since
    return min((fact.at for _, fact in _findings(hop, hop.from_component, items) if fact.at), default=None)


def _effects(hop: Hop, items: Items) -> Iterator[Effect]:
    if folded(hop.from_component) == folded(hop.to_component):
        return
    causes = {id_ for id_, _ in _findings(hop, hop.from_component, items)}
    for id_, fact in _findings(hop, hop.to_component, items, with_alarms=True):
        if fact.at and id_ not in causes:
            yield fact.at + fact.within, id_
    if items.onset and items.is_itself(hop.to_component) and not items.is_itself(hop.from_component):
        yield items.onset + ONSET_WITHIN, "the onset"


ONSET_WITHIN = timedelta(minutes=5)
"""A metric whose first odd point the onset is has a point every five minutes, or more often."""


def _later(begins: Iterable[datetime | None]) -> Iterator[Effect]:
    yield from ((begun, "a later hop") for begun in begins if begun)


def _findings(hop: Hop, name: str, items: Items, *, with_alarms: bool = False) -> Iterator[tuple[str, Fact]]:
    """What is cited for the hop and is of the component.

    An alarm rings after what it rings for has begun: it does not tell when a cause began.
    """
    for id_ in items.there(hop.evidence):
        fact = items.found(id_)
        other = hop.to_component if name == hop.from_component else hop.from_component
        if fact and (with_alarms or fact.kind is not Kind.ALARM) and is_of(id_, name, items, other):
            yield id_, fact
