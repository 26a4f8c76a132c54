"""A shell's command line as words, operators and redirections.

Nothing is expanded: the commands within `$(…)`, backticks and here-documents are kept apart, as texts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from diagnose.diagnosis.commands.shell.expansions import Expansions, ansi_c, end_of_single_quotes
from diagnose.diagnosis.commands.shell.words import Operator, Redirect, UnreadableError, Word

BLANK = re.compile(r"(?:[ \t]|\\\n)+")
COMMENT = re.compile(r"#[^\n]*")
OPERATOR = re.compile(r"&&|\|\||\|&|;;&|;;|;&|[;&|()\n]")
REDIRECT = re.compile(r"(\d*)(<<<|<<-?|<>|<&|<(?!\()|>>|>\||>&|>(?!\()|&>>|&>)")
PLAIN = re.compile(r"[^\s'\"\\$`;&|()<>!*?\[{~\x00-\x1f]+")
HISTORY = re.compile(r"![^\s=(\"']")
BRACES = re.compile(r"\{[^{}\s]*\}")
WORD_END = set(" \t\n;&|()<>")
IN_DOUBLE_QUOTES = re.compile(r"[^\"\\$`!]+")


@dataclass
class _Pending:
    """A here-document whose text has not been reached."""

    redirect: int
    delimiter: str
    expands: bool
    tabs: bool


@dataclass
class Scanner:
    """Takes a text apart; `comments` false reads `#` as any other letter, as zsh does at its prompt."""

    text: str
    comments: bool = True
    found: list[Word | Operator | Redirect] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    at: int = 0
    _expansions: Expansions = field(init=False)
    _pending: list[_Pending] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._expansions = Expansions(self.text)

    @property
    def nested(self) -> list[str]:
        return self._expansions.nested

    @property
    def trouble(self) -> str:
        return self._expansions.trouble

    def scan(self) -> None:
        """Fill `found`, the comments in `noted`, and `nested`, as far as it can be read.

        Raises UnreadableError.
        """
        while self.at < len(self.text):
            if blank := BLANK.match(self.text, self.at):
                self.at = blank.end()
            elif self.comments and (comment := COMMENT.match(self.text, self.at)):
                self.noted.append(comment[0])
                self.at = comment.end()
            elif redirect := REDIRECT.match(self.text, self.at):
                self._redirect(redirect)
            elif operator := OPERATOR.match(self.text, self.at):
                self.found.append(Operator(operator[0], self.at))
                self.at = operator.end()
                if operator[0] == "\n":
                    self._here_documents()
            else:
                self.found.append(self._word())
        if self._pending:
            self._here_documents()

    def _redirect(self, found: re.Match[str]) -> None:
        self.at = found.end()
        if blank := BLANK.match(self.text, self.at):
            self.at = blank.end()
        start, target = self.at, self._word()
        operator = found[2]
        if operator in ("<<", "<<-"):
            expands = not re.search(r"['\"\\]", self.text[start : self.at])
            self._pending.append(_Pending(len(self.found), target.text, expands, operator == "<<-"))
        self.found.append(Redirect(operator, target))

    def _here_documents(self) -> None:
        for pending in self._pending:
            lines = []
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = min(end + 1, len(self.text))
                if (line.lstrip("\t") if pending.tabs else line) == pending.delimiter:
                    break
                if pending.expands and line.endswith("\\"):
                    raise UnreadableError("a here-document with a continued line")
                lines.append(line)
            else:
                raise UnreadableError("a here-document without its end")
            body = "\n".join(lines)
            made = pending.expands and bool(re.search(r"[$`]", body))
            if made:
                inside = Expansions(body)
                inside.scan()
                self.nested.extend(inside.nested)
                self._expansions.trouble = self._expansions.trouble or inside.trouble
            self.found[pending.redirect] = Redirect("<<", Word(body, made=made))
        self._pending.clear()

    def _word(self) -> Word:
        start = self.at
        parts = [*self._parts()]
        if self.at == start:
            raise UnreadableError("a word that is not there")
        text = "".join(part.text for part in parts)
        if text in ("[", "[["):
            return Word(text, bare=all(part.bare for part in parts))
        several = any(part.several for part in parts)
        leads = next((part.leads or (part.made and part.bare) for part in parts if part.text), False)
        braces = BRACES.findall("".join(part.text if part.bare else "'" for part in parts))
        several = several or any("," in each or ".." in each for each in braces)
        made = several or any(part.made for part in parts)
        return Word(text, made, leads, several, all(part.bare for part in parts))

    def _parts(self) -> Iterator[Word]:
        text = self.text
        while (self.at < len(text) and text[self.at] not in WORD_END) or text[self.at : self.at + 2] in (
            "<(",
            ">(",
        ):
            if plain := PLAIN.match(text, self.at):
                self.at = plain.end()
                yield Word(plain[0], bare=True)
                continue
            yield self._special(text[self.at])

    def _special(self, char: str) -> Word:
        text, at = self.text, self.at
        if char == "'":
            self.at = end_of_single_quotes(text, at)
            return Word(text[at + 1 : self.at - 1])
        if char == '"':
            return self._double_quoted()
        if char == "\\":
            self.at = min(at + 2, len(text))
            return Word("" if text[at + 1 : at + 2] == "\n" else text[at + 1 : at + 2])
        if text.startswith("$'", at):
            value, self.at = ansi_c(text, at)
            return Word(value)
        if text.startswith('$"', at):
            self.at += 1
            return self._double_quoted()
        if char in "<>":
            self.at = self._expansions.end_of_parentheses(at + 2)
            return Word("/dev/fd/63", bare=True)
        if char in "$`":
            return self._expansion(char)
        if HISTORY.match(text, at):
            raise UnreadableError("a reference to the shell's history")
        if char < " ":
            raise UnreadableError("a control character")
        self.at += 1
        return Word(char, made=char in "*?[", bare=True)

    def _expansion(self, char: str) -> Word:
        at = self.at
        end = self._expansions.end(at) if char == "$" else self._expansions.end_of_backticks(at)
        self.at = end or at + 1
        return Word(self.text[at : self.at], made=bool(end), several=bool(end), bare=True)

    def _double_quoted(self) -> Word:
        self.at += 1
        text, value, made, leads, several = self.text, "", False, False, False
        while self.at < len(text) and text[self.at] != '"':
            at = self.at
            if plain := IN_DOUBLE_QUOTES.match(text, at):
                self.at = plain.end()
                value += plain[0]
            elif text[at] == "\\":
                self.at += 2
                value += text[at + 1 : at + 2] if text[at + 1 : at + 2] in '$`"\\' else text[at : at + 2]
            elif HISTORY.match(text, at):
                raise UnreadableError("a reference to the shell's history")
            elif text[at] == "!":
                self.at += 1
                value += "!"
            else:
                part = self._expansion(text[at])
                leads = leads or (part.made and not value)
                made = made or part.made
                several = several or bool(re.match(r"\$\{?@", part.text))
                value += part.text
        if self.at >= len(text):
            raise UnreadableError("a quote without its partner")
        self.at += 1
        return Word(value, made, leads, several)
