"""The kinds of rules that tables are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from diagnose.diagnosis.checked import Effect
from diagnose.diagnosis.commands.call import Call, short
from diagnose.diagnosis.commands.finding import (
    CHANGING,
    DESTRUCTIVE,
    READ_ONLY,
    Finding,
    changes,
    destroys,
    reads,
)
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.shell.words import Word

NONE = Options()
DOES = {READ_ONLY: "only reads", CHANGING: "changes something", DESTRUCTIVE: "deletes or destroys something"}


@dataclass(frozen=True)
class Always:
    """A program whose words do not matter to its effect."""

    effect: Effect
    why: str = ""
    marks: tuple[str, ...] = ()

    def judge(self, call: Call) -> Finding:
        return Finding(self.effect, f"{call.name} {self.why or DOES[self.effect]}", self.marks)


@dataclass(frozen=True)
class Reads:
    """A program that only reads when it has no other options than these, and no more than so many operands.

    `changing` and `destroying` are options that are known, for a reader's sake: what is in no table changes
    something too.
    """

    options: Options
    operands: int | None = None
    changing: str = ""
    destroying: str = ""
    marks: tuple[str, ...] = ()

    def judge(self, call: Call) -> Finding:
        for word in call.words:
            name = word.text.partition("=")[0]
            if name in self.destroying.split():
                return destroys(f"{call.name} {name} deletes or destroys something")
        for word in call.words:
            name = word.text.partition("=")[0]
            if name in self.changing.split():
                return changes(f"{call.name} {name} changes something")
        given = self.options.read(call.words)
        if given.trouble:
            return changes(f"{call.name}: {given.trouble}")
        if self.operands is not None and len(given.operands) > self.operands:
            return changes(f"{call.name} with “{short(given.operands[-1].text)}” may change something")
        return reads(f"{call.name} only reads", *self.marks)


@dataclass(frozen=True)
class Action:
    """A program told by an option what to do; options that it does not know are trouble."""

    reading: str
    options: Options
    changing: str = ""
    destroying: str = ""

    def judge(self, call: Call) -> Finding:
        names = [word.text.partition("=")[0] for word in call.words]
        if worse := [name for name in names if name in self.destroying.split()]:
            return destroys(f"{call.name} {worse[0]} deletes or destroys something")
        if worse := [name for name in names if name in self.changing.split()]:
            return changes(f"{call.name} {worse[0]} changes something")
        given = self.options.read(call.words)
        if given.trouble:
            return changes(f"{call.name}: {given.trouble}")
        if not any(given.has(name) for name in self.reading.split()):
            return changes(f"{call.name} is not told to read only")
        return reads(f"{call.name} only reads")


@dataclass(frozen=True)
class Verb:
    """What the first words after a program's name do.

    `worse` are options that make it destructive or changing, and `options`, if any, the only ones with which
    it just reads; `alone` says that it only reads when no more than figures follow.
    """

    effect: Effect
    worse: Mapping[str, Effect] = field(default_factory=dict)
    alone: bool = False
    options: Options | None = None
    marks: tuple[str, ...] = ()


def verbs(
    effect: Effect,
    words: str,
    *,
    worse: Mapping[str, Effect] | None = None,
    alone: bool = False,
    options: Options | None = None,
    marks: tuple[str, ...] = (),
) -> dict[tuple[str, ...], Verb]:
    """A table from verbs apart by commas: `get, rollout status`."""
    verb = Verb(effect, worse or {}, alone, options, marks)
    return {tuple(each.split()): verb for each in words.split(",")}


@dataclass(frozen=True)
class Cli:
    """A program whose first words say what it does.

    `options` may stand before or between them; `rehearsal` are those that make a change a rehearsal.
    """

    table: Mapping[tuple[str, ...], Verb]
    options: Options = NONE
    rehearsal: frozenset[str] = frozenset()
    empty: Effect = CHANGING

    def judge(self, call: Call) -> Finding:
        found = find_verb(call.words, self.options, self.table)
        if found.trouble:
            worse = [word.text for word in call.words if self._destroys(word.text)]
            if worse:
                return destroys(f"{call.name} {worse[0]} deletes or destroys something")
            return changes(f"{call.name}: {found.trouble}")
        if not found.path:
            return Finding(self.empty, f"{call.name} by itself {DOES[self.empty]}")
        name = f"{call.name} {' '.join(found.path)}"
        verb = self.table[found.path]
        effect = verb.effect
        if effect is not READ_ONLY:
            if rehearses(found.rest, self.rehearsal):
                return reads(f"{name} is a rehearsal that changes nothing")
            for option in map(_name, found.rest):
                if option in verb.worse:
                    return Finding(verb.worse[option], f"{name} {option} {DOES[verb.worse[option]]}")
            return Finding(effect, f"{name} {DOES[effect]}", verb.marks)
        return self._reading(name, verb, found.rest)

    def _reading(self, name: str, verb: Verb, rest: Sequence[Word]) -> Finding:
        for word in rest:
            option = _name(word)
            if option in verb.worse:
                return Finding(verb.worse[option], f"{name} {option} {DOES[verb.worse[option]]}")
            if verb.worse and word.may_be_option:
                return changes(f"{name}: “{short(word.text)}” may turn into options when it runs")
        if verb.alone and (more := [word for word in rest if not _is_figure(word)]):
            return changes(f"{name} {short(more[0].text)} is in no table")
        if verb.options and (trouble := verb.options.read(rest).trouble):
            return changes(f"{name}: {trouble}")
        return reads(f"{name} only reads", *verb.marks)

    def _destroys(self, text: str) -> bool:
        verb = self.table.get((text,))
        return bool(verb and verb.effect is DESTRUCTIVE)


@dataclass(frozen=True)
class Found:
    """The verb, the words after it, or why there is none."""

    path: tuple[str, ...]
    rest: Sequence[Word]
    trouble: str = ""


def find_verb(words: Sequence[Word], options: Options, table: Mapping[tuple[str, ...], Verb]) -> Found:
    """The longest verb that the words begin with, options between them left out."""
    path: tuple[str, ...] = ()
    found = Found((), ())
    rest: Sequence[Word] = words
    longest = Options(options.letters, options.names, options.single_dash, operands_end=True)
    while True:
        given = longest.read(rest)
        if given.trouble:
            return found if found.path else Found((), (), given.trouble)
        if not given.operands:
            return found if found.path or not path else Found((), (), f"{' '.join(path)} of what is not said")
        word, rest = given.operands[0], given.operands[1:]
        path = (*path, word.text)
        if word.made or not any(known[: len(path)] == path for known in table):
            if found.path:
                return found
            return Found((), (), f"“{short(' '.join(path))}” is in no table")
        if path in table:
            found = Found(path, rest)


def rehearses(words: Sequence[Word], rehearsal: frozenset[str]) -> bool:
    """Whether an option that says so can be no other option's value, and nothing takes it back."""
    texts = [word.text for word in words]
    if "--" in texts:
        texts = texts[: texts.index("--")]
    stems = {option.partition("=")[0].strip("-").replace("-", "") for option in rehearsal}
    like = [at for at, text in enumerate(texts) if any(stem in text.replace("-", "") for stem in stems)]
    if len(like) != 1 or any(word.may_be_option for word in words):
        return False
    before = texts[like[0] - 1] if like[0] else ""
    takes_it = before.startswith("-") and "=" not in before
    return texts[like[0]] in rehearsal and not takes_it


def _name(word: Word) -> str:
    return word.text.partition("=")[0]


def _is_figure(word: Word) -> bool:
    return word.text.isdigit() and not word.made
