"""Names of components as people and models write them, and whether a text has them."""

import re
from functools import lru_cache

LONGEST = 200
SHORTEST = 2
IDENTIFIER = re.compile(r"[^\s,;()\"'`]+")
STRONG = re.compile(r"[\d_./:-]")
CAMEL = re.compile(r"[a-z][A-Z]")
"""What makes a word an identifier; capitals within it do so where no other word has more to it."""
PART = re.compile(r"[a-z]{4,}")


def folded(text: str) -> str:
    """As texts are compared: case and runs of blanks make no difference."""
    return " ".join(text.casefold().split())


@lru_cache(maxsize=1_000)
def forms(name: str) -> tuple[tuple[str, ...], ...]:
    """The ways to find a name, each a set of words that must all be there.

    "checkout-quote (Lambda)" is found by itself, without its brackets, or by what in it is an identifier.
    """
    if len(name) > LONGEST:
        return ()
    whole, without = folded(name), re.sub(r"\([^()]*\)", " ", name)
    words = [word.strip(".:-/") for word in IDENTIFIER.findall(without)]
    strong = [word for word in words if STRONG.search(word)] or [word for word in words if CAMEL.search(word)]
    found = [(whole,), (folded(without),), tuple(word.casefold() for word in strong if len(word) >= SHORTEST)]
    return tuple(dict.fromkeys(form for form in found if form and all(form)))


def is_named(text: str, name: str) -> bool:
    """Whether a folded text has a name as words of their own: `orders` is not in `orders-archive`."""
    return any(all(_at(text, word, 0) >= 0 for word in form) for form in forms(name))


def places_of(text: str, word: str) -> list[int]:
    """Where in a folded text a word stands by itself."""
    found: list[int] = []
    at = _at(text, word, 0)
    while at >= 0:
        found.append(at)
        at = _at(text, word, at + 1)
    return found


def resembles(text: str, name: str) -> bool:
    """Whether a folded text has a part of the name: `disk` of "the disk" stands in `disk_await_ms`."""
    return any(part in text for part in PART.findall(name[:LONGEST].casefold()))


def _at(text: str, word: str, start: int) -> int:
    at = text.find(word, start)
    while at >= 0:
        end = at + len(word)
        if not _goes_on(text[at - 1 : at] if at else "") and not _goes_on(text[end : end + 1]):
            return at
        at = text.find(word, at + 1)
    return -1


def _goes_on(character: str) -> bool:
    return bool(character) and (character.isalnum() or character in "-_")
