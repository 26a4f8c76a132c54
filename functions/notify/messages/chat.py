"""A message as a custom notification of Amazon Q Developer in chat applications, for Slack and for Teams.

Its schema (the admin guide, "Custom notifications"): version 1.0, source custom, `content` for people,
`metadata` for threads and buttons. The texts are Markdown of the place that they are read in, with mentions
and links, so each is written by that place's own module.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from notify.messages.message import Message, begun
from rendering.blocks import Block, Paragraph
from rendering.room import Room, within

Write = Callable[[Iterable[Block]], str]

TITLE_CHARS = 250
DESCRIPTION_CHARS = 2900
"""Slack shows no more than 3,000 characters in a section, by its reference of blocks; Teams shows more."""
STEP_CHARS = 350
MOST_KEYWORDS, KEYWORD_CHARS = 10, 75
SUMMARY_CHARS = 250
ROOMS = (Room(600, 8), Room(300, 5), Room(160, 4), Room(90, 3), Room(50, 2), Room(24, 1))


def notification(message: Message, write: Write) -> str:
    """The notification as JSON. `write` is slack or teams."""
    content = {
        "textType": "client-markdown",
        "title": _line(message.title, TITLE_CHARS, write),
        "description": _description(message, write),
        "nextSteps": [step] if (step := _line(message.next_step, STEP_CHARS, write)) else [],
        "keywords": [_line(word, KEYWORD_CHARS, write) for word in message.keywords[:MOST_KEYWORDS]],
    }
    metadata: dict[str, Any] = {
        "threadId": message.thread,
        "summary": _line(message.title, SUMMARY_CHARS, write),
        "eventType": message.event_type,
        "additionalContext": message.buttons,
    }
    parts = {"version": "1.0", "source": "custom", "id": message.id, "content": content, "metadata": metadata}
    return json.dumps(parts, ensure_ascii=False)


def _description(message: Message, write: Write) -> str:
    """As much as there is room for; the first lines alone where not even the shortest rest would fit."""
    whole = within(DESCRIPTION_CHARS, lambda room: message.blocks(room, write), write, ROOMS)
    if len(whole) <= DESCRIPTION_CHARS:
        return whole.strip()
    return write([Paragraph(message.lead(write))]).strip()


def _line(text: str, longest: int, write: Write) -> str:
    """The text in one line, as much of it as is within so many characters when it is written."""
    room = longest
    while room > 8:
        written = write([Paragraph((begun(text, room),))]).strip()
        if len(written) <= longest:
            return written
        room = room * 3 // 4
    return ""
