"""What redirections of a command's input and output do."""

import re
from collections.abc import Iterator

from diagnose.diagnosis.commands.call import short
from diagnose.diagnosis.commands.finding import Finding, changes, destroys
from diagnose.diagnosis.commands.shell.reading import Simple
from diagnose.diagnosis.commands.shell.words import ANYTHING, Word

NOWHERE = {"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/dev/fd/2", "/dev/fd/63"}
READING = {"<", "<<", "<<<"}
DESCRIPTOR = re.compile(r"\d+-?|-")
SCRATCH = re.compile(r"(?:/tmp/|/var/tmp/)?[\w@%+=:,-][\w.@%+=:,-]*(?:/[\w@%+=:,-][\w.@%+=:,-]*)*")
"""A file in the folder where the command runs, below it, or in a folder for what is not kept."""


def written(target: Word, *, whole: bool) -> Finding | None:
    """What it does to write to a file, over all of it or to its end; None when nothing is kept."""
    if target.text in NOWHERE and not target.made:
        return None
    name = short(target.text)
    if not whole:
        return changes(f"it appends to the file {name}")
    if target.made or not SCRATCH.fullmatch(target.text):
        return destroys(f"it overwrites the file {name}")
    return changes(f"it writes the file {name}")


def redirected(simple: Simple) -> Iterator[Finding]:
    """The findings on a command's redirections."""
    for redirect in simple.redirects:
        operator, target = redirect.operator, redirect.target
        if operator in READING or (operator in (">&", "<&") and DESCRIPTOR.fullmatch(target.text)):
            continue
        found = written(target, whole=operator not in (">>", "&>>", "<>"))
        if found and not simple.words and not operator.endswith(">>"):
            found = destroys(f"it empties the file {short(target.text)}")
        if found:
            yield found


def fed(simple: Simple) -> Word | None:
    """What a command reads by its own redirections: the last of them counts."""
    given = None
    for redirect in simple.redirects:
        if redirect.operator in ("<<", "<<<"):
            given = redirect.target
        elif redirect.operator in ("<", "<>", "<&"):
            given = Word("") if redirect.target.text == "/dev/null" else ANYTHING
    return given
