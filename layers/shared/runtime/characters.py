"""Characters that are not for people's eyes: control sequences, and what hides or reorders other text."""

import re

COLOUR = re.compile(r"\x1b\[[\d;]*m")
ESCAPE = re.compile(
    r"""
    \x1b (?: \[ [0-?]* [ -/]* [@-~]                       # colours, cursor
                   | [\]PX^_] [^\x07\x1b\x9c]* (?: \x07 | \x1b\\ | \x9c )  # titles, links and other strings
                   | [ -/]* [0-~] )?
    | \x9b [0-?]* [ -/]* [@-~]
    """,
    re.VERBOSE,
)
"""Control sequences of terminals (ECMA-48), whole: a part left behind would read as text."""
SPELT_OUT = re.compile(r"(?:\u241b|\^\[|(?<!\\)\\++(?:u001[bB]|x1[bB]|033|e))\[[\d;]*m")
SPELLINGS = ("^[[", "\u241b", "1b[", "1B[", "033[", "\\e[")
"""A colour as a program writes it that writes out the escape character.

All backslashes before it go with it: one left behind would spoil the JSON that it stands in.
"""
HIDDEN = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f\xad"
    "\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
"""Categories Cc, Cf and Cs, what Unicode calls default ignorable, the blank of braille, U+FFFE, U+FFFF.

The last two and halves of pairs are no characters: queues and attributes refuse a text that holds them.
"""


def clean(text: str) -> str:
    """Text without control and formatting characters, its tabs four spaces and its line ends newlines.

    Whatever a reader may take for the end of a line is one: that of Windows, form feed, U+2028 and so on.
    """
    return "\n".join(cleaned_lines(text))


def bounded(text: str, most: int) -> str:
    """The text as `clean` leaves it, cut to so many bytes of UTF-8 and without blanks at its ends."""
    kept = clean(text[:most]).strip().encode()[:most]
    return kept.decode("utf-8", "ignore").strip()


def cleaned_lines(text: str) -> list[str]:
    """The lines of a text, blank ones too, each as `clean` leaves it."""
    if any(spelling in text for spelling in SPELLINGS):
        text = SPELT_OUT.sub("", text)
    if "\x1b" in text:
        text = COLOUR.sub("", text)
    return [line if line.isascii() and line.isprintable() else _cleaned(line) for line in text.splitlines()]


def _cleaned(line: str) -> str:
    line = line.replace("\t", "    ")
    if "\x1b" in line or "\x9b" in line:
        line = ESCAPE.sub("", line)
    return line if line.isprintable() and line.isascii() else HIDDEN.sub("", line)
