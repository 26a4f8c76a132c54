"""Items are cited for what they can show: guidance and earlier diagnoses observe nothing, nor does a gap."""

import re
from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import PRIMARY_EVIDENCE, Claims
from diagnose.diagnosis.reading.items import GUIDANCE, HINT, Items
from diagnose.diagnosis.reading.names import folded

UNKNOWN = re.compile(
    r"\b(?:could not|couldn't|cannot|can't|can not|not (?:be )?(?:look|ask|read|seen|known|allowed|available|"
    r"configured|checked|observed|visible)\w*|unknown|unseen|unread|unavailable|no access|denied|throttled|"
    r"switched off|missing|gap)\b"
)
ABSENCE = re.compile(
    r"\b(?:no|none|nothing|never|nobody|without|zero|absent|healthy|normal|clean|quiet|ruled out|rules out|"
    r"excluded?s?|did not (?:change|happen|occur)|is fine|was fine)\b"
)
"""Words that say that something is not there."""


def check_guidance(claims: Claims, items: Items) -> Iterator[Check]:
    """What a runbook says was written beforehand."""
    cited = [(claim.place, id_) for claim in claims.cited for id_ in claim.ids]
    cited += [
        (f"metric_readings[{place}]", reading.evidence) for place, reading in enumerate(claims.readings)
    ]
    for place, id_ in cited:
        if id_ in items and id_.startswith(GUIDANCE):
            says = f"cites {id_} as an observation, which is guidance"
            yield Check("guidance", place, Result.FAILED, says)


def check_hints(claims: Claims, items: Items) -> Iterator[Check]:
    """What was found in an earlier incident proves nothing in this one, but may stand beside what does."""
    rests_on = [(claim.place, items.there(claim.ids)) for claim in claims.cited if claim.is_hop]
    cause = [claim.ids for claim in claims.cited if claim.place.startswith(PRIMARY_EVIDENCE)]
    rests_on.append((PRIMARY_EVIDENCE, items.there(id_ for ids in cause for id_ in ids)))
    for place, there in rests_on:
        if there and all(id_.startswith(HINT) for id_ in there):
            says = f"rests on {', '.join(there[:3])} alone, an earlier diagnosis, which proves nothing here"
            yield Check("hint", place, Result.UNKNOWN, says)


def check_absence(claims: Claims, items: Items) -> Iterator[Check]:
    """A place that nobody looked at is not empty.

    1. A claim that only repeats the gap, or says that something is unknown, is right.
    2. One that takes the gap for an observation, of absence or of anything else, is wrong.
    3. One that does both cannot be told.
    """
    for claim in claims.cited:
        for id_ in items.there(claim.ids):
            if items.is_unseen(id_):
                yield Check("absence", claim.place, *_absence(claim.text, id_, items, is_hop=claim.is_hop))


def _absence(text: str, id_: str, items: Items, *, is_hop: bool) -> tuple[Result, str]:
    said, item = folded(text).strip(" ."), folded(items.text(id_))
    if is_hop:
        return Result.FAILED, f"rests a step of the chain on {id_}, where nobody looked"
    if said and said in item:
        return Result.PASSED, f"repeats {id_}"
    if not UNKNOWN.search(said):
        return Result.FAILED, f"takes {id_} for an observation, where nobody looked"
    if ABSENCE.search(said):
        return Result.UNKNOWN, f"may take {id_}, where nobody looked, for absence"
    return Result.PASSED, f"says of {id_} that it is unknown"
