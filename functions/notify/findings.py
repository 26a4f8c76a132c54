"""What a ticket says of its diagnosis, by whatever is stored: a record of this version, an older one, none.

Everything is optional and nothing is trusted: what is missing or is of another type is left out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rendering.labels import VERDICTS
from tickets.states import DiagnosisStatus

MARKS = re.compile(r"[#*`]+")
MOST_ENTRIES = 50
BEGINNING_CHARS = 4000
"""Of the text that is read where there is no record."""


@dataclass(frozen=True)
class Hop:
    """One step of the causal chain."""

    way: str
    since: str
    how: str


@dataclass(frozen=True)
class Command:
    """A command, what code says that it does ("" where it is not known), and what it is for."""

    command: str
    effect: str
    why: str
    marks: tuple[str, ...]
    purpose: str


@dataclass(frozen=True)
class Origin:
    """Where a known cause comes from: a ticket, when it was diagnosed, who confirmed it and when."""

    ticket_id: str
    diagnosed_at: str
    confirmed_by: str
    confirmed_at: str


@dataclass(frozen=True)
class Findings:
    """The diagnosis as far as it can be read; "" and () where it says nothing; `verdict` is of VERDICTS."""

    verdict: str = ""
    headline: str = ""
    cause: str = ""
    action: str = ""
    severity: str = ""
    confidence: str = ""
    said: str = ""
    reasons: tuple[str, ...] = ()
    chain: tuple[Hop, ...] = ()
    commands: tuple[Command, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    known_cause: Origin | None = None
    """Where it was upheld in place of a full diagnosis."""
    beginning: str = ""
    """How the text for people begins, where there is no record to read."""


def findings_of(item: Mapping[str, Any]) -> Findings:
    """The findings of a ticket's item: none of one that failed, whose record is gone or of an earlier run."""
    status = item.get("diagnosis_status")
    if status == DiagnosisStatus.FAILED:
        return Findings()
    record = _map(item.get("diagnosis_record"))
    answer = _map(record.get("answer")) or record
    primary, confidence = _map(answer.get("primary")), _map(record.get("confidence"))
    verdict, shown = _text(answer.get("verdict")), _text(confidence.get("shown"))
    found = Findings(
        verdict=verdict if verdict in VERDICTS else "",
        headline=_text(answer.get("headline")),
        cause=_text(primary.get("diagnosis")),
        action=_text(answer.get("recommended_action")),
        severity=_text(answer.get("severity")),
        confidence=shown or _text(primary.get("confidence")),
        said=_text(confidence.get("said")),
        reasons=_texts(confidence.get("reasons")),
        chain=tuple(_hops(primary.get("chain"))),
        commands=tuple(_commands(answer.get("commands"), record.get("commands"))),
        not_looked_at=(*_texts(record.get("not_looked_at")), *_missing(answer.get("missing_data"))),
        known_cause=_origin(record.get("known_cause")),
    )
    if found.cause or found.headline:
        return found
    text = _text(item.get("diagnosis")) if status == DiagnosisStatus.DONE else ""
    return Findings(verdict=found.verdict, beginning=_prose(text[:BEGINNING_CHARS]))


def _origin(known: Any) -> Origin | None:
    told = _map(known)
    if not (ticket_id := _text(told.get("ticket_id"))):
        return None
    names = ("diagnosed_at", "confirmed_by", "confirmed_at")
    return Origin(ticket_id, *(_text(told.get(name)) for name in names))


def _hops(chain: Any) -> Iterable[Hop]:
    for hop in _maps(chain):
        from_, to = _text(hop.get("from_component")), _text(hop.get("to_component"))
        if from_ or to:
            yield Hop(f"{from_} → {to}", _text(hop.get("since")), _text(hop.get("how")))


def _commands(commands: Any, judged: Any) -> Iterable[Command]:
    """Each with what code said of it, which stands at the same place of the other list."""
    said = judged if isinstance(judged, Sequence) and not isinstance(judged, str) else ()
    for place, command in enumerate(commands if isinstance(commands, list) else ()):
        told, of_code = _map(command), _map(said[place] if place < len(said) else None)
        if (text := _text(told.get("command"))) and place < MOST_ENTRIES:
            yield Command(
                text,
                _text(of_code.get("effect")),
                _text(of_code.get("why")),
                _texts(of_code.get("marks")),
                _text(told.get("purpose")),
            )


def _missing(missing: Any) -> Iterable[str]:
    for each in _maps(missing):
        what, where = _text(each.get("what")), _text(each.get("where"))
        if what:
            yield f"missing: {what} (in {where})" if where else f"missing: {what}"


def _prose(markdown: str) -> str:
    """Our own Markdown in one line, without its marks."""
    return " ".join(MARKS.sub(" ", markdown).split())


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(value: Any) -> list[Mapping[str, Any]]:
    listed = value[:MOST_ENTRIES] if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, Mapping)]


def _texts(value: Any) -> tuple[str, ...]:
    listed = value[:MOST_ENTRIES] if isinstance(value, list) else []
    return tuple(each for each in listed if isinstance(each, str) and each.strip())


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
