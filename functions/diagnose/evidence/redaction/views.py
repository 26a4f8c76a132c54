"""A text as a reader may come to see it: escapes undone, invisible characters gone, wrapped lines joined.

A secret is looked for in every view, and replaced in the text itself: each view knows where its characters
come from.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

INVISIBLE = (
    r"\x1b\[[0-9;:?]{0,32}[@-~]"
    r"|[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U000e0000-\U000e0fff]"
)
ESCAPED = re.compile(
    r"(?<!\\)\\+(?:u00(?P<code>[2-7][0-9A-Fa-f])|(?P<sign>[\"'/nrt&=+]))"
    r"|%(?:25)*(?P<percent>0[9AaDd]|[2-7][0-9A-Fa-f])"
    r"|&(?:amp;)*(?P<entity>quot|amp|apos|lt|gt|#0?3[49]|#x2[27]);"
    r"|(?P<line>[\v\f\x1c-\x1e\x85\u2028\u2029])"
    rf"|(?P<nothing>{INVISIBLE})"
)
"""However often a text was escaped: a run of backslashes before a sign is undone at once."""
SIGNS = {"n": "\n", "r": "\n", "t": " "}
ENTITIES = {"quot": '"', "#34": '"', "#x22": '"', "amp": "&", "lt": "<", "gt": ">"}
BREAK = re.compile(
    r"(?<=[A-Za-z0-9+/_=.@:%-]{4})[ \t]*\\?\r?\n[ \t]*"
    r"(?!\d{4}[-/]\d\d[-/]|\d\d?:\d\d)(?=[A-Za-z0-9+/_=.@:%-])"
)
"""The end of a line within what may be one word; a line that begins with a time begins anew."""
APART = "\n\n"
NEAR = 2000
WRAPPED = re.compile(r"[A-Za-z0-9+/_.@%-]+={0,2}")
CAMEL = re.compile(r"[A-Za-z][a-z]*(?:[A-Z][a-z]+)*[._@%/=+-]*")
SELDOM = re.compile(r"[^\t\n -$'-\[\]-~]")
"""All that begins anything in ESCAPED, and more: looked for first, because it is found fast."""
Found = tuple[str, int, int]
"""A kind, and where one of it starts and ends."""
Regions = Sequence[tuple[int, int]]


class View:
    """A text, and for each of its characters where it stands in the text that it was made from."""

    def __init__(self, text: str, source: "View | None" = None) -> None:
        self.text = text
        self.lowered = _lowered(text)
        self.breaks: list[int] = []
        """Where lines were joined."""
        self._source = source
        self._at: list[int] = []
        self._shift: list[int] = []
        self._ends: dict[int, int] = {}

    def decoded(self) -> "View":
        """The view without escapes and invisible characters; itself when there are none."""
        return self.without(ESCAPED) if SELDOM.search(self.text) else self

    def joined(self) -> "View":
        """The lines that may go on in the next, joined to it; itself when there are none."""
        regions = around(self.text, (found.span() for found in BREAK.finditer(self.text)))
        return self.excerpt(regions).without(BREAK) if regions else self

    def excerpt(self, regions: Regions) -> "View":
        """These parts of it alone, each apart from the next."""
        view = View("", self)
        parts, length = [], 0
        for start, end in regions:
            view._at.append(length)
            view._shift.append(start - length)
            parts.append(self.text[start:end] + APART)
            length += end - start + len(APART)
        view._set("".join(parts))
        return view

    def line_end(self, at: int) -> int:
        """Where what may be one word with what stands here ends at the latest."""
        return self.reach(at, len(self.text))

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where in the first text a part of this one stands."""
        if self._source is None:
            return start, end
        last = end - 1
        stop = self._ends.get(last, self._from(last) + 1)
        return self._source.origin(self._from(start), stop)

    def reach(self, start: int, end: int) -> int:
        """How far a word goes on over the ends of lines: to the first line that looks like one of its own."""
        index = bisect_right(self.breaks, start)
        while index < len(self.breaks) and (at := self.breaks[index]) < end:
            index += 1
            line_end = self.breaks[index] if index < len(self.breaks) else len(self.text)
            if not self._is_wrapped(at, line_end):
                return at
        return end

    def _is_wrapped(self, start: int, line_end: int) -> bool:
        """Whether a line goes on with the word before it: one word is all of it, or its first is mixed."""
        word = WRAPPED.match(self.text, start, line_end)
        if word is None:
            return False
        alone = word.end() == line_end or self.text[word.end()] in "\r\n\"'"
        return alone or _is_mixed(word.group())

    def _from(self, at: int) -> int:
        index = bisect_right(self._at, at) - 1
        return at + self._shift[index] if index >= 0 else at

    def without(self, pattern: re.Pattern[str]) -> "View":
        """The view without what the pattern finds, or with what that says instead."""
        view = View("", self)
        parts: list[str] = []
        end = length = 0
        for found in pattern.finditer(self.text):
            parts += [self.text[end : found.start()], instead := _said(found)]
            length += found.start() - end
            if instead:
                view._ends[length] = found.end()
            else:
                view.breaks.append(length)
            length += len(instead)
            end = found.end()
            view._at.append(length)
            view._shift.append(end - length)
        if not parts:
            return self
        view._set("".join(parts) + self.text[end:])
        return view

    def _set(self, text: str) -> None:
        self.text, self.lowered = text, _lowered(text)


def views_of(written: View) -> Iterator[View]:
    """The text, what it says without escapes, its wrapped lines joined; no view that shows nothing new."""
    yield written
    if (decoded := written.decoded()) is not written:
        yield decoded
    if (joined := decoded.joined()) is not decoded:
        yield joined


def around(text: str, spans: Iterable[tuple[int, int]]) -> Regions:
    """The lines in which these spans begin and end, as far as they are near."""
    regions: list[tuple[int, int]] = []
    for start, end in spans:
        low, high = max(0, start - NEAR), min(len(text), end + NEAR)
        first, last = max(low, text.rfind("\n", low, start) + 1), text.find("\n", end, high)
        last = high if last < 0 else last
        if regions and first <= regions[-1][1]:
            regions[-1] = regions[-1][0], max(last, regions[-1][1])
        else:
            regions.append((first, last))
    return regions


def unescaped(text: str) -> str:
    """What it says without escapes, invisible characters and breaks."""
    return "".join(ESCAPED.sub(_said, text).split())


def _said(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind is None or kind == "nothing":
        return ""
    part = found.group(kind)
    if kind in ("code", "percent"):
        return chr(int(part, 16))
    if kind == "sign":
        return SIGNS.get(part, part)
    return "\n" if kind == "line" else ENTITIES.get(part, "'")


def _lowered(text: str) -> str:
    """In small letters, of the same length: a few letters have no small one of their own length."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(map(_small, text))


def _small(char: str) -> str:
    return char.lower() if len(char.lower()) == 1 else char


def _is_mixed(word: str) -> bool:
    """Letters and digits, or small and capital letters as no words have them."""
    letters = any(map(str.isalpha, word))
    mixed = any(map(str.isdigit, word)) or not (word.islower() or word.isupper() or CAMEL.fullmatch(word))
    return len(word) >= 4 and letters and mixed
