"""Which words of an untrusted text read as prose, and which are shown as they stand: names, paths, addresses.

Whatever acts as markup or is made a link, in any place where a diagnosis is read, takes ASCII punctuation in
or around a word. So a word is prose only if it has none but that of sentences, figures and times; a list of
what acts would never be complete. Letters of any script are prose.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from runtime.characters import clean, cleaned_lines

FOLDED = "\uff0e\uff20\uff0f\uff1a\uff1c\uff1e\uff3b\uff3d\uff3f\uff0a\uff40"
"""Full-width forms of what acts: some places take them for it."""
LETTER = rf"[^\x00-/:-@\[-`{{-\x7f{FOLDED}]"
PROSE = re.compile(
    rf"""
      {LETTER}+ (?: [-'/] {LETTER}+ )*                                  # tikv-4, doesn't, read/write
    | [-+]? \d{{1,3}} (?: ,\d{{3}} )+ (?: \.\d+ )? %?                   # 14,063,512,655
    | [-+]? \d+ (?: \.\d+ )? [^\W\d_]{{0,3}} %?                         # 41.2, -4, 300ms, 95%
    | (?: \d{{4}}-\d\d-\d\dT )? \d\d:\d\d (?: :\d\d (?: \.\d+ )? )? Z?  # 02:10:35, 2026-11-17T02:10:35.071Z
    """,
    re.VERBOSE,
)
KEY = re.compile(r"[0-9a-fA-F]{7,40}|[A-Z][A-Z0-9]*-\d+|(?i:www)")
"""Commits, the keys of issues, and what an address begins with: some places make links of them."""
BEFORE, AFTER = "(\"'", ".,;:!?)\"'"
SIGNS = frozenset("-=+%/&")
"""These alone are read as what they are, but for the beginning of a line, where some would act."""
LINKED = re.compile(
    r"(?<=:)(?=//)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)|(?=@)|(?<=[^\W_])(?=\.[^\W\d_]{2})",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=mailto)(?=:)", re.IGNORECASE)
JOINER = "\u2060"
"""WORD JOINER: it has no width, and breaks no line."""


def one_line(text: str) -> str:
    """The text in one line, without what hides or reorders other text."""
    return " ".join(clean(text).split())


def code_lines(text: str) -> list[str]:
    """The lines of a command, without what hides what it does, without blank ones around it; never none."""
    lines = cleaned_lines(text)
    told = [place for place, line in enumerate(lines) if line.strip()]
    return lines[told[0] : told[-1] + 1] if told else ["(nothing)"]


def runs(line: str, *, at_start: bool = True) -> Iterator[tuple[str, bool]]:
    """The line in parts, as `one_line` leaves it, each with whether it is prose; prose and other take turns.

    `at_start` says that nothing stands before it, where a number or a sign may begin a list.
    """
    parts: list[tuple[str, bool]] = []
    for place, word in enumerate(line.split(" ") if line else ()):
        gap = " " if place else ""
        before, core, after = _parted(word)
        if _is_prose(word, core, after, at_start=at_start and not place):
            found = [(gap + word, True)]
        else:
            goes_on = bool(parts) and not parts[-1][1] and not before
            found = [(gap, not goes_on), (before, True), (core or word, False), (after if core else "", True)]
        parts += [part for part in found if part[0]]
    for is_prose, group in groupby(parts, key=lambda part: part[1]):
        yield "".join(text for text, _ in group), is_prose


def unlinked(text: str, pattern: re.Pattern[str] = LINKED) -> str:
    """The text with a joiner in whatever might be made a link: it reads the same and leads nowhere."""
    return pattern.sub(JOINER, text)


def _parted(word: str) -> tuple[str, str, str]:
    """What may stand before a word of prose, the word, and what may stand behind it."""
    rest = word.lstrip(BEFORE)
    core = rest.rstrip(AFTER)
    if "(" in core and rest[len(core) :].startswith(")"):
        core += ")"
    return word[: len(word) - len(rest)], core, rest[len(core) :]


def _is_prose(word: str, core: str, after: str, *, at_start: bool) -> bool:
    if word in SIGNS or not core:
        return not at_start
    if KEY.fullmatch(core) or (at_start and core.isdecimal() and after.startswith((".", ")"))):
        return False
    return PROSE.fullmatch(core) is not None
