"""The chain hangs together: each hop begins where the one before ended, and none leads back."""

from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims, hop_place
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded


def check_connected(claims: Claims, _items: Items) -> Iterator[Check]:
    visited: set[str] = set()
    before = ""
    for place, hop in enumerate(claims.hops):
        start, end = folded(hop.from_component), folded(hop.to_component)
        shown = f"{hop.from_component[:80]} to {hop.to_component[:80]}"
        where = hop_place(place)
        visited.add(start)
        if place and start != before:
            says = f"begins the step from {shown} not where the one before it ended"
            yield Check("connected", where, Result.FAILED, says)
        elif start == end and not hop.how.strip():
            says = f"has {hop.from_component[:80]} act on itself without saying how"
            yield Check("connected", where, Result.FAILED, says)
        elif start != end and end in visited:
            yield Check("connected", where, Result.FAILED, f"goes round in a circle, from {shown}")
        else:
            yield Check("connected", where, Result.PASSED, f"goes on from {shown}")
        visited.add(end)
        before = end
