"""What a command may do when it is run: the worst of its parts, found by rules and without running it.

What is not known to only read changes something: an unknown program, a word that is made up only when it
runs, a line that cannot be taken apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diagnose.diagnosis.checked import JudgedCommand
from diagnose.diagnosis.commands.call import Call, short
from diagnose.diagnosis.commands.comments import remarks
from diagnose.diagnosis.commands.finding import (
    CHANGING,
    DESTRUCTIVE,
    READ_ONLY,
    Finding,
    changes,
    destroys,
    reads,
    worst,
)
from diagnose.diagnosis.commands.known import RULES
from diagnose.diagnosis.commands.looks import hidden_controls, marks
from diagnose.diagnosis.commands.naming import program, setting, settings
from diagnose.diagnosis.commands.placeholders import filled_in
from diagnose.diagnosis.commands.programs.shells import SHELLS
from diagnose.diagnosis.commands.redirections import fed, redirected
from diagnose.diagnosis.commands.shell.reading import Script, Simple, read
from diagnose.diagnosis.commands.shell.words import ANYTHING, Word
from runtime.characters import clean

LONGEST = 10_000
DEEPEST = 8
MOST_PARTS = 500
FAR_RIGHT = 160
LOADERS = {"curl", "wget", "http", "https", "aria2c"}
NO_COMMAND = "There is no command."
PLACEHOLDER = "a shell takes the placeholder in < > for files; with a value in its place it only reads"
TOO_MUCH = changes("it has more parts, or deeper ones, than are looked at")


def judge(command: str) -> JudgedCommand:
    """The effect of a shell command, why, and what a reader of it could miss."""
    seen = command[:LONGEST]
    found = _judged(seen)
    if (shown := clean(seen)) != seen:
        found = worst((found, _judged(shown)))
    if hidden_controls(seen):
        found = found.at_least(CHANGING, "it holds control characters")
    if len(command) > LONGEST:
        found = found.at_least(CHANGING, f"only its first {LONGEST:,} characters were looked at")
    return JudgedCommand(found.effect, found.why, (*marks(seen), *found.marks))


def _judged(text: str) -> Finding:
    judging = _Judging()
    script = read(text)
    found = judging.script(script, text, 0, None)
    if found is None:
        return changes(NO_COMMAND)
    if judging.loads and judging.runs:
        found = worst((found, destroys("it runs a script from the network, which nobody has seen")))
    if script.comments:
        uncommented = _Judging().script(read(text, comments=False), text, 0, None)
        if uncommented and uncommented.effect is DESTRUCTIVE:
            found = worst((found, uncommented))
    marks = remarks(script.comments) if found.effect is not READ_ONLY else ()
    if found.effect is not READ_ONLY and judging.far:
        marks = (*marks, f"What makes it {found.effect} begins at character {judging.far}, far to the right.")
    if found.effect is CHANGING and (filled := filled_in(text)):
        without = _judged(filled)
        found = replace(found, why=PLACEHOLDER) if without.effect is READ_ONLY else worst((without, found))
    return replace(found, marks=(*found.marks, *marks))


@dataclass
class _Judging:
    """Judges the parts of one command, and counts them."""

    parts: int = 0
    far: int = 0
    loads: bool = False
    runs: bool = False

    def text(self, word: Word, depth: int, inherited: Word | None) -> Finding:
        """A text that goes to a shell."""
        found = self.script(read(word.text), word.text, depth + 1, inherited)
        if word.made:
            unknown = changes("a shell is given words that are known only when it runs")
            return worst((unknown, found)) if found else unknown
        return found or reads("an empty script does nothing")

    def script(self, script: Script, text: str, depth: int, inherited: Word | None) -> Finding | None:
        """All commands of a text, or None if there are none."""
        if depth > DEEPEST:
            return TOO_MUCH
        findings = []
        for before, simple in zip([None, *script.commands], script.commands, strict=False):
            given = _fed(before, simple, ANYTHING if script.group_reads else inherited)
            found = self._simple(simple, depth, given)
            if depth == 0 and found.effect is not READ_ONLY:
                column = simple.at - (text.rfind("\n", 0, simple.at) + 1)
                self.far = max(self.far, column if column > FAR_RIGHT else 0)
            findings.append(found)
        findings.extend(self.text(Word(each), depth, inherited) for each in script.nested)
        findings.extend(_defined(script))
        if script.unreadable:
            findings.append(changes(f"it cannot be taken apart: {script.unreadable}"))
        return worst(findings) if findings else None

    def _simple(self, simple: Simple, depth: int, given: Word | None) -> Finding:
        findings = [*redirected(simple)]
        if simple.words:
            findings.append(self._command(simple.words, depth, given))
        return worst(findings or [reads("it opens files to read")])

    def _command(self, words: Sequence[Word], depth: int, given: Word | None) -> Finding:
        self.parts += 1
        if depth > DEEPEST or self.parts > MOST_PARTS:
            return TOO_MUCH
        set_before = settings(words)
        named = words[set_before:]
        findings = [found for word in words[:set_before] if (found := setting(word, for_program=bool(named)))]
        if not named:
            return worst(findings or [reads("it sets variables of its own")])
        return worst([self._program(named, depth, given), *findings])

    def _program(self, words: Sequence[Word], depth: int, given: Word | None) -> Finding:
        first = words[0]
        if first.made:
            return changes(f"which program “{short(first.text)}” is, is known only when it runs")
        name, usual = program(first)
        rule = RULES.get(name)
        if not rule:
            return changes(f"“{short(first.text)}” is a program without rules here")
        call = Call(
            name,
            words[1:],
            given,
            lambda inner: (
                self._command(inner, depth + 1, given) if inner else changes(f"{name} runs no command")
            ),
            lambda inner: self.text(inner, depth, given),
        )
        found = rule.judge(call)
        self.loads = self.loads or name in LOADERS
        self.runs = self.runs or (name in SHELLS and found.effect is not READ_ONLY)
        if not usual:
            return found.at_least(CHANGING, f"“{short(first.text)}” is not where {name} is installed")
        return found


def _fed(before: Simple | None, simple: Simple, otherwise: Word | None) -> Word | None:
    """What a command reads from its input, as far as the line says it."""
    own = fed(simple)
    if own:
        return own
    if not simple.after_pipe:
        return otherwise
    if before and simple.alone and not before.after_pipe:
        return _echoed(before)
    return ANYTHING


def _echoed(simple: Simple) -> Word:
    """What `echo` of known words writes."""
    if simple.redirects or not simple.words or simple.words[0].text not in ("echo", "printf"):
        return ANYTHING
    words = [word for word in simple.words[1:] if word.text not in ("-n", "-e", "-E")]
    if any(word.made for word in words):
        return ANYTHING
    text = " ".join(word.text for word in words)
    return Word(text, made="\\" in text or "%" in text)


def _defined(script: Script) -> Iterator[Finding]:
    """A function may be called by any word after it; one that pipes into itself fills the machine."""
    for name in script.defined:
        called = [each for each in script.commands if [word.text for word in each.words[:1]] == [name]]
        if any(each.after_pipe for each in called):
            yield destroys(f"it defines a function “{short(name)}” that starts itself without end")
        else:
            yield changes(f"it defines a function “{short(name)}”")
