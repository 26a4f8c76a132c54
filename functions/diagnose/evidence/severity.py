"""How bad a log line says things are: by the level it states, and by its words."""

import re
from collections.abc import Sequence

FAILURE, TROUBLE, WARNING, ROUTINE = 10.0, 6.0, 3.0, 0.0
"""In bits, to be weighed against rarity: FAILURE weighs as much as being one line in a thousand."""

LEVELS = {
    **dict.fromkeys(("trace", "debug", "info", "notice", "information", "verbose"), ROUTINE),
    **dict.fromkeys(("warn", "warning"), WARNING),
    **dict.fromkeys(
        ("err", "error", "crit", "critical", "alert", "emerg", "emergency", "fatal", "panic", "severe"),
        FAILURE,
    ),
}
KLOG = {"I####": ROUTINE, "W####": WARNING, "E####": FAILURE, "F####": FAILURE}
LEADING = 6
"""How many tokens from the start may state the line's level."""
LEADING_WORD = re.compile(r"(\W*)([A-Za-z]+)(?![A-Za-z])")
NAMED_LEVEL = re.compile(r"""(?:level\w*|lvl|severity)["']?[=:]["']?([a-z]+)""")

NEGATORS = frozenset(
    ("no", "0", "zero", "without", "ignore", "ignoring", "ignored", "allow", "should", "on", "if", "expected")
)
PARTS = re.compile(r"[A-Za-z0-9_#./'-]+")
"""What a token is made of: `"error":"refused",` is two parts, `test_errors.py` is one, and no word."""
NAMED = ("Error", "Exception", "Failure")
"""Ends of the class of an error: `java.lang.OutOfMemoryError`."""
STATED = re.compile(r"""(?:^|[^\w./-])err(?:or)?["']?(?:\[[^]]*\])?[:=!]""", re.IGNORECASE)
QUIET = re.compile(r"""["']?(?:=|[:=]["']?(?:0|false|none|null|nil|\[\]))["']?[,}]*$""", re.IGNORECASE)
"""The end of a token that says that there is none: `errors=0`, `"error":null`."""
NONE = frozenset(("0", "0,", "false", "false,", "none", "none,", "null", "null,", "[]", "[],"))
PASSES = frozenset(
    ("PASS", "PASSED", "SKIP", "SKIPPED", "XFAIL", "XFAILED", "XPASS", "Skipped", "ok", "ignored")
)
PHRASES = {
    **dict.fromkeys(
        ("exit code #", "exit code: #", "exited with #", "exit status #", "exited with code #"), FAILURE
    ),
    **dict.fromkeys(("return code: #", "returned code: #", "returned code #", "out of memory"), FAILURE),
    **dict.fromkeys(("core dumped", "caused by"), FAILURE),
    **dict.fromkeys(
        ("timed out", "could not", "can not", "too many", "no space", "no such", "not found"), TROUBLE
    ),
    **dict.fromkeys(("rolled back", "reset by", "shutting down", "bad gateway", "disk full"), TROUBLE),
    **dict.fromkeys(
        (f"{word} {status}" for word in ("http", "status", "code", "returned") for status in ("4xx", "5xx")),
        TROUBLE,
    ),
}
STARTS = frozenset(phrase.split()[0] for phrase in PHRASES)

NOTHING, WARNED, PHRASE, TROUBLED, FAILING, FAILED, HAS_PASSED = range(7)
"""What one token says."""
SHOUTED = frozenset(
    "FAIL FAILED FAILURE FAILURES ERROR ERRORS FATAL PANIC ERR SIGKILL SIGSEGV SIGABRT".split()  # noqa: SIM905
)
WORDS = {
    word: meaning
    for meaning, words in {
        FAILED: """fatal panic panicked segfault traceback segmentation killed oom oomkilled oomkill""",
        FAILING: """error errors errored fail fails failed failing failure failures exception exceptions""",
        TROUBLED: """critical denied refused reject rejects rejected rejecting rejection timeout timeouts
            time-out unreachable unavailable unhealthy unable abort aborts aborted
            aborting couldn't cannot can't corrupt corrupted corruption exhausted
            exhaustion exceed exceeds exceeded exceeding deadlock deadlocked overflow
            overflowed expired crash crashed crashes crashing crashloopbackoff evict
            evicted evicting eviction throttle throttled throttling rollback invalid
            unexpected mismatch mismatched missing undefined unauthorized unauthorised
            forbidden conflict conflicts conflicting dropped broken expected assert
            assertion""",
        WARNED: """warn warning warnings deprecated deprecation retry retrying retries slow degraded
            backoff back-off restart restarted restarting""",
    }.items()
    for word in words.split()
}
WEIGHTS = {WARNED: WARNING, TROUBLED: TROUBLE, FAILING: TROUBLE, FAILED: FAILURE}


STATED_LEVELS = (ROUTINE, WARNING, FAILURE)
LEVEL_STEP = 8
"""What a token says is its word, and LEVEL_STEP times the place of the level that it may state, from 1."""


class Severities(dict[str, int]):
    """How bad masked lines say things are, in bits; what each token says is remembered."""

    def __missing__(self, token: str) -> int:
        said = self[token] = _word(token) + LEVEL_STEP * _level(token)
        return said

    def of(self, template: str) -> float:
        """Words weigh half where a level says that all is well."""
        tokens = template.split(" ")
        says = [*map(self.__getitem__, tokens)]
        if not any(says):
            return ROUTINE
        said = self._said(tokens, [each % LEVEL_STEP for each in says])
        for each in says[:LEADING]:
            if each >= LEVEL_STEP:
                stated = STATED_LEVELS[each // LEVEL_STEP - 1]
                return FAILURE if stated == FAILURE else max(stated, min(said, TROUBLE) / 2)
        return said

    def _said(self, template: Sequence[str], words: Sequence[int]) -> float:
        worst, passed = ROUTINE, False
        for index, word in enumerate(words):
            if not word:
                continue
            before = template[index - 1].strip("\"'([=").lower() if index else ""
            if word == HAS_PASSED:
                passed = True
            elif word == PHRASE:
                start = " ".join(template[index : index + 4]).lower()
                worst = max(worst, *(bits for phrase, bits in PHRASES.items() if phrase in start), ROUTINE)
            elif (
                word in (FAILING, FAILED)
                and template[index].endswith((":", "="))
                and _is_none(template, index + 1)
            ):
                continue
            elif word == FAILING and before == "#":
                worst = FAILURE
            elif word != FAILING or before not in NEGATORS:
                worst = max(worst, WEIGHTS[word])
        return min(worst, WARNING) if passed else worst


def _is_none(template: Sequence[str], index: int) -> bool:
    return index < len(template) and template[index].lower() in NONE


def _word(token: str) -> int:
    if token in PASSES:
        return HAS_PASSED
    if token.isalpha():
        return _part(token)
    worst = NOTHING
    for part in PARTS.findall(token):
        if part.isdigit() or "/" in part:
            continue
        worst = max(worst, _part(part.strip(".'-")))
    if worst in (FAILING, FAILED) and QUIET.search(token):
        return NOTHING
    return FAILED if worst == FAILING and STATED.search(token) else worst


def _part(part: str) -> int:
    if part in SHOUTED or (part.endswith(NAMED) and part not in NAMED):
        return FAILED
    word = part.lower()
    if word in STARTS:
        return PHRASE
    return WORDS.get(word, WARNED if word.endswith("warning") else NOTHING)


def _level(token: str) -> int:
    """The place of the level that a token states, from 1; 0 when it states none."""
    level = _stated(token)
    return 0 if level is None else STATED_LEVELS.index(level) + 1


def _stated(token: str) -> float | None:
    if token.isalpha():
        return LEVELS.get(token.lower()) if token.isupper() else None
    if token in KLOG:
        return KLOG[token]
    if found := LEADING_WORD.match(token):
        before, word = found.groups()
        if word.isupper() or before.endswith(("[", "<")):
            level = LEVELS.get(word.lower())
            if level is not None:
                return level
    low = token.lower()
    if ("level" in low or "lvl" in low or "severity" in low) and (named := NAMED_LEVEL.search(low)):
        return LEVELS.get(named[1])
    return None
