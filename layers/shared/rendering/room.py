"""How much is written of an answer of any size; what is left out is said."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rendering.blocks import Block, Bullets, Line, texts_of
from rendering.words import one_line
from runtime.both_ends import both_ends
from runtime.item_size import size_of

T = TypeVar("T")
AHEAD = 4
"""A text is cleaned for so many times the characters that are shown of it: most are not hidden ones."""
RECORD = "the attribute diagnosis_record has them"


@dataclass(frozen=True)
class Room:
    """At most `longest` characters of a text, and `most` entries of a list."""

    longest: int
    most: int

    def text(self, text: str) -> str:
        """The text in one line, or its two ends."""
        return shortened(text, self.longest)

    def some(self, entries: Sequence[T]) -> Sequence[T]:
        """The entries that there is room for."""
        return entries[: self.most]

    def listed(self, entries: Iterable[T], line: Callable[[T], Line]) -> list[Block]:
        """A list with a line for each entry, and one that says how many more there are; or nothing."""
        all_ = list(entries)
        lines = [line(entry) for entry in self.some(all_)]
        if left := len(all_) - len(lines):
            lines.append((f"{left} more are not shown here: {RECORD}.",))
        return [Bullets(tuple(lines))] if lines else []


def shortened(text: str, longest: int) -> str:
    """The text in one line, or its two ends around the number of characters left out."""
    ahead = AHEAD * longest
    if len(text) <= 2 * ahead:
        return both_ends(one_line(text), longest)
    head, tail = one_line(text[:ahead])[: longest // 2], one_line(text[-ahead:])[-(longest // 2) :]
    left = len(text) - len(head) - len(tail)
    return f"{head} … ({left} characters left out) … {tail}"


ROOMS = (Room(4000, 50), Room(1000, 25), Room(250, 12), Room(80, 6))
"""The first that fits is taken; the last fits whatever the answer is."""


def within(
    limit: int,
    build: Callable[[Room], list[Block]],
    write: Callable[[Iterable[Block]], str],
    rooms: Sequence[Room] = ROOMS,
) -> str:
    """What is written with the most room that keeps it within so many bytes; with the last, whatever it is.

    What is longer than that before it is written is not written at all: that takes most of the time.
    """
    for room in rooms[:-1]:
        blocks = build(room)
        if sum(map(size_of, texts_of(blocks))) <= limit and size_of(text := write(blocks)) <= limit:
            return text
    return write(build(rooms[-1]))
