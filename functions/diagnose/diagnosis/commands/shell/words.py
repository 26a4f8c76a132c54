"""The words of a shell's command line, as the program would be given them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """One word without its quotes; what the shell puts in only when it runs stands as it is written.

    `made` says that some of it is put in then, `leads` that it begins with such a part, `several` that it may
    become no word, or more than one. `bare` says that nothing in it was quoted.
    """

    text: str
    made: bool = False
    leads: bool = False
    several: bool = False
    bare: bool = False

    @property
    def may_be_option(self) -> bool:
        return self.several or (self.made and (self.leads or self.text.startswith("-")))


ANYTHING = Word("…", made=True, leads=True, several=True)
"""Words that a program reads from elsewhere."""


@dataclass(frozen=True)
class Operator:
    """What stands between commands: `;`, `|`, `(`, the end of a line."""

    text: str
    at: int


@dataclass(frozen=True)
class Redirect:
    """Where input comes from or output goes to; a here-document has its text as target."""

    operator: str
    target: Word


class UnreadableError(Exception):
    """Raised when a command cannot be taken apart, so that nobody knows what a shell would make of it."""
