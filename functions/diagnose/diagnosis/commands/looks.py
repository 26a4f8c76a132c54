"""What a reader could not see in a command: letters that look like others, and what is not shown at all.

Which letters look alike is in no table here: Unicode's own names and compatibility forms tell.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from runtime.characters import ESCAPE, HIDDEN

LONG_BLANK = re.compile(r"(?<!\s)[^\S\n]{20,}(?=\S)")
BLANK_LINES = re.compile(r"(?<!\n)\n{6,}(?=[^\n])")
WORD = re.compile(r"[^\s;|&<>()\"'`=,:/]+")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
MOST_NAMED = 3
LIKE_A_SIGN = re.compile(
    r"\b(?:SLASH|SOLIDUS|VERTICAL|SEMICOLON|COLON|AMPERSAND|QUOTE|RATIO|DIVIDES|ASTERISK|DOLLAR)\b"
)


def marks(command: str) -> tuple[str, ...]:
    """Sentences on what is hidden in a command or looks like something else."""
    return tuple(_marks(command))


def hidden_controls(command: str) -> bool:
    """Whether it holds control characters: at a terminal they are keys that are pressed."""
    return any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in set(command))


def _marks(command: str) -> Iterator[str]:
    if ESCAPE.search(command):
        yield "It holds control sequences of terminals, which can hide or repaint text."
        command = ESCAPE.sub("", command)
    if found := [char for char in _each(command) if HIDDEN.match(char) and char != "\t"]:
        yield f"It holds characters that are not shown: {_names(found)}."
    if found := [char for char in _each(command) if unicodedata.category(char) == "Zs" and char != " "]:
        yield f"It holds blanks that are no spaces to a shell: {_names(found)}."
    lines = "\n".join(line.strip() for line in command.split("\n"))
    if LONG_BLANK.search(command) or BLANK_LINES.search(lines):
        yield "A long run of blanks pushes a part of it out of sight."
    if command.isascii():
        return
    if found := [char for char in _each(command) if _stands_for_another(char)]:
        yield f"It holds signs that look like those of a shell and are none: {_names(found)}."
    if found := list(dict.fromkeys(_odd_letters(command))):
        yield f"It holds letters that look like others: {_names(found)}."


def _each(text: str) -> list[str]:
    return list(dict.fromkeys(text))


def _stands_for_another(char: str) -> bool:
    """A sign, not a letter, whose compatibility form is ASCII, or a dash or a quotation mark."""
    if char.isascii() or char.isalpha() or char.isspace():
        return False
    form = unicodedata.normalize("NFKC", char)
    if (form.isascii() and form.isprintable()) or unicodedata.category(char) in ("Pd", "Pi", "Pf"):
        return True
    return bool(LIKE_A_SIGN.search(unicodedata.name(char, "")))


def _odd_letters(command: str) -> Iterator[str]:
    """Letters beyond ASCII in a command's or an option's name, and those mixed with others in one word."""
    at_command = True
    end = 0
    for found in WORD.finditer(command):
        between = command[end : found.start()]
        end = found.end()
        at_command = (
            at_command and not between.strip() if between.isspace() else _begins(between, found.start())
        )
        word = found[0]
        if NOT_ASCII.search(word):
            odd = [char for char in word if not char.isascii() and (char.isalpha() or _combines(char))]
            if at_command or word.startswith("-") or _mixed(word):
                yield from odd
        at_command = False


def _begins(between: str, at: int) -> bool:
    return at == 0 or bool(re.search(r"[;|&(`\n/]\s*[\"']?$", between))


def _mixed(word: str) -> bool:
    """Whether Latin letters are in one word with those of another script, or with odd forms or marks."""
    letters = [char for char in word if char.isalpha()]
    scripts = {unicodedata.name(char, "?").split(" ")[0] for char in letters}
    odd_form = any(not char.isascii() and unicodedata.normalize("NFKC", char).isascii() for char in letters)
    marked = any(_combines(char) and before.isascii() for before, char in pairwise(word))
    return ("LATIN" in scripts and len(scripts) > 1) or odd_form or marked


def _combines(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


def _names(chars: list[str]) -> str:
    named = [f"U+{ord(char):04X} {unicodedata.name(char, 'without a name')}" for char in chars[:MOST_NAMED]]
    more = len(chars) - MOST_NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
