"""What people are told, before it is written for a place: the first lines, then the rest."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rendering.blocks import Block, Line, Paragraph, Strong
from rendering.room import Room
from rendering.words import one_line

Write = Callable[[Iterable[Block]], str]
"""How a place writes blocks."""
LEAD_CHARS = 300
"""The first so many characters of what is written carry verdict, cause and next step."""
LEAD_ROOMS = (230, 180, 130, 90, 60, 40, 24, 10)
"""Characters of cause and next step together; with the last they fit however they are escaped."""
READ_AHEAD = 4000
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+=-]{0,199}")
"""A ticket's id that may stand anywhere as it is, in a command too."""


@dataclass(frozen=True)
class Message:
    """One message; `label` is the verdict, `body` all but the first lines.

    `id` is the same whenever the same thing is told again, and `thread` for what belongs together. `buttons`
    are the values that the chat's buttons find, none where no button may be shown.
    """

    id: str
    thread: str
    event_type: str
    title: str
    label: str
    cause: str
    next_step: str
    body: Callable[[Room], list[Block]]
    keywords: tuple[str, ...] = ()
    buttons: dict[str, str] = field(default_factory=dict)

    def blocks(self, room: Room, write: Write) -> list[Block]:
        """The first lines, as long as `write` lets them be, then the rest."""
        return [Paragraph(self.lead(write)), *self.body(room)]

    def lead(self, write: Write) -> Line:
        """Verdict, cause and next step, which `write` writes in LEAD_CHARS at the most."""
        cause, step = begun(self.cause, READ_AHEAD), begun(self.next_step, READ_AHEAD)
        for room in LEAD_ROOMS:
            for_step = min(len(step), max(room // 2, room - len(cause)))
            line = self._line(begun(cause, room - for_step), begun(step, for_step))
            if len(write([Paragraph(line)]).strip()) <= LEAD_CHARS:
                break
        return line

    def _line(self, cause: str, step: str) -> Line:
        return (
            Strong(f"{self.label}."),
            *((Strong("Cause:"), _sentence(cause)) if cause else ()),
            *((Strong("Next step:"), _sentence(step)) if step else ()),
        )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def begun(text: str, longest: int) -> str:
    """The text in one line, or its beginning: to the end of a word where one is near."""
    line = one_line(text[: 4 * READ_AHEAD]) or one_line(text)
    if len(line) <= longest:
        return line
    head = line[: max(1, longest - 2)]
    blank = head.rfind(" ", max(1, len(head) - 24))
    return f"{head[:blank] if blank > 0 else head} …"


def safe_name(ticket_id: str) -> str:
    """The id where it may stand anywhere, else a digest of it."""
    if SAFE.fullmatch(ticket_id):
        return ticket_id
    return f"ticket-{hashlib.sha256(ticket_id.encode('utf-8', 'replace')).hexdigest()[:32]}"


def line_within(text: str, longest: int, write: Write) -> str:
    """The text in one line, as much of it as is within so many characters when it is written."""
    room = longest
    while room > 8:
        written = write([Paragraph((begun(text, room),))]).strip()
        if len(written) <= longest:
            return written
        room = room * 3 // 4
    return ""
