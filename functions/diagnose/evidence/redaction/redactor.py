"""Secrets and personal data out of everything that is sent, each under the same placeholder throughout."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

from diagnose.evidence.redaction.checks import decoded
from diagnose.evidence.redaction.named import is_value, kind_of_name, named_secrets
from diagnose.evidence.redaction.personal import personal_data
from diagnose.evidence.redaction.rules import RULES, Rule
from diagnose.evidence.redaction.views import Found, Regions, View, around, unescaped, views_of

Redact = Callable[[Any], Any]
"""Gives back what it is given, without its secrets."""

KINDS = tuple(dict.fromkeys([*(rule.kind for rule in RULES), "password", "secret", "email", "card", "iban"]))
"""Of two that overlap, the earlier gives the name."""
PLACEHOLDER = re.compile(rf"\[redacted (?:{'|'.join(KINDS)})(?: \d{{1,9}})?\]")
PROVEN = frozenset({"card", "iban"})
"""Their check digits tell where they end, even when a line ends within."""
MASK = "\ufffc"
ENCODED = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}")
NAME_KEYS = frozenset(
    {"name", "key", "variable", "field", "header", "option", "parameterkey", "parametername"}
)
VALUE_KEYS = frozenset({"value", "parametervalue", "stringvalue", "val"})
MOST_ROUNDS = 4
"""What is replaced may uncover something beside it, so a text is looked at until nothing is found."""


class Redactor:
    """Redacts all that goes into one prompt; `off` are the kinds that are left as they are."""

    def __init__(self, off: Collection[str] = ()) -> None:
        self._kinds = frozenset(KINDS) - frozenset(off)
        self._rules = [rule for rule in RULES if rule.kind in self._kinds]
        self._numbers: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self._lock = Lock()

    def __call__(self, value: Any) -> Any:
        """The value without its secrets: texts, and maps and lists of them to any depth, keys too."""
        if type(value) is str:
            return self._text(value)
        if isinstance(value, Mapping):
            paired = _name_of_pair(value)
            return {
                self(key): self._named(
                    paired if paired and str(key).lower() in VALUE_KEYS else str(key), inner
                )
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(map(self, value))
        return value

    @property
    def counts(self) -> dict[str, int]:
        """How many secrets of each kind were found, each counted once."""
        return {kind: len(numbers) for kind, numbers in self._numbers.items() if numbers}

    def _named(self, name: str, value: Any) -> Any:
        kind = kind_of_name(name) if type(value) is str or isinstance(value, list) else None
        if kind not in self._kinds or kind is None:
            return self(value)
        if isinstance(value, list):
            return [self._named(name, inner) if type(inner) is str else self(inner) for inner in value]
        said = value.strip()
        if is_value(kind, name, said) and not PLACEHOLDER.search(value) and "\n" not in said:
            known = {found for found, _, _ in self._in_text(View(value))}
            return self._placeholder(min({*known, kind}, key=KINDS.index), said)
        return self(value)

    def _text(self, text: str) -> str:
        regions: Regions = [(0, len(text))]
        for _ in range(MOST_ROUNDS):
            masked = View(PLACEHOLDER.sub(lambda known: MASK * len(known.group()), text))
            spans = _united(self._in_text(masked if len(regions) == 1 else masked.excerpt(regions)))
            if not spans:
                break
            text, replaced = self._replaced(text, spans)
            regions = around(text, replaced)
        return text

    def _replaced(self, text: str, spans: Iterable[Found]) -> tuple[str, list[tuple[int, int]]]:
        """The text with placeholders, and where they are."""
        parts: list[str] = []
        replaced = []
        end = length = 0
        for kind, start, stop in spans:
            placeholder = self._placeholder(kind, text[start:stop])
            parts += [text[end:start], placeholder]
            length += start - end
            replaced.append((length, length + len(placeholder)))
            length += len(placeholder)
            end = stop
        return "".join([*parts, text[end:]]), replaced

    def _in_text(self, text: View) -> Iterator[Found]:
        for view in views_of(text):
            for kind, start, end in (*self._in_view(view), *self._in_base64(view)):
                stop = view.text.find(MASK, start, end)
                stop = end if stop < 0 else stop
                if start < stop:
                    yield kind, *view.origin(start, stop)

    def _in_view(self, view: View) -> Iterator[Found]:
        for rule in self._rules:
            yield from _by_rule(rule, view)
        for kind, start, end in (*named_secrets(view), *personal_data(view)):
            if kind in self._kinds:
                yield kind, start, end if kind in PROVEN else view.reach(start, end)

    def _in_base64(self, view: View) -> Iterator[Found]:
        """A text in base64 goes as a whole when there is a secret in what it says."""
        for found in ENCODED.finditer(view.text):
            end = view.reach(*found.span())
            said = decoded(view.text[found.start() : end])
            if said and (inner := list(self._in_view(View(said)))):
                yield min((kind for kind, _, _ in inner), key=KINDS.index), found.start(), end

    def _placeholder(self, kind: str, secret: str) -> str:
        with self._lock:
            number = self._numbers[kind].setdefault(unescaped(secret), len(self._numbers[kind]) + 1)
        return f"[redacted {kind} {number}]"


def notes_of(counts: Mapping[str, int]) -> list[str]:
    """What a ticket says of it: kinds and counts, no values."""
    told = ", ".join(f"{kind} {count}" for kind, count in counts.items())
    return [f"redacted before anything was sent: {told}"] if told else []


def without_numbers(text: str) -> str:
    """Another prompt's placeholders, whose numbers mean nothing in this one."""
    return PLACEHOLDER.sub(lambda known: re.sub(r" \d+", "", known.group()), text)


def _by_rule(rule: Rule, view: View) -> Iterator[Found]:
    text, pattern = view.lowered if rule.any_case else view.text, rule.pattern
    for word in rule.words:
        end = -1
        at = text.find(word)
        while at >= 0:
            if at >= end and (rule.inside or not text[at - 1 : at].isalnum()):
                found = pattern.match(view.text, at + len(word))
                if found:
                    start, stop = (
                        found.span("secret") if "secret" in pattern.groupindex else (at, found.end())
                    )
                    stop = stop if rule.exact else view.reach(start, stop)
                    if rule.check is None or rule.check(view.text[start:stop]):
                        yield rule.kind, start, stop
                        end = stop
            at = text.find(word, at + 1)


def _united(spans: Iterable[Found]) -> list[Found]:
    """Spans that overlap as one, under the name of the earliest kind among them."""
    united: list[Found] = []
    for kind, start, end in sorted(spans, key=lambda span: span[1:]):
        if united and start < united[-1][2]:
            first, begun, ended = united[-1]
            united[-1] = min(first, kind, key=KINDS.index), begun, max(end, ended)
        else:
            united.append((kind, start, end))
    return united


def _name_of_pair(value: Mapping[Any, Any]) -> str | None:
    """What a {name, value} pair is about."""
    names = [
        inner for key, inner in value.items() if str(key).lower() in NAME_KEYS and isinstance(inner, str)
    ]
    paired = any(str(key).lower() in VALUE_KEYS for key in value)
    return names[0] if len(names) == 1 and paired else None
