"""The commands in an answer: what code says of each, and whether the answer says that it only reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.diagnosis.checked import Effect, JudgedCommand
from diagnose.diagnosis.commands.judging import judge
from diagnose.diagnosis.schema import Diagnosis

MOST_CHARS = 20_000
"""Of all commands of one answer together, far more than anybody would run."""
UNREAD = JudgedCommand(Effect.CHANGING, "The answer has more commands than are looked at.")
NOTHING = ("nothing", "none")
"""How a text begins that says so of what a command changes."""


@dataclass(frozen=True)
class SaidCommand:
    """One command, by its place in the answer."""

    place: str
    judged: JudgedCommand
    is_said_to_read: bool


def commands_in(diagnosis: Diagnosis) -> tuple[SaidCommand, ...]:
    """The commands, then those that would decide between the causes, as far as there are any."""
    left = MOST_CHARS
    found = []
    for place, command, is_said_to_read in _said(diagnosis):
        left -= len(command)
        found.append(SaidCommand(place, judge(command) if left >= 0 else UNREAD, is_said_to_read))
    return tuple(found)


def deciding_place(number: int) -> str:
    return f"alternatives[{number}].deciding_command"


def _said(diagnosis: Diagnosis) -> Iterator[tuple[str, str, bool]]:
    for number, command in enumerate(diagnosis.commands):
        changes_nothing = command.changes.strip().casefold().startswith(NOTHING)
        yield f"commands[{number}]", command.command, changes_nothing
    for number, alternative in enumerate(diagnosis.alternatives):
        if alternative.deciding_command.strip():
            yield deciding_place(number), alternative.deciding_command, True
