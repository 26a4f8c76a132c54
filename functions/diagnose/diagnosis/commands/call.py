"""One program as it is called: what a rule is given to judge, and what a rule is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from diagnose.diagnosis.commands.finding import Finding
from diagnose.diagnosis.commands.shell.words import Word


@dataclass(frozen=True)
class Call:
    """A program's name and the words after it.

    `fed` is what it reads from its input: a text, ANYTHING, or None when that is the terminal. `command` and
    `script` judge what it runs in turn: words, or a text that goes to a shell.
    """

    name: str
    words: Sequence[Word]
    fed: Word | None
    command: Callable[[Sequence[Word]], Finding]
    script: Callable[[Word], Finding]


class Rule(Protocol):
    """What a program is judged by."""

    def judge(self, call: Call) -> Finding: ...


@dataclass(frozen=True)
class By:
    """A rule that is a function."""

    how: Callable[[Call], Finding]

    def judge(self, call: Call) -> Finding:
        return self.how(call)


def short(text: str, longest: int = 40) -> str:
    """A piece of a command as it can be named in a sentence."""
    text = " ".join("".join(char if char.isprintable() else "\ufffd" for char in text[: 2 * longest]).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
