"""The cause of each hop shows something that code found: a departure, a change, an alarm, an error."""

from collections.abc import Iterator, Sequence

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims, hop_place
from diagnose.diagnosis.reading.items import HINT, TICKET, Items
from diagnose.diagnosis.reading.whose import is_of
from diagnose.diagnosis.schema import Hop
from diagnose.evidence.facts import Kind

LOGS = frozenset(("log", "log_tail", "log_differences", "traces"))
METRICS = frozenset(("metrics", "metric_snapshot"))


def check_deviations(claims: Claims, items: Items) -> Iterator[Check]:
    """A hop whose items cannot tell, or whose findings may be of something else, is unknown."""
    for place, hop in enumerate(claims.hops):
        result, says = _deviation(hop, items)
        yield Check("deviation", hop_place(place), result, says)


def _deviation(hop: Hop, items: Items) -> tuple[Result, str]:
    cause = hop.from_component[:80]
    cited = items.there(hop.evidence)
    found = [id_ for id_ in cited if items.found(id_)]
    whose = {id_: is_of(id_, hop.from_component, items, hop.to_component) for id_ in found}
    if shown := [id_ for id_, of in whose.items() if of]:
        return Result.PASSED, f"blames {cause}, which deviates by {shown[0]}"
    if elsewhere := _not_cited(hop.from_component, items):
        return Result.PASSED, f"blames {cause}, which deviates by {elsewhere[0]}"
    if None in whose.values():
        return Result.UNKNOWN, f"blames {cause}, of which no finding is sure to be"
    if mute := [id_ for id_ in cited if _cannot_tell(id_, items)]:
        return Result.UNKNOWN, f"blames {cause} by {mute[0]}, in which code cannot find whether it deviates"
    if not cited:
        return Result.FAILED, f"blames {cause} without any evidence that deviates"
    return Result.FAILED, f"blames {cause}, which deviates in nothing that is cited"


def _not_cited(name: str, items: Items) -> Sequence[str]:
    """Findings that name the cause in so many words; a line of a log has to be cited."""
    named = items.naming(name)
    found = (id_ for id_ in items.facts if id_ in named and is_of(id_, name, items))
    return [id_ for id_ in found if items.found(id_) and items.section(id_) not in LOGS]


def _cannot_tell(id_: str, items: Items) -> bool:
    """The ticket's words, an earlier diagnosis, a place not seen, a reading without a past, a warning."""
    if id_.startswith((TICKET, HINT)) or items.is_unseen(id_):
        return True
    fact = items.facts.get(id_)
    return fact.kind is Kind.WARNING if fact else items.section(id_) in METRICS
