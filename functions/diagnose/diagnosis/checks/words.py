"""Words in quotation marks or backticks occur in the item that they are quoted from."""

import re
from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded

QUOTED = re.compile(r'"([^"]{2,})"|“([^”]{2,})”|„([^“”]{2,})[“”]|«([^»]{2,})»|`([^`]{2,})`')
LEFT_OUT = re.compile(r"…|\.{3}|\[\.\.\.\]")
EDGES = " .,;:!?'\"()[]"
SHORTEST = 2


def check_words(claims: Claims, items: Items) -> Iterator[Check]:
    said_by: dict[str, str] = {}
    for claim in claims.cited:
        there = items.there(claim.ids)
        quoted = [words for words in _quoted(claim.text) if words] if there else []
        if not quoted:
            continue
        for id_ in there:
            if id_ not in said_by:
                said_by[id_] = _plain(items.whole(id_))
        of = ", ".join(there[:3])
        wrong = [words for words in quoted if not any(_has(said_by[id_], words) for id_ in there)]
        if wrong:
            says = f"quotes {wrong[0][:80]!r} from {of}, which does not say it"
            yield Check("words", claim.place, Result.FAILED, says)
        else:
            yield Check("words", claim.place, Result.PASSED, f"quotes words that {of} says")


def _quoted(text: str) -> list[str]:
    return list(dict.fromkeys(next(filter(None, groups), "") for groups in QUOTED.findall(text)))


def _has(item: str, words: str) -> bool:
    """Whether an item has all parts of a quotation, between which something may be left out."""
    parts = (_plain(part).strip(EDGES) for part in LEFT_OUT.split(words))
    return all(part in item for part in parts if len(part) >= SHORTEST)


def _plain(text: str) -> str:
    return folded(text.replace("\\", ""))
