"""Secrets by their names: `password=…` and its kin in environments, YAML, JSON, flags, XML and pairs."""

import re
from collections.abc import Callable, Iterator

from diagnose.evidence.redaction.checks import is_mixed, is_password, is_token
from diagnose.evidence.redaction.views import Found, View

WORDS = ("password", "passwd", "passwort", "passphrase", "pass", "pwd", "secret", "token", "key")
SUFFIX = (
    r"(?:e?s)?(?:[_.-]?(?:\d{1,3}|value|text|plain|plaintext|string|data|b64|base64|enc|old|new|current|previous|prod|"
    r"production|dev|test|staging|live|primary|secondary|main|admin|root|user|base|db))?"
)
NAME = re.compile(
    rf"(?P<before>.*?)(?P<word>{'|'.join(WORDS)})(?P<after>{SUFFIX})$", re.IGNORECASE | re.DOTALL
)
KEYS = re.compile(
    r"(?:api|access|private|account|auth|signing|signature|encryption|master|shared|secret|license|service|storage|"
    r"sess(?:ion)?|functions?|subscription|admin|write|integration|app|application|rest|webhook|cipher|hmac|crypto)$"
)
"""Which keys are secret: a partition key is not."""
NO_TOKENS = re.compile(
    r"(?:next|continuation|page|pagination|resume|sync|cancel|cancellation|idempotency|client|claim)$"
)
NOT_WITHIN_A_WORD = re.compile(r"[a-z]$")
LOGINS = re.compile(
    r"(?:db|user|root|admin|my|pg|redis|mysql|smtp|mail|ftp|api|proxy|auth|database|rabbitmq|amqp)$"
)

FIRST = r"[^\s\"'`<>&,;\\]"
REST = r"(?:[^\s\"'`<>&,;\\]|[\"'](?=\w)|[,;](?![\s\"'{\[]|$|[\w.-]{1,40}[\"']?[=:])|\\(?![nrtu\"'/\\]))"
FOLD = r"[ \t]*\\?\r?\n[ \t]*"
VALUE = re.compile(
    rf"(?:\"(?P<folded>[^\"\s]{{1,400}}(?:{FOLD}[^\"\s]{{1,400}}){{1,60}})\""
    r"|\"(?P<double>(?:[^\"\\\r\n]|\\.){1,4096})"
    r"|'(?P<single>(?:[^'\\\r\n]|\\.){1,4096})"
    r"|`(?P<ticked>[^`\r\n]{1,4096})"
    rf"|(?P<bare>{FIRST}{REST}{{0,4095}}))"
)
CLOSE = r"\\{0,3}[\"'`]?\]?"
BELOW = r"(?:[|>][+-]?)?[ \t]*\r?\n(?:[ \t]*(?=[\"'])|[ \t]+(?![\w.-]{1,60}[\"']?[ \t]*[:=]))"
"""The value is on the next line: in quotes, or further in than its name and no name itself."""
ASSIGNED = re.compile(
    rf"{SUFFIX}{CLOSE}"
    rf"(?:[ \t]{{0,40}}+(?:=>|:=|==?|[:\uff1a])[ \t]{{0,40}}+(?:{BELOW}|\\\r?\n[ \t]*)?|>(?=\S))"
    r"(?:[bruf]{1,2}(?=[\"']))?",
    re.IGNORECASE,
)
SPOKEN = re.compile(rf"{SUFFIX}[ \t]{{1,8}}(?:(?:is|was|to)[ \t:]{{1,8}})?(?=[\"'])", re.IGNORECASE)
"""In quotes, as SQL and people write it: PASSWORD 'x', the password is "x"."""
LOOSE = re.compile(
    rf"{SUFFIX}[\"'`]?[ \t|]{{1,8}}(?:(?:is|was|changed|set|reset|to)[ \t:]{{1,8}}){{0,4}}", re.IGNORECASE
)
"""With nothing but words and blanks between: then only what is made at random passes for a value."""
LOOSE_CHARS = {"password": 8}
FLAG = re.compile(rf"{SUFFIX}[ \t]{{1,8}}(?:\\\r?\n[ \t]*)?(?!-)", re.IGNORECASE)
PAIRED = re.compile(rf"{CLOSE}[ \t]{{0,40}}[:=]\s{{0,8}}", re.IGNORECASE)
NAMES = r"(?:name|key|variable|field|header|option|parameter(?:key|name)?)"
NAME_BEFORE = re.compile(
    rf"\b{NAMES}[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?(?P<name>[\w.-]{{1,80}})[\"']?[\s,]{{0,40}}[\"']?(?:parameter)?$",
    re.IGNORECASE,
)
NAME_AFTER = re.compile(
    rf"[\"']?[\s,]{{0,40}}[\"']?{NAMES}[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?(?P<name>[\w.-]{{1,80}})",
    re.IGNORECASE,
)
ARN = re.compile(r"arn:[\w:/\n-]{0,115}$")
WORKING_FOLDER = re.compile(r"(?:old)?pwd$", re.IGNORECASE)
NAME_CHARS = 60
SUFFIX_LETTERS = "esvtpdbcolmaruESVTPDBCOLMARU"


def kind_of_name(name: str) -> str | None:
    """The kind of secret that a name promises; None for any other name."""
    found = NAME.match(name[-NAME_CHARS:])
    if found is None:
        return None
    word, before = found["word"].lower(), found["before"]
    bare = re.sub(r"[\W_]", "", before).lower()
    if word == "key":
        return (
            ("aws-secret-key" if bare.endswith("secretaccess") else "secret") if KEYS.search(bare) else None
        )
    if word in ("token", "secret"):
        return None if word == "token" and NO_TOKENS.search(bare) else "secret"
    if word in ("pass", "pwd") and NOT_WITHIN_A_WORD.search(before) and not LOGINS.search(bare):
        return None
    return "password"


def is_value(kind: str, name: str, value: str) -> bool:
    """Whether the value can be what the name promises; several tokens are often a count of tokens."""
    if name.lower().endswith("s") and value.isdigit():
        return False
    if WORKING_FOLDER.match(name) and value.startswith("/"):
        return False
    return is_password(value) if kind == "password" else is_token(value)


def named_secrets(view: View) -> Iterator[Found]:
    """Each value that a name tells to be secret."""
    for word in WORDS:
        yield from _each(view, word, _after_name)
    yield from _each(view, "value", _of_pair)


def _each(view: View, word: str, secret_at: Callable[[View, int, int], Found | None]) -> Iterator[Found]:
    """What stands after each occurrence of the word, but for those within what was found already."""
    at, done = view.lowered.find(word), 0
    while at >= 0:
        if at >= done and (found := secret_at(view, at, at + len(word))):
            kind, _, done = found
            if kind:
                yield found
        at = view.lowered.find(word, at + 1)


def _after_name(view: View, start: int, end: int) -> Found | None:
    """The value after a name, its kind empty when it is no secret."""
    text = view.text
    if text[end : end + 1].isalpha() and text[end : end + 1] not in SUFFIX_LETTERS:
        return None
    begin, line_end = _name_start(text, start), view.line_end(end)
    name = text[begin:end]
    between = (ASSIGNED, SPOKEN, FLAG) if name.startswith("-") else (ASSIGNED, SPOKEN)
    found = next((span for way in between if (span := _value(way, text, end, line_end))), None)
    loose = found is None
    found = found or _value(LOOSE, text, end, line_end)
    if found is None:
        return None
    first, last = found
    kind = None if ARN.search(text, max(0, begin - 120), begin) else kind_of_name(name)
    plural = "s" if text[end : end + 1] == "s" else ""
    value = text[first:last]
    if kind and loose and not (is_mixed(value) and len(value) >= LOOSE_CHARS.get(kind, 16)):
        return None
    return (kind if kind and is_value(kind, name + plural, value) else "", first, last)


def _of_pair(view: View, start: int, end: int) -> Found | None:
    text, low = view.text, max(0, start - 160)
    found = _value(PAIRED, text, end, view.line_end(end))
    if found is None or not any(word in view.lowered[low : found[1] + 120] for word in WORDS):
        return None
    first, last = found
    named = NAME_BEFORE.search(text, low, start) or NAME_AFTER.match(text, last)
    kind = kind_of_name(named["name"]) if named else None
    return (kind if named and kind and is_value(kind, named["name"], text[first:last]) else "", first, last)


def _name_start(text: str, at: int) -> int:
    least = max(0, at - NAME_CHARS)
    while at > least and (text[at - 1].isalnum() or text[at - 1] in "_.-"):
        at -= 1
    return at


def _value(between: re.Pattern[str], text: str, at: int, limit: int) -> tuple[int, int] | None:
    """Where the value is that follows what stands between it and its name.

    A bracket that was opened before it, and the end of a sentence, are not of it.
    """
    begun = between.match(text, at, limit)
    found = VALUE.match(text, begun.end(), limit) if begun else None
    if found is None:
        return None
    kind = str(found.lastgroup)
    start, end = found.span(kind)
    if kind == "bare":
        value = found[kind]
        while len(value) > 1 and (value[-1] in ".,;:" or (value[-1] in ")]}" and not _opens(value))):
            value = value[:-1]
        end = start + len(value)
    return start, end


def _opens(value: str) -> bool:
    return {")": "(", "]": "[", "}": "{"}[value[-1]] in value
