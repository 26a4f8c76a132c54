"""Figures that are quoted occur in the item that they are quoted from."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.checks.times import Known
from diagnose.diagnosis.reading.claims import Claims
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded
from diagnose.diagnosis.reading.quantities import (
    QUOTED,
    WRITTEN,
    Quantity,
    durations,
    quantities,
    says_the_same,
)
from diagnose.diagnosis.reading.written_times import without_clocks, without_times

MOST_TIMES = 30
MOST_FIGURES = 100
"""Of one claim that are not in its item to the letter."""


class Figures:
    """What the items hold in figures, worked out once for each."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._known = Known(items)
        self._held: dict[str, tuple[tuple[Quantity, ...], frozenset[Decimal]]] = {}

    def hold(self, id_: str, said: Quantity) -> bool:
        held, numbers = self._of(id_)
        exact = self._items.exact.get(id_, ())
        if not said.family and said.value in numbers:
            return True
        return says_the_same(said, held, exact)

    def span(self, ids: Sequence[str], said: Quantity) -> bool:
        """Whether a duration lies between two times of these items, or one of them and the onset."""
        if said.family != "time" or said.worth < 1:
            return False
        times = {at for id_ in ids for at in self._known.moments(id_)}
        if self._items.onset:
            times.add(self._items.onset)
        spans = (
            abs(Decimal((one - other).total_seconds()))
            for one, other in combinations(sorted(times)[:MOST_TIMES], 2)
        )
        return any(abs(span - said.base) <= said.worth * said.ulp / 2 for span in spans)

    def _of(self, id_: str) -> tuple[tuple[Quantity, ...], frozenset[Decimal]]:
        if id_ not in self._held:
            text = self._items.whole(id_)
            held = (*quantities(WRITTEN, without_clocks(text)), *durations(text))
            every = [each.value for each in quantities(WRITTEN, text)]
            numbers = frozenset(number for value in every for number in (value, abs(value)))
            self._held[id_] = held, numbers
        return self._held[id_]


def check_figures(claims: Claims, items: Items) -> Iterator[Check]:
    figures = Figures(items)
    for claim in claims.cited:
        there = items.there(claim.ids)
        said = tuple(quantities(QUOTED, without_times(claim.text))) if there else ()
        if said:
            yield _quoted(claim.place, there, said, figures)
    for place, reading in enumerate(claims.readings):
        if reading.evidence in items:
            value = f"{reading.value} {reading.unit}"[:LONGEST_VALUE]
            held = _reads(value, reading.value, reading.evidence, items, figures)
            says = f"reads {reading.name[:80]} as {reading.value[:80]}, which {reading.evidence} "
            says += "says" if held else "does not say"
            yield Check("figure", f"metric_readings[{place}]", PASSED if held else FAILED, says)


LONGEST_VALUE = 300
LONGEST_SHOWN = 40
PASSED, FAILED = Result.PASSED, Result.FAILED


def _quoted(place: str, there: Sequence[str], said: Sequence[Quantity], figures: Figures) -> Check:
    of = ", ".join(there[:3])
    distinct = list({(each.value, each.family, each.worth): each for each in said}.values())
    missing = [
        each.written.strip()[:LONGEST_SHOWN]
        for each in distinct[:MOST_FIGURES]
        if not any(figures.hold(id_, each) for id_ in there) and not figures.span(there, each)
    ]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        says = f"quotes {', '.join(missing[:5])}{more} from {of}, which does not hold it"
        return Check("figure", place, FAILED, says)
    if len(distinct) > MOST_FIGURES:
        return Check("figure", place, Result.UNKNOWN, f"quotes more figures from {of} than are checked")
    return Check("figure", place, PASSED, f"quotes figures that {of} holds")


def _reads(value: str, words: str, id_: str, items: Items, figures: Figures) -> bool:
    """Whether the item says the value: the same numbers, however written, or without any the same words."""
    if folded(words[:LONGEST_VALUE]) in folded(items.text(id_)) and words.strip():
        said = list(quantities(QUOTED, value))
        return all(figures.hold(id_, each) for each in said) if said else True
    wanted = list(quantities(QUOTED, without_times(value))) or list(quantities(QUOTED, value))
    return bool(wanted) and all(figures.hold(id_, each) for each in wanted)
