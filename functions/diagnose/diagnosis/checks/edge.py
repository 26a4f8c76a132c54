"""Each hop follows an edge: something in the evidence connects its two ends."""

from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims, hop_place
from diagnose.diagnosis.reading.items import GAP, GUIDANCE, HINT, Items
from diagnose.diagnosis.reading.names import folded
from diagnose.diagnosis.schema import Hop
from diagnose.evidence.facts import Kind

OF_ITSELF = frozenset(("topology", "traces", "neighbours", "subject", "subject_context", "template"))
"""Sections that are of the affected system as a whole: what they name is connected with it."""


def check_edges(claims: Claims, items: Items) -> Iterator[Check]:
    """An edge is known where one item names both ends, or the topology around one end names the other.

    Without any topology in the evidence an edge that is not found is unknown, else it is wrong.
    """
    is_known = any(items.section(id_) in OF_ITSELF for id_ in items.ids)
    for place, hop in enumerate(claims.hops):
        result, says = _edge(hop, items, is_known=is_known)
        yield Check("edge", hop_place(place), result, says)


def _edge(hop: Hop, items: Items, *, is_known: bool) -> tuple[Result, str]:
    start, end = hop.from_component[:80], hop.to_component[:80]
    ends = f"{start} with {end}"
    if folded(start) == folded(end):
        return Result.PASSED, f"takes a step within {start}"
    first, second = items.naming(hop.from_component), items.naming(hop.to_component)
    if both := sorted(id_ for id_ in first & second if _connects(id_, items)):
        return Result.PASSED, f"connects {ends}, as {both[0]} does"
    for name, theirs in ((hop.from_component, second), (hop.to_component, first)):
        around = (
            sorted(id_ for id_ in theirs if items.section(id_) in OF_ITSELF) if items.is_itself(name) else []
        )
        if around:
            return Result.PASSED, f"connects {ends}, as {around[0]} does"
    if items.is_itself(hop.from_component) and items.is_itself(hop.to_component):
        return Result.PASSED, f"takes a step within what the ticket is of, from {start} to {end}"
    if is_known:
        return Result.FAILED, f"connects {ends}, which nothing in the evidence does"
    return Result.UNKNOWN, f"connects {ends}, of which the evidence says nothing: it has no topology"


def _connects(id_: str, items: Items) -> bool:
    """A list of metrics that are as usual names many things that have nothing to do with each other."""
    fact = items.facts.get(id_)
    return not id_.startswith((GUIDANCE, HINT, GAP)) and not (fact and fact.kind is Kind.USUAL)
