"""Components and metrics that are named occur in the evidence."""

import re
from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims, hop_place
from diagnose.diagnosis.reading.items import HINT, Items
from diagnose.diagnosis.reading.names import folded, is_named

WORD = re.compile(r"[a-z]{2,}|\d+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LONGEST = 200


def check_components(claims: Claims, items: Items) -> Iterator[Check]:
    """A component that only an earlier diagnosis names, or single words tell of, may be there, or may not."""
    named = [(f"components[{place}]", name) for place, name in enumerate(claims.components)]
    for number, hop in enumerate(claims.hops):
        named += [(hop_place(number), hop.from_component), (hop_place(number), hop.to_component)]
    for place, name in named:
        naming = items.naming(name)
        shown = name[:80]
        if any(not id_.startswith(HINT) for id_ in naming):
            yield Check("component", place, Result.PASSED, f"names {shown}, which the evidence names")
        elif naming:
            says = f"names {shown}, which only an earlier diagnosis does"
            yield Check("component", place, Result.UNKNOWN, says)
        elif _is_described(name, items):
            says = f"names {shown}, of which the evidence has only the single words"
            yield Check("component", place, Result.UNKNOWN, says)
        else:
            says = f"names the component {shown!r}, which is nowhere in the evidence"
            yield Check("component", place, Result.FAILED, says)


def _is_described(name: str, items: Items) -> bool:
    """Whether a name of plain words, such as "route table", has each of them somewhere in the evidence."""
    words = folded(name[:LONGEST]).split()
    return bool(words) and all(word.isalpha() and is_named(items.everything, word) for word in words)


def check_metrics(claims: Claims, items: Items) -> Iterator[Check]:
    """The name of a metric stands in its item, or its words do; half of them leave it unknown."""
    for place, reading in enumerate(claims.readings):
        if reading.evidence not in items:
            continue
        name = reading.name[:LONGEST]
        text = folded(items.whole(reading.evidence))
        where = f"metric_readings[{place}]"
        words = set(WORD.findall(folded(CAMEL.sub(" ", name))))
        there = {word for word in words if word in text}
        if (folded(name) and folded(name) in text) or (words and words == there):
            says = f"reads {name[:80]}, which {reading.evidence} names"
            yield Check("metric", where, Result.PASSED, says)
        elif there or (words and words <= {word for word in words if word in items.everything}):
            says = f"reads {name[:80]} from {reading.evidence}, which names it otherwise"
            yield Check("metric", where, Result.UNKNOWN, says)
        else:
            says = f"reads {name[:80]} from {reading.evidence}, which has no such metric"
            yield Check("metric", where, Result.FAILED, says)
