"""A program's options, taken apart by a table of those that are known.

An option that is not in the table is trouble, for nobody knows whether the next word is its value; so is a
word that may turn into an option when the command runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from diagnose.diagnosis.commands.call import short
from diagnose.diagnosis.commands.shell.words import Word

EMPTY = Word("")


@dataclass
class Given:
    """The options with their values, the operands, and what could not be told."""

    options: list[tuple[str, Word]] = field(default_factory=list)
    operands: list[Word] = field(default_factory=list)
    trouble: str = ""

    def values(self, *names: str) -> list[Word]:
        return [value for name, value in self.options if name in names]

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.options)


@dataclass(frozen=True)
class Options:
    """Known options, by letters and by names.

    Letters are as in getopt: a colon follows one with a value, two one that may have a value attached.
    Names stand apart by blanks, with `=` when a value follows and `=?` when one may be attached.
    With `single_dash`, names may have one dash too. With `operands_end`, the first operand ends the options.
    """

    letters: str = ""
    names: str = ""
    single_dash: bool = False
    operands_end: bool = False

    def read(self, words: Sequence[Word]) -> Given:
        """Take the words apart, up to the first trouble."""
        given = Given()
        rest = iter(words)
        for word in rest:
            if word.may_be_option:
                given.trouble = f"“{short(word.text)}” may turn into options when it runs"
            elif word.text == "--":
                given.operands.extend(rest)
                if not self.operands_end and any(each.several for each in given.operands):
                    given.trouble = "its words are known only when it runs"
            elif not word.text.startswith("-") or word.text == "-":
                given.operands.append(word)
                if self.operands_end:
                    given.operands.extend(rest)
            elif word.text.startswith("--") or (self.single_dash and self._is_name(word.text)):
                given.trouble = self._named(word, rest, given)
            else:
                given.trouble = self._clustered(word, rest, given)
            if given.trouble:
                break
        return given

    def _is_name(self, text: str) -> bool:
        name = text.lstrip("-").partition("=")[0]
        return any(name == known.partition("=")[0] for known in self.names.split())

    def _named(self, word: Word, rest: Iterator[Word], given: Given) -> str:
        name, equals, attached = word.text.lstrip("-").partition("=")
        value = Word(attached, word.made)
        known = self.names.split()
        if f"{name}=?" in known or (name in known and not equals):
            given.options.append((name, value))
            return ""
        if f"{name}=" not in known:
            return f"the option --{short(name)} is not known here"
        if not equals:
            return _take(name, rest, given)
        given.options.append((name, value))
        return ""

    def _clustered(self, word: Word, rest: Iterator[Word], given: Given) -> str:
        letters = word.text[1:]
        for index, letter in enumerate(letters):
            at = self.letters.find(letter) if letter != ":" else -1
            if at < 0:
                return f"the option -{short(letter)} is not known here"
            attached = Word(letters[index + 1 :], word.made)
            if self.letters.startswith("::", at + 1):
                given.options.append((letter, attached))
                return ""
            if self.letters.startswith(":", at + 1):
                if not attached.text:
                    return _take(letter, rest, given)
                given.options.append((letter, attached))
                return ""
            given.options.append((letter, EMPTY))
        return ""


def _take(name: str, rest: Iterator[Word], given: Given) -> str:
    value = next(rest, None)
    if value is None:
        return f"the option {short(name)} has no value"
    if value.several:
        return f"the value of {short(name)} stands outside quotes and may turn into more words"
    given.options.append((name, value))
    return ""
