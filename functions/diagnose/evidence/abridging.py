"""What is kept of lines that are no log when there is no room for all: trouble, then the beginning."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from diagnose.evidence.lines import within
from diagnose.evidence.masking import kinds_of
from diagnose.evidence.severity import TROUBLE, Severities

TROUBLE_SHARE = 0.5
"""Of the room, for lines that tell of trouble before any that do not."""
LONGEST_SHARE = 4
"""A line that takes more than this part of the room keeps both ends when the room is short."""
SHORTEST_SHARE = 0.02
"""Lines are not made shorter than this part of the room only to keep all of them."""
GAP = "… "


@dataclass(frozen=True)
class Abridged:
    """The lines kept, in their order, and which of all they are; how many are not."""

    lines: tuple[str, ...]
    places: tuple[int, ...]
    left_out: int

    @property
    def only_the_last(self) -> bool:
        """Whether those left out are the last ones."""
        return self.places == (*range(len(self.places)),)


def abridge(
    lines: Sequence[str],
    room: int,
    size: Callable[[str], int],
    overhead: int,
    always: int = 0,
    whole: Collection[int] = (),
) -> Abridged:
    """The lines within `room`, of which each takes `size(line) + overhead`; the first `always` stay anyhow.

    Those at the places `whole` are kept as they are or not at all: they are summaries already.

    1. Where shortening long lines to both their ends is enough, none is left out.
    2. Else lines that tell of trouble are kept in half of the room, the worst first; the rest of it goes to
       the lines as they come. A line that follows lines left out begins with `… `.
    """
    longest = room // LONGEST_SHARE if overhead * len(lines) <= room else 0
    while longest >= max(1, SHORTEST_SHARE * room):
        shortened = _shortened(lines, longest, size, whole)
        if sum(map(size, shortened)) + overhead * len(lines) <= room:
            return Abridged(shortened, (*range(len(lines)),), 0)
        longest = longest * 2 // 3
    return _selected(
        _shortened(lines, room // LONGEST_SHARE, size, whole), lines, room, size, overhead, always
    )


def _shortened(
    lines: Sequence[str], longest: int, size: Callable[[str], int], whole: Collection[int]
) -> tuple[str, ...]:
    return tuple(line if place in whole else within(line, longest, size) for place, line in enumerate(lines))


def _selected(
    shortened: Sequence[str],
    lines: Sequence[str],
    room: int,
    size: Callable[[str], int],
    overhead: int,
    always: int,
) -> Abridged:
    kept: dict[int, str] = {}
    left, gap = room, size(GAP)

    def keep(index: int, text: str, limit: float) -> bool:
        nonlocal left
        cost = size(text) + overhead
        cost += gap * (index > 0 and index - 1 not in kept) - gap * (index + 1 in kept)
        if left - cost < limit:
            return False
        kept[index] = text
        left -= cost
        return True

    for index in range(min(always, len(lines))):
        keep(index, lines[index], -math.inf)
    severities = Severities()
    bits = [severities.of(template) for template in _templates(lines)]
    troubled = sorted((i for i, bit in enumerate(bits) if bit >= TROUBLE), key=lambda i: (-bits[i], i))
    for limit, order in ((room * (1 - TROUBLE_SHARE), troubled), (0, range(len(lines)))):
        for index in order:
            if index not in kept and not keep(index, shortened[index], limit):
                break
    shown = tuple(
        text if index == 0 or index - 1 in kept else GAP + text for index, text in sorted(kept.items())
    )
    return Abridged(shown, (*sorted(kept),), len(lines) - len(kept))


def _templates(lines: Sequence[str]) -> list[str]:
    kinds = kinds_of(lines)
    return [kinds.templates[kind] for kind in kinds.of_line]
