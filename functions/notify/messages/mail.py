"""A message as plain text, for e-mail by way of SNS."""

import re
import unicodedata

from notify.messages.message import Message
from rendering.plain import plain
from rendering.room import within
from rendering.words import unlinked

MOST_BYTES = 64 * 1024
"""Of the 256 KB that SNS takes: nobody reads more, and some mail programs cut it."""
SUBJECT_CHARS = 100
"""Longest subject that SNS takes: of ASCII, on one line, beginning with a letter, a digit or punctuation.

Source: the API reference of SNS, Publish.
"""
NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


def body_of(message: Message) -> str:
    """All of it, the first lines first."""
    return within(MOST_BYTES, lambda room: message.blocks(room, plain), plain)


def subject_of(message: Message) -> str:
    """The title in ASCII: letters without their accents, and a question mark for what has no such form."""
    folded = unicodedata.normalize("NFKD", message.title.replace("…", "..."))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    line = " ".join(NOT_ASCII.sub("?", unlinked_in_ascii(bare)).split()) or message.event_type
    return line if len(line) <= SUBJECT_CHARS else f"{line[: SUBJECT_CHARS - 3].rstrip()}..."


def unlinked_in_ascii(text: str) -> str:
    """An address with a blank in it: a joiner is no ASCII, and some programs make links in subjects too."""
    return unlinked(text).replace("\u2060", " ")
