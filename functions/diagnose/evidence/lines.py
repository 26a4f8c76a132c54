"""Text of any shape as lines, none of which is cut in silence."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from runtime.both_ends import both_ends
from runtime.characters import cleaned_lines
from runtime.clock import iso
from tickets.moments import moment
from tickets.plain import as_json

MAX_LINE_CHARS = 2000
LEAST_CHARS = 80
PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
PAGE_END = re.compile(r"</html\s*>", re.IGNORECASE)
UNSEEN = [
    (re.compile(start, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for start, end in ((r"<script\b", r"</script\s*>"), (r"<style\b", r"</style\s*>"), ("<!--", "-->"))
]
TAG = re.compile(r"<[^<>]*>")
MESSAGES = ("message", "@message", "msg", "log", "textPayload")
"""Where log events keep their text, and when they happened."""
TIMES = ("timestamp", "@timestamp", "time", "ts", "datetime", "date", "eventTime")


def shown(value: Any) -> str:
    """A value as it stands in a line: text and numbers as they are, the rest as JSON."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else as_json(value)


def within(line: str, room: int, size: Callable[[str], int]) -> str:
    """The line, or its two ends in about `room`, as `size` counts; never less than LEAST_CHARS of it."""
    if len(line) <= LEAST_CHARS or (taken := size(line)) <= room:
        return line
    return both_ends(line, max(LEAST_CHARS, len(line) * max(0, room) // taken))


def one_item(text: str) -> str:
    """A text as one item: its further lines indented, a page of HTML as one line, both ends if it is long."""
    return both_ends("\n  ".join(cleaned_lines(_without_pages(text))).strip("\n "), MAX_LINE_CHARS)


def text_lines(text: str) -> list[str]:
    """The lines of a text that are not blank; a page of HTML is one."""
    return [
        line if len(line) <= MAX_LINE_CHARS else both_ends(line, MAX_LINE_CHARS)
        for line in cleaned_lines(_without_pages(text))
        if line and not line.isspace()
    ]


def log_lines(log: Any) -> tuple[str, ...]:
    """The lines of a log: a text, JSON, a list of lines, entries or events, or a map of such by source."""
    return tuple(_log_lines(log))


def _log_lines(log: Any) -> Iterator[str]:
    if isinstance(log, str):
        whole = _json(log) if log.lstrip()[:1] in ("[", "{") else None
        if whole is not None:
            yield from _log_lines(whole)
        else:
            lines = text_lines(log)
            yield from chain.from_iterable(map(_entry_lines, lines)) if "\\n" in log else lines
    elif isinstance(log, Mapping):
        yield from _event_lines(log) if _key(log, MESSAGES) else _by_source(log)
    elif isinstance(log, Sequence) and not _is_pair(log):
        for entry in log:
            yield from _log_lines(_as_map(entry))
    else:
        yield from text_lines(" ".join(map(shown, log)) if isinstance(log, Sequence) else shown(log))


def _by_source(logs: Mapping[str, Any]) -> Iterator[str]:
    """Each line behind the name of its source, where there is more than one."""
    texts = [name for name, log in logs.items() if isinstance(log, list | str)]
    for name, log in logs.items():
        if not isinstance(log, list | str):
            yield from text_lines(f"{name} = {shown(log)}")
        elif len(texts) == 1 and isinstance(log, list):
            yield from _log_lines(log)
        else:
            yield from text_lines("\n".join(f"{name}: {line}" for line in _log_lines(log)))


def _entry_lines(line: str) -> Iterator[str]:
    """A line, or the lines inside it: an event as JSON may hold a stack trace in one of its texts."""
    event = _json(line) if line.startswith("{") and "\\n" in line else None
    if isinstance(event, Mapping) and _key(event, MESSAGES):
        yield from _event_lines(event)
    else:
        yield line


def _event_lines(event: Mapping[str, Any]) -> Iterator[str]:
    """Time and message of an event, whatever else it holds behind its first line, then its further lines."""
    time, message = _key(event, TIMES), _key(event, MESSAGES)
    rest = {name: value for name, value in event.items() if name not in (time, message)}
    text = shown(event[message])
    if time:
        text = f"{_when(event[time])} {text}"
    first, *further = text_lines(text) or [""]
    long = {name: value for name, value in rest.items() if isinstance(value, str) and "\n" in value.strip()}
    short = {name: value for name, value in rest.items() if name not in long}
    yield from text_lines(f"{first} {shown(short)}" if short else first)
    yield from further
    for name, value in long.items():
        yield from text_lines(f"  {name}: {value}")


def _when(time: Any) -> str:
    """A time as written, but for epoch time, which nobody reads."""
    try:
        return iso(moment(time)) if not isinstance(time, str) or time.isdigit() else time
    except (ValueError, TypeError, AttributeError):
        return shown(time)


def _key(event: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((name for name in names if isinstance(event.get(name), str | int | Decimal)), "")


def _is_pair(entry: Sequence[Any]) -> bool:
    """Whether it is a time and its text, as Loki has them."""
    return len(entry) == 2 and isinstance(entry[0], str) and entry[0].isdigit() and isinstance(entry[1], str)


def _as_map(entry: Any) -> Any:
    """A row of CloudWatch Logs Insights, a list of fields and values, as a map."""
    if not isinstance(entry, list) or not entry:
        return entry
    if not all(isinstance(field, Mapping) and {"field", "value"} <= field.keys() for field in entry):
        return entry
    return {str(field["field"]): field["value"] for field in entry}


def _json(text: str) -> Any:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


def _without_pages(text: str) -> str:
    """The text, each whole page of HTML in it replaced by what a reader of the page sees, in one line."""
    if "</" not in text or "</html" not in text.lower():
        return text
    parts: list[str] = []
    at = 0
    while (start := PAGE.search(text, at)) and (end := PAGE_END.search(text, start.end())):
        page = text[start.start() : end.end()]
        seen = page
        for begins, ends in UNSEEN:
            seen = _without(seen, begins, ends)
        said = " ".join(TAG.sub(" ", seen).split())
        parts += [
            text[at : start.start()],
            f"(a page of HTML, {len(page)} characters: {both_ends(said, 500)})",
        ]
        at = end.end()
    return "".join([*parts, text[at:]])


def _without(text: str, begins: re.Pattern[str], ends: re.Pattern[str]) -> str:
    """The text without what stands between the two, in time that grows with its length and no faster."""
    parts: list[str] = []
    at = 0
    while (start := begins.search(text, at)) and (end := ends.search(text, start.end())):
        parts.append(text[at : start.start()])
        at = end.end()
    return " ".join([*parts, text[at:]])
