"""What begins with a dollar sign or a backtick: where it ends, and the commands that run within it."""

import re
from dataclasses import dataclass, field

from diagnose.diagnosis.commands.shell.words import UnreadableError

DEEPEST = 12
VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])")
PARAMETER = re.compile(r"\$\{#?(?:[A-Za-z_]\w*|[0-9@*#?$!-])(?=\}|:?[-+?=]|[#%/^,])")
"""The forms that work out nothing: subscripts, offsets and `@P` may run commands that a variable holds."""
SUM = re.compile(r"(?:\s|\d|[-+*/%()])*")
ONLY_THE_TIME = re.compile(r"""\s*date(?:\s+(?:-u|-d\s*(?:'[\w :-]+'|"[\w :-]+")|['"]?\+[%\w]+['"]?))*\s*""")
ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "v": "\v",
}
ANSI_C = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))", re.DOTALL
)


@dataclass
class Expansions:
    """Finds the ends of expansions in one text; `nested` are the commands met within them."""

    text: str
    nested: list[str] = field(default_factory=list)
    depth: int = 0
    trouble: str = ""

    def end(self, at: int) -> int | None:
        """Where the expansion at a `$` ends; None if it is only a dollar sign."""
        text = self.text
        if text.startswith("$(", at):
            return self._end_of_command(at)
        if text.startswith("${", at):
            opened = PARAMETER.match(text, at)
            if not opened:
                raise UnreadableError("an expansion that works something out")
            return self.closing(opened.end(), "}")
        found = VARIABLE.match(text, at)
        return found.end() if found else None

    def end_of_backticks(self, at: int) -> int:
        end = at + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise UnreadableError("a backtick without its partner")
        if "\\" in self.text[at:end]:
            raise UnreadableError("a backslash within backticks")
        self.nested.append(self.text[at + 1 : end])
        return end + 1

    def end_of_parentheses(self, at: int) -> int:
        """Where the commands that an opening parenthesis before `at` holds end; they are nested ones."""
        end = Expansions(self.text, depth=self.depth).closing(at, ")")
        self.nested.append(self.text[at : end - 1])
        return end

    def scan(self) -> None:
        """Find what runs within a text that is expanded as if it stood in double quotes."""
        self.closing(0, "")

    def _end_of_command(self, at: int) -> int:
        end = self.end_of_parentheses(at + 2)
        inside = self.nested[-1]
        if inside.startswith("("):
            if not inside.endswith(")") or not _is_sum(inside):
                self.trouble = "arithmetic, in which quotes do not quote"
            else:
                self.nested.pop()
        return end

    def closing(self, at: int, closer: str) -> int:
        """The place after the closer, with quotes, expansions and comments understood."""
        text, quoted, depth = self.text, False, 0
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableError("expansions nested too deeply")
        while at < len(text):
            if skipped := self._skipped(at, closer, quoted=quoted):
                at = skipped
                continue
            char = text[at]
            if char == '"' and closer:
                quoted = not quoted
            elif not quoted:
                depth += (char == "(" and closer == ")") - (char == closer)
            at += 1
            if depth < 0:
                break
        if closer and depth >= 0:
            raise UnreadableError(f"no {closer} to close what was opened")
        self.depth -= 1
        return at

    def _skipped(self, at: int, closer: str, *, quoted: bool) -> int | None:
        """The end of what holds no closer: an expansion, a quoted text, a comment."""
        text, char = self.text, self.text[at]
        if closer == "}" and (char in "'\"\\" or text[at : at + 2] in ("<(", ">(")):
            raise UnreadableError("quotes or processes within an expansion")
        if char == "\\":
            return at + 2
        if char == "$":
            return self.end(at) or at + 1
        if char == "`":
            return self.end_of_backticks(at)
        if char == "'" and closer and not quoted:
            return end_of_single_quotes(text, at)
        if char == "#" and closer == ")" and not quoted and text[at - 1] in " \t\n;&|(":
            return _end_of_line(text, at)
        return None


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def end_of_single_quotes(text: str, at: int) -> int:
    end = text.find("'", at + 1)
    if end < 0:
        raise UnreadableError("a quote without its partner")
    return end + 1


def ansi_c(text: str, at: int) -> tuple[str, int]:
    """What `$'…'` stands for, and the place after it; `at` is that of the dollar sign."""
    end = at + 2
    while end < len(text) and text[end] != "'":
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise UnreadableError("a quote without its partner")
    return ANSI_C.sub(_unescaped, text[at + 2 : end]), end + 1


def _unescaped(found: re.Match[str]) -> str:
    *hexadecimal, octal, control, other = found.groups()
    code = next((int(digits, 16) for digits in hexadecimal if digits), None)
    if octal:
        code = int(octal, 8) & 0xFF
    if control:
        code = ord(control) & 0x1F
    if code is not None:
        return chr(code) if 0 < code < 0x110000 else ""
    return ESCAPED.get(other, other)


def _is_sum(inside: str) -> bool:
    """Whether `$(…)` is arithmetic on figures and the time alone: on anything else it may run commands."""
    if "((" in inside[1:]:
        return False
    inner = Expansions(inside[1:-1])
    rest = ""
    at = 0
    while (dollar := inner.text.find("$", at)) >= 0:
        rest += inner.text[at:dollar]
        if not inner.text.startswith("$(", dollar):
            return False
        at = inner.end_of_parentheses(dollar + 2)
        if not ONLY_THE_TIME.fullmatch(inner.nested[-1]):
            return False
    return bool(SUM.fullmatch(rest + inner.text[at:]))
