"""What is kept of a log that is too long: what is severe or rare, the lines around it, and the log's end."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2

from diagnose.evidence.lines import within
from diagnose.evidence.log_times import written_time
from diagnose.evidence.masking import Kinds, kinds_of
from diagnose.evidence.severity import TROUBLE, Severities

END_SHARE = 0.15
"""Of the room, for the last lines, one of each kind."""
FOUND_SHARE = 0.5
"""Of the room, for severe and rare lines before any of them brings its neighbours."""
LIKENESS_BITS = 3.0
"""How much a kind of line falls behind each time that the number of similar ones before it doubles."""
NEIGHBOURS = (2, 3)
"""Lines before and after a severe line; a rare one has one of each."""
TRACE_LINES = 12
"""Of a stack trace, after its first line."""
LONGEST_SHARE = 8
"""No line takes more than this part of the room; a longer one keeps both ends."""
GIVE_UP = 200
"""So many lines in a row that do not fit any more are enough."""
PUNCTUATION = "\"'()[]{}<>=:;,.*#-"
GAP = "… "
TRACE = re.compile(
    r"(?:\S*\d\d:\d\d:\d\d\S*)?(?:\s{2,}|\t|\s?(?:at |\.{3} \d+ more|Caused by: |File \"|Traceback ))"
)


@dataclass(frozen=True)
class Reduced:
    """The lines kept, in their order, and what is to be said of the others; nothing where all are there."""

    lines: tuple[str, ...]
    left_out: int
    note: str


def reduce_log(
    lines: Sequence[str], room: int, size: Callable[[str], int] = len, overhead: int = 1
) -> Reduced:
    """The log within `room`: all of it if it fits, else what tells the most.

    A line takes `size(line) + overhead`. Kinds of line (masking.py) are ranked by what they say and by how
    rare they are, both in bits: severity.py's figure, and the logarithm of how few lines are of kinds as
    rare. Of each kind one line is an example for all and says how many there are, from when to when; one
    that follows lines left out begins with `… `.
    """
    if _fit(lines, room, size, overhead):
        return Reduced(tuple(lines), 0, "")
    kinds = kinds_of(lines)
    selection = _Selection(lines, kinds, room, size, overhead)
    severities = Severities()
    bits = [severities.of(template) for template in kinds.templates]
    selection.keep_end(int(room * END_SHARE))
    ranked = _ranked(kinds, bits)
    found = selection.keep_found(ranked, int(room * (END_SHARE + FOUND_SHARE)))
    for kind in ranked[:found]:
        selection.keep_neighbours(kinds.first[kind], bits[kind] >= TROUBLE)
    misses = 0
    for kind in ranked[found:]:
        if selection.keep(kinds.first[kind]):
            selection.keep_neighbours(kinds.first[kind], bits[kind] >= TROUBLE)
            misses = 0
        elif (misses := misses + 1) > GIVE_UP:
            break
    selection.fill_from_end()
    return selection.result()


def _fit(lines: Sequence[str], room: int, size: Callable[[str], int], overhead: int) -> bool:
    """Whether all of them do; no more of them are looked at than it takes to see that they do not."""
    for line in lines:
        room -= size(line) + overhead
        if room < 0:
            return False
    return True


def _ranked(kinds: Kinds, bits: Sequence[float]) -> list[int]:
    """The kinds, the most telling first; at equal bits the earliest, and those like others before later."""
    lines_of_kinds_with: Counter[int] = Counter()
    for count in kinds.counts:
        lines_of_kinds_with[count] += count
    rarity, as_rare = {}, 0
    for count in sorted(lines_of_kinds_with):
        as_rare += lines_of_kinds_with[count]
        rarity[count] = log2(len(kinds.of_line) / as_rare)
    deficits = [-bit - rarity[count] for bit, count in zip(bits, kinds.counts, strict=True)]
    order = sorted(range(len(deficits)), key=deficits.__getitem__)
    alike: dict[tuple[float, str], int] = {}
    for kind in order:
        likeness = bits[kind], _gist(kinds.templates[kind])
        alike[likeness] = before = alike.get(likeness, 0) + 1
        if before > 1:
            deficits[kind] += LIKENESS_BITS * log2(before)
    return sorted(range(len(deficits)), key=deficits.__getitem__)


def _gist(template: str) -> str:
    """The first two plain words of a line: lines that share them are likely to tell the same."""
    words: list[str] = []
    for token in template.split(" ", 12)[:12]:
        word = token.strip(PUNCTUATION)
        if len(word) > 2 and word.isalpha():
            words.append(word)
            if len(words) == 2:
                break
    return " ".join(words)


class _Selection:
    """Lines kept so far, and the room that is left."""

    def __init__(
        self, lines: Sequence[str], kinds: Kinds, room: int, size: Callable[[str], int], overhead: int
    ) -> None:
        self._lines = lines
        self._kinds = kinds
        self._room = self._left = room
        self._longest = room // LONGEST_SHARE
        self._size = size
        self._overhead = overhead
        self._gap = size(GAP)
        self._kept: dict[int, str] = {}
        self._examples: dict[int, int] = {}
        """Of each kind shown, the line that says how many there are."""

    def keep(self, index: int) -> bool:
        """Whether the line is kept, now or before."""
        if index in self._kept:
            return True
        kind = self._kinds.of_line[index]
        text = within(self._lines[index], self._longest, self._size)
        cost = self._size(text) + self._overhead
        cost += self._gap * (index - 1 not in self._kept) - self._gap * (index + 1 in self._kept)
        if kind not in self._examples:
            cost += self._size(self._count(kind))
        if cost > self._left:
            return False
        self._left -= cost
        self._kept[index] = text
        self._examples.setdefault(kind, index)
        return True

    def keep_end(self, room: int) -> None:
        for index in range(len(self._lines) - 1, -1, -1):
            if self._room - self._left >= room:
                break
            if self._kinds.of_line[index] not in self._examples:
                self.keep(index)

    def fill_from_end(self) -> None:
        """The last lines, whatever their kinds, while there is room."""
        for index in range(len(self._lines) - 1, -1, -1):
            if not self.keep(index):
                break

    def keep_found(self, ranked: Sequence[int], room: int) -> int:
        """How many of the ranked kinds were looked at until `room` was taken."""
        for place, kind in enumerate(ranked):
            if self._room - self._left >= room:
                return place
            self.keep(self._kinds.first[kind])
        return len(ranked)

    def keep_neighbours(self, index: int, severe: bool) -> None:
        before, after = NEIGHBOURS if severe else (1, 1)
        for neighbour in range(index + 1, min(index + TRACE_LINES + 1, len(self._lines))):
            if neighbour > index + after and not (severe and TRACE.match(self._lines[neighbour])):
                break
            self.keep(neighbour)
        for neighbour in range(index - 1, max(index - before - 1, -1), -1):
            self.keep(neighbour)

    def result(self) -> Reduced:
        shown = Counter(self._kinds.of_line[index] for index in self._kept)
        kept: list[str] = []
        previous = -1
        for index, text in sorted(self._kept.items()):
            kind = self._kinds.of_line[index]
            is_example = self._examples[kind] == index and shown[kind] < self._kinds.counts[kind]
            gap = "" if index == previous + 1 else GAP
            kept.append(gap + text + (self._count(kind) if is_example else ""))
            previous = index
        left_out = len(self._lines) - len(kept)
        unseen = len(self._kinds.counts) - len(self._examples)
        note = _note(left_out, len(self._lines), unseen, len(self._kinds.counts))
        return Reduced(tuple(kept), left_out, note)

    def _count(self, kind: int) -> str:
        if self._kinds.counts[kind] == 1:
            return ""
        first, last = (written_time(self._lines[at[kind]]) for at in (self._kinds.first, self._kinds.last))
        when = f", {first} to {last}" if first and last and first != last else ""
        return f" (one of {self._kinds.counts[kind]} alike{when})"


def longest_note(count: int) -> str:
    """As long as the note on a log of so many lines may become."""
    return _note(count, count, count, count)


def _note(left_out: int, lines: int, unseen: int, kinds: int) -> str:
    return (
        f"{left_out} of {lines} lines were left out; of {kinds} kinds of lines {unseen} are not shown "
        "at all; a line that follows lines left out begins with …"
    )
