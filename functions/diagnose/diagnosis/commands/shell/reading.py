"""A shell's command line as the simple commands that it runs, whatever joins or nests them.

What decides when a command runs (`&&`, `if`, loops, subshells) does not matter to what it may do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from diagnose.diagnosis.commands.naming import setting
from diagnose.diagnosis.commands.shell.scanning import Scanner
from diagnose.diagnosis.commands.shell.words import Operator, Redirect, UnreadableError, Word

BEFORE_A_COMMAND = {"if", "then", "elif", "else", "while", "until", "do", "{", "!"}
AFTER_A_COMMAND = {"fi", "done", "}"}
NOT_TAKEN_APART = {"case", "esac", "select", "coproc"}
PIPES = {"|", "|&"}
READING = {"<", "<<", "<<<", "<>", "<&"}


@dataclass
class Simple:
    """A program with its words, and what its input and output are.

    `after_pipe` says that it reads what was written before it; `alone`, that it is the command before it in
    the list that wrote all of this.
    """

    at: int
    words: list[Word] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    after_pipe: bool = False
    alone: bool = True


@dataclass
class Script:
    """What a command line runs; `nested` are texts that are command lines of their own.

    `group_reads` says that several commands may read from one pipe or file.
    """

    commands: list[Simple]
    nested: list[str]
    comments: list[str]
    defined: list[str]
    group_reads: bool
    unreadable: str = ""


def read(text: str, *, comments: bool = True) -> Script:
    """Take a command line apart; what cannot be read is named, beside all that came before it."""
    scanner = Scanner(text, comments)
    unreadable = ""
    try:
        scanner.scan()
    except UnreadableError as error:
        unreadable = str(error)
    reader = _Reader(scanner.found)
    reader.read()
    return Script(
        reader.commands,
        scanner.nested,
        scanner.noted,
        reader.defined,
        reader.group_reads,
        unreadable or scanner.trouble or reader.trouble,
    )


class _Reader:
    """Goes on after what it cannot read, to judge what follows too; `trouble` is the first such place."""

    def __init__(self, found: Sequence[Word | Operator | Redirect]) -> None:
        self.commands: list[Simple] = []
        self.defined: list[str] = []
        self.trouble = ""
        self.group_reads = False
        self._found = found
        self._next = 0
        self._simple = Simple(0)
        self._depth = 0

    def read(self) -> None:
        for each in self._each():
            if isinstance(each, Operator):
                self._operator(each)
            elif isinstance(each, Redirect):
                self._simple.redirects.append(each)
            elif self._simple.words or not self._keyword(each):
                self._simple.words.append(each)
        self._end(Operator(";", 0))
        if self._depth:
            self._note("a parenthesis without its partner")

    def _note(self, trouble: str) -> None:
        self.trouble = self.trouble or trouble

    def _each(self) -> Iterator[Word | Operator | Redirect]:
        while self._next < len(self._found):
            self._next += 1
            yield self._found[self._next - 1]

    def _peek(self) -> Word | Operator | Redirect | None:
        return self._found[self._next] if self._next < len(self._found) else None

    def _operator(self, operator: Operator) -> None:
        if operator.text == "(":
            words = self._simple.words
            if words and self._is(")"):
                self._next += 1
                self._define(words)
                return
            if words:
                self._note("a parenthesis within a command")
            if self._is("(") and self._peek() == Operator("(", operator.at + 1):
                self._note("arithmetic, in which quotes do not quote")
            self._depth += 1
        elif operator.text == ")":
            self._depth -= 1
            if self._depth < 0:
                self._note("a parenthesis without its partner")
        self._end(operator)

    def _is(self, text: str) -> bool:
        following = self._peek()
        return isinstance(following, Operator) and following.text == text

    def _end(self, operator: Operator) -> None:
        """Put away what was read, and begin with what follows the operator."""
        before = self._simple
        if before.words or before.redirects:
            self.commands.append(before)
        elif operator.text == "(" and before.after_pipe:
            self.group_reads = True
        if any(each.operator in READING for each in before.redirects):
            names = [word.text for word in before.words[:1]]
            self.group_reads = self.group_reads or names in ([], ["exec"])
        piped = operator.text in PIPES
        within = operator.text == "("
        self._simple = Simple(operator.at + len(operator.text))
        self._simple.after_pipe = piped or (within and before.after_pipe)
        self._simple.alone = piped and bool(before.words)

    def _keyword(self, word: Word) -> bool:
        """Whether a word where a command begins is the shell's own."""
        if not word.bare or word.made:
            return False
        text = word.text
        if text in NOT_TAKEN_APART:
            self._note(f"“{text}”")
        elif text == "for":
            self._loop()
        elif text == "function":
            name = self._peek()
            if isinstance(name, Word):
                self._next += 1
                self._define([name])
            if self._is("("):
                self._next += 2
        elif text == "[[":
            self._test()
        elif text in AFTER_A_COMMAND:
            self._simple.alone = False
        elif text not in BEFORE_A_COMMAND:
            return False
        self.group_reads = self.group_reads or self._simple.after_pipe
        return True

    def _define(self, words: Sequence[Word]) -> None:
        if len(words) > 1:
            self._note("a parenthesis within a command")
        self.defined.append(words[0].text)
        self._simple.words.clear()

    def _loop(self) -> None:
        """`for NAME in WORDS`: the words are data, and the commands follow."""
        name = self._peek()
        if not isinstance(name, Word) or setting(name, for_program=False):
            self._note("a loop whose name may be one that programs or the shell obey")
        while isinstance(self._peek(), Word):
            self._next += 1

    def _test(self) -> None:
        """`[[ … ]]` as a command of its own, in which `<` and `&&` are words."""
        words = [Word("[[", bare=True)]
        while (each := self._peek()) is not None:
            self._next += 1
            if isinstance(each, Word):
                words.append(each)
                if each.text == "]]" and each.bare:
                    self._simple.words.extend(words)
                    return
            elif isinstance(each, Redirect):
                words.append(each.target)
            elif each.text in (";", "\n", "&", "|"):
                break
        self._note("a test without its end")
